/** The live stream of a server (argus, radium, ours): greeting, filter, start, records. */
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { RecordBatch } from '../../record/batch.ts';
import { argusError } from '../errors.ts';
import { decodeChunk } from '../read/source.ts';
import { StreamDecoder } from '../read/stream-decoder.ts';
import { MANAGEMENT_BYTES, STATUS_SASL } from '../wire/format.ts';

const CONNECT_DEADLINE_MS = 10_000;
/** A server is silent when it says nothing for this many of its management intervals. */
const SILENT_INTERVALS = 2;
const RETRY_FIRST_MS = 1000;
const RETRY_LAST_MS = 30_000;

export interface RemoteStream {
  readonly host: string;
  readonly port: number;
  /** Sent to the server, which then sends only what it accepts. */
  readonly filter?: string;
  readonly tls?: ConnectionOptions;
}

/**
 * Records until the server ends the stream or `signal` does.
 *
 * @throws UndercroftError `flow.argus.connect` when it cannot be reached, `flow.argus.refused` when it turns us away or
 * wants SASL, `flow.argus.filter` when it does not understand the filter, `flow.argus.silent` when it says nothing
 */
export async function* readStream(remote: RemoteStream, signal: AbortSignal): AsyncGenerator<RecordBatch> {
  const name = `${remote.host}:${remote.port}`;
  const socket = await connected(remote, name, signal);
  const abort = (): void => void socket.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    const chunks = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const heard = new Hearing(chunks);
    const greeting = await heard.take(MANAGEMENT_BYTES, name);
    checkGreeting(greeting, name);
    const intervalS = greeting.readUInt16BE(46) || 60;
    if (remote.filter !== undefined && remote.filter !== '') {
      // Management records too: they say that the server lives.
      socket.write(`FILTER: man or (${remote.filter})`);
      const answer = (await heard.take(2, name)).toString('latin1');
      if (answer !== 'OK') throw argusError('filter', `${name} does not take the filter: ${remote.filter}`);
    }
    socket.write('START: ');
    socket.setTimeout(intervalS * SILENT_INTERVALS * 1000, () =>
      socket.destroy(argusError('silent', `${name} says nothing`)),
    );
    const decoder = new StreamDecoder();
    yield* decodeChunk(decoder, greeting);
    for (let chunk = await heard.next(); chunk !== undefined; chunk = await heard.next()) {
      yield* decodeChunk(decoder, chunk);
      if (decoder.ended) return;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', abort);
    if (!socket.destroyed) socket.end('DONE: ');
    socket.destroySoon();
  }
}

/** Bytes as they come, some of them by count. */
class Hearing {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterator<Buffer>) {
    this.#chunks = chunks;
  }

  async take(bytes: number, name: string): Promise<Buffer> {
    while (this.#rest.length < bytes) {
      const { done, value } = await this.#chunks.next();
      if (done === true) throw argusError('refused', `${name} closed the connection`);
      this.#rest = Buffer.concat([this.#rest, value]);
    }
    const taken = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(bytes);
    return taken;
  }

  async next(): Promise<Buffer | undefined> {
    if (this.#rest.length > 0) {
      const rest = this.#rest;
      this.#rest = Buffer.alloc(0);
      return rest;
    }
    const { done, value } = await this.#chunks.next();
    return done === true ? undefined : value;
  }
}

function checkGreeting(greeting: Buffer, name: string): void {
  if (greeting.readUInt8(1) >> 4 === 8) {
    const why = (greeting.readUInt8(1) & 15) === 2 ? 'has too many clients' : 'denies access';
    throw argusError('refused', `${name} ${why}`);
  }
  if (greeting.readUInt32BE(4) & STATUS_SASL) {
    throw argusError('refused', `${name} wants SASL, which is not offered: use TLS or a tunnel`);
  }
}

async function connected(remote: RemoteStream, name: string, signal: AbortSignal): Promise<Socket> {
  const { host, port, tls } = remote;
  const socket = tls === undefined ? connect({ host, port }) : connectTls({ ...tls, host, port });
  try {
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => reject(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      socket.setTimeout(CONNECT_DEADLINE_MS, () => reject(new Error('no answer')));
      socket.once('error', reject);
      socket.once('close', () => signal.removeEventListener('abort', abort));
      socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
        signal.removeEventListener('abort', abort);
        resolve();
      });
    });
  } catch (error) {
    socket.destroy();
    throw argusError('connect', `${name}: ${(error as Error).message}`, error);
  }
  socket.setTimeout(0);
  return socket;
}

/** What became of a stream that is followed. */
export interface StreamTrouble {
  readonly error: Error | undefined;
  readonly retryMs: number;
}

/** Like {@link readStream}, but connects again, ever more slowly, until `signal` ends it. */
export async function* followStream(
  remote: RemoteStream,
  signal: AbortSignal,
  onTrouble: (trouble: StreamTrouble) => void,
): AsyncGenerator<RecordBatch> {
  let retryMs = RETRY_FIRST_MS;
  while (!signal.aborted) {
    let error: Error | undefined;
    try {
      for await (const batch of readStream(remote, signal)) {
        retryMs = RETRY_FIRST_MS;
        yield batch;
      }
    } catch (caught) {
      error = caught as Error;
    }
    if (signal.aborted) return;
    onTrouble({ error, retryMs });
    await pause(retryMs, signal);
    retryMs = Math.min(retryMs * 2, RETRY_LAST_MS);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
