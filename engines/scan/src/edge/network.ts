/** The scan's hands: connections and conversations over Node's sockets. */
import { lookup } from 'node:dns/promises';
import { connect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import type { ScannedPort } from '@undercroft/kernel';
import type { ConnectOutcome, ScanWorld } from '../engine/scan.ts';
import { identify, MAX_REPLY_BYTES, printable, type ServiceFacts } from '../language/fingerprints.ts';

/** Services that greet do so within this time. */
const GREETING_MS = 700;
const REPLY_MS = 1_500;
const TLS_MS = 3_000;

const REASONS: Readonly<Record<string, ConnectOutcome>> = {
  ECONNREFUSED: { state: 'closed', reason: 'conn-refused' },
  ECONNRESET: { state: 'closed', reason: 'reset' },
  EHOSTUNREACH: { state: 'filtered', reason: 'host-unreach' },
  ENETUNREACH: { state: 'filtered', reason: 'net-unreach' },
  EACCES: { state: 'filtered', reason: 'perm-denied' },
  EPERM: { state: 'filtered', reason: 'perm-denied' },
  EHOSTDOWN: { state: 'filtered', reason: 'host-unreach' },
};

export const network: ScanWorld = {
  connect: (address, port, timeoutMs, signal) =>
    new Promise((resolve) => {
      const socket = connect({ host: address, port });
      const done = (outcome: ConnectOutcome): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        socket.destroy();
        resolve(outcome);
      };
      const silent = (): void => done({ state: 'filtered', reason: 'no-response' });
      const onAbort = silent;
      const timer = setTimeout(silent, timeoutMs);
      signal.addEventListener('abort', onAbort, { once: true });
      socket.once('connect', () => {
        // A connection to one's own ephemeral port can meet itself; nobody listens there.
        const self = socket.localPort === port && socket.localAddress === socket.remoteAddress;
        done(self ? { state: 'closed', reason: 'conn-refused' } : { state: 'open', reason: 'syn-ack' });
      });
      socket.once('error', (error: NodeJS.ErrnoException) =>
        done(REASONS[error.code ?? ''] ?? { state: 'filtered', reason: 'no-response' }),
      );
    }),
  inspect,
  resolve: async (name) => (await lookup(name)).address,
};

/** First listen, then ask as a web browser, then offer TLS: each step only when the one before said nothing. */
async function inspect(address: string, port: number, signal: AbortSignal): Promise<Partial<ScannedPort>> {
  const greeting = await converse(address, port, undefined, GREETING_MS, signal);
  if (greeting !== '') return described(greeting);
  const tls = await tlsFacts(address, port, signal);
  if (tls !== undefined) return tls;
  const reply = await converse(
    address,
    port,
    `GET / HTTP/1.0\r\nHost: ${address.includes(':') ? `[${address}]` : address}\r\nUser-Agent: Undercroft\r\n\r\n`,
    REPLY_MS,
    signal,
  );
  return reply === '' ? {} : described(reply);
}

function described(reply: string): Partial<ScannedPort> {
  return { ...facts(identify(reply)), banner: printable(reply) };
}

function facts(found: ServiceFacts | undefined): Partial<ScannedPort> {
  if (found === undefined) return {};
  const { service, product, version } = found;
  return { service, ...(product === undefined ? {} : { product }), ...(version === undefined ? {} : { version }) };
}

/** What the other side says, to a question or by itself, as latin1 text. Empty when it says nothing. */
function converse(
  address: string,
  port: number,
  question: string | undefined,
  waitMs: number,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    collect(socket, waitMs, signal, resolve);
    if (question !== undefined) socket.once('connect', () => socket.write(question));
  });
}

function collect(socket: Socket, waitMs: number, signal: AbortSignal, resolve: (text: string) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const done = (): void => {
    clearTimeout(timer);
    signal.removeEventListener('abort', done);
    socket.destroy();
    resolve(Buffer.concat(chunks).toString('latin1').slice(0, MAX_REPLY_BYTES));
  };
  const timer = setTimeout(done, waitMs);
  signal.addEventListener('abort', done, { once: true });
  let pause: NodeJS.Timeout | undefined;
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    // What was to be said comes at once; a short pause ends it, and so does a flood.
    clearTimeout(pause);
    if (bytes >= MAX_REPLY_BYTES) done();
    else pause = setTimeout(done, 50);
  });
  socket.once('error', done);
  socket.once('close', () => {
    clearTimeout(pause);
    done();
  });
}

/** The certificate and, behind it, what an HTTPS server calls itself. */
function tlsFacts(address: string, port: number, signal: AbortSignal): Promise<Partial<ScannedPort> | undefined> {
  return new Promise((resolve) => {
    // The point is to see whatever certificate is there, valid or not; nothing secret is sent.
    const socket = tlsConnect({
      host: address,
      port,
      rejectUnauthorized: false,
      minVersion: 'TLSv1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    const fail = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', fail);
      socket.destroy();
      resolve(undefined);
    };
    const timer = setTimeout(fail, TLS_MS);
    signal.addEventListener('abort', fail, { once: true });
    socket.once('error', fail);
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', fail);
      const certificate = socket.getPeerCertificate();
      const tls = {
        subject: name(certificate.subject),
        issuer: name(certificate.issuer),
        notAfterUs: Date.parse(certificate.valid_to) * 1000,
        sha256: (certificate.fingerprint256 ?? '').replaceAll(':', '').toLowerCase(),
        protocol: socket.getProtocol() ?? '',
      };
      socket.write('GET / HTTP/1.0\r\n\r\n');
      collect(socket, REPLY_MS, signal, (reply) => {
        const found = reply === '' ? undefined : described(reply);
        resolve({
          ...found,
          ...(found?.service === 'http' ? { service: 'https' } : {}),
          ...(certificate.valid_to === undefined ? {} : { tls }),
        });
      });
    });
  });
}

function name(parts: Readonly<Record<string, string | string[] | undefined>> | undefined): string {
  return Object.entries(parts ?? {})
    .map(([key, value]) => `${key}=${Array.isArray(value) ? value.join('+') : value}`)
    .join(', ');
}
