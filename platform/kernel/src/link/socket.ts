/** Where the roles of one machine meet: a Unix socket below the data folder, and a secret that only they were given. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { UndercroftError } from '../errors.ts';
import { Peer, type PeerHandlers } from './peer.ts';

/** Linux takes 107 bytes for the path of a socket. */
const MAX_SOCKET_PATH = 100;
const HELLO_TIMEOUT_MS = 5_000;

/** A path short enough, the same for the same data folder. */
export function linkSocketPath(dataDir: string): string {
  const path = join(dataDir, 'run', 'link.sock');
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH) return path;
  const uid = process.getuid?.() ?? 0;
  return join(tmpdir(), `undercroft-${uid}`, `${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}.sock`);
}

export interface LinkHello {
  readonly role: string;
}

/** The server's end. `join` is called for each role that proved the secret. */
export async function listenLink(
  path: string,
  secret: string,
  join: (hello: LinkHello, peer: Peer) => PeerHandlers,
): Promise<{ close(): Promise<void> }> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  rmSync(path, { force: true });
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    accept(socket, secret, join);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    const mask = process.umask(0o177);
    server.listen(path, resolve);
    process.umask(mask);
  });
  return {
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      rmSync(path, { force: true });
    },
  };
}

function accept(socket: Socket, secret: string, join: (hello: LinkHello, peer: Peer) => PeerHandlers): void {
  let joined: PeerHandlers | undefined;
  const late = setTimeout(() => socket.destroy(), HELLO_TIMEOUT_MS);
  late.unref();
  const refused = (): never => {
    throw new UndercroftError('kernel.link.refused', 'The process did not introduce itself.', { status: 403 });
  };
  const peer: Peer = new Peer(socket, {
    async call(service, method, args) {
      if (joined !== undefined) return joined.call(service, method, args);
      if (service !== 'link' || method !== 'hello') refused();
      const [offered, hello] = args as [string, LinkHello];
      if (!sameSecret(offered, secret)) refused();
      clearTimeout(late);
      joined = join(hello, peer);
      return true;
    },
    tell: (topic, data) => joined?.tell(topic, data),
    closed: (error) => {
      clearTimeout(late);
      joined?.closed(error);
    },
  });
}

/** A role's end. @throws when the server is not there or refuses */
export async function connectLink(
  path: string,
  secret: string,
  hello: LinkHello,
  handlers: PeerHandlers,
): Promise<Peer> {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const peer = new Peer(socket, handlers);
  await peer.call('link', 'hello', [secret, hello], HELLO_TIMEOUT_MS);
  return peer;
}

function sameSecret(offered: unknown, secret: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return typeof offered === 'string' && timingSafeEqual(digest(offered), digest(secret));
}
