/**
 * The live stream, by default on TCP 561: a greeting, then what the client asks in text (`FILTER: …`, `START: `,
 * `DONE: `), then records. Each client has a filter and a bounded queue of its own: what does not fit is dropped for this
 * client alone, and counted.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { CAUSE_ERROR } from '../../record/layout.ts';
import { FlowRecord } from '../../record/record.ts';
import { argusError } from '../errors.ts';
import { RecordEncoder } from '../wire/encode.ts';
import { REFUSED_TOO_MANY, type StreamHead, setManagement } from '../wire/encode-management.ts';
import type { FilterCompiler, RecordFilter, RecordOutput } from '../write/output.ts';

const MAX_CLIENTS = 32;
const MAX_QUEUE_BYTES = 8 * 1024 * 1024;
/** Records are sent in chunks of about this much. */
const CHUNK_BYTES = 32 * 1024;
/** The longest request: a filter. */
const MAX_REQUEST_BYTES = 16 * 1024;
/** Who has asked for nothing by then is let go. */
const REQUEST_DEADLINE_MS = 30_000;

export interface RecordServerOptions {
  readonly port: number;
  /** Address to listen on; loopback if none is given. */
  readonly host?: string;
  readonly maxClients?: number;
  readonly maxQueueBytes?: number;
  /** With it the stream is inside TLS. */
  readonly tls?: TlsOptions;
  readonly head: StreamHead;
  readonly greeting: () => Uint8Array;
  readonly nowUs: () => number;
  readonly compileFilter: FilterCompiler;
}

export interface RecordClient {
  readonly address: string;
  readonly filter: string;
  readonly started: boolean;
  readonly sent: number;
  readonly dropped: number;
}

interface Client {
  readonly socket: Socket;
  readonly address: string;
  readonly deadline: NodeJS.Timeout;
  request: string;
  filterText: string;
  filter: RecordFilter | undefined;
  started: boolean;
  sent: number;
  dropped: number;
  chunk: Uint8Array;
  used: number;
}

export class RecordServer implements RecordOutput {
  readonly #options: RecordServerOptions;
  readonly #server: Server;
  readonly #clients = new Set<Client>();
  readonly #refusalEncoder = new RecordEncoder();
  /** Dropped for clients that have gone. */
  #droppedBefore = 0;
  /** Clients turned away because there were too many. */
  refused = 0;

  private constructor(options: RecordServerOptions) {
    this.#options = options;
    const serve = (socket: Socket): void => this.#serve(socket);
    this.#server = options.tls === undefined ? createServer(serve) : createTlsServer(options.tls, serve);
    this.#server.on('tlsClientError', () => {});
  }

  /** @throws UndercroftError `flow.argus.listen` when the address cannot be had */
  static async listen(options: RecordServerOptions): Promise<RecordServer> {
    const server = new RecordServer(options);
    const host = options.host ?? '127.0.0.1';
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', (error) =>
        reject(argusError('listen', `${host}:${options.port}: ${error.message}`, error)),
      );
      server.#server.listen(options.port, host, resolve);
    });
    return server;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : this.#options.port;
  }

  get clients(): readonly RecordClient[] {
    return [...this.#clients].map(({ address, filterText, started, sent, dropped }) => ({
      address,
      filter: filterText,
      started,
      sent,
      dropped,
    }));
  }

  get dropped(): number {
    let sum = this.#droppedBefore;
    for (const client of this.#clients) sum += client.dropped;
    return sum;
  }

  write(record: FlowRecord, bytes: Uint8Array): void {
    const limit = this.#options.maxQueueBytes ?? MAX_QUEUE_BYTES;
    for (const client of this.#clients) {
      if (!client.started || (client.filter !== undefined && !client.filter(record))) continue;
      if (client.socket.writableLength + client.used + bytes.length > limit) {
        client.dropped += 1;
        continue;
      }
      client.sent += 1;
      if (client.used + bytes.length > client.chunk.length) send(client);
      if (bytes.length > client.chunk.length) client.socket.write(bytes.slice());
      else {
        client.chunk.set(bytes, client.used);
        client.used += bytes.length;
      }
    }
  }

  /** Sends what has gathered; a slow client is waited for by nobody. */
  async flush(): Promise<void> {
    for (const client of this.#clients) send(client);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const client of this.#clients) {
      send(client);
      client.socket.end();
      // Who does not read is not waited for.
      client.socket.setTimeout(2000, () => client.socket.destroy());
    }
    await closed;
  }

  #serve(socket: Socket): void {
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    if (this.#clients.size >= (this.#options.maxClients ?? MAX_CLIENTS)) {
      this.#refuse(socket);
      return;
    }
    const client: Client = {
      socket,
      address: `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`,
      deadline: setTimeout(() => socket.destroy(), REQUEST_DEADLINE_MS),
      request: '',
      filterText: '',
      filter: undefined,
      started: false,
      sent: 0,
      dropped: 0,
      chunk: new Uint8Array(CHUNK_BYTES),
      used: 0,
    };
    this.#clients.add(client);
    socket.on('data', (bytes: Buffer) => this.#hear(client, bytes));
    socket.on('close', () => {
      clearTimeout(client.deadline);
      this.#clients.delete(client);
      this.#droppedBefore += client.dropped;
    });
    socket.write(this.#options.greeting());
  }

  #refuse(socket: Socket): void {
    this.refused += 1;
    const record = new FlowRecord();
    setManagement(record, CAUSE_ERROR | REFUSED_TOO_MANY, this.#options.head, this.#options.nowUs(), 0);
    socket.end(this.#refusalEncoder.encode(record).slice());
    socket.setTimeout(2000, () => socket.destroy());
    socket.resume();
  }

  /** Requests have no end of their own: each comes in one piece, or runs up to the next that is known. */
  #hear(client: Client, bytes: Buffer): void {
    client.request += bytes.toString('latin1');
    if (client.request.length > MAX_REQUEST_BYTES) {
      client.socket.destroy();
      return;
    }
    const requests = client.request.split(/(?=FILTER:|START:|DONE:|MODEL:|PROJECT:|FILE:)/);
    client.request = '';
    for (const request of requests) this.#answer(client, request.replaceAll('\0', '').trim());
  }

  #answer(client: Client, request: string): void {
    if (request.startsWith('FILTER:')) {
      try {
        client.filterText = request.slice(7).trim();
        client.filter = client.filterText === '' ? undefined : this.#options.compileFilter(client.filterText);
        client.socket.write('OK');
      } catch {
        client.socket.end('SY');
      }
    } else if (request.startsWith('START:')) {
      clearTimeout(client.deadline);
      client.started = true;
    } else if (request.startsWith('DONE:')) {
      client.started = false;
      client.socket.end();
    }
  }
}

function send(client: Client): void {
  if (client.used === 0) return;
  client.socket.write(client.chunk.subarray(0, client.used));
  client.chunk = new Uint8Array(CHUNK_BYTES);
  client.used = 0;
}
