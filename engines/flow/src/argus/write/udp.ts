/** Records as datagrams, one each: `argus-udp://host:port`. */
import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import type { FlowRecord } from '../../record/record.ts';
import { argusError } from '../errors.ts';
import type { RecordOutput } from './output.ts';

export const ARGUS_PORT = 561;
/** The largest datagram's payload. */
const MAX_DATAGRAM_BYTES = 65507;
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/** @returns undefined when the text is no such address */
export function parseUdpUrl(text: string): { host: string; port: number } | undefined {
  const match = /^(?:argus-)?udp:\/\/(\[[0-9a-fA-F:.]+\]|[^:/]*)(?::(\d{1,5}))?$/.exec(text);
  if (match === null) return undefined;
  const port = match[2] === undefined ? ARGUS_PORT : Number(match[2]);
  return { host: (match[1] as string).replace(/^\[|\]$/g, ''), port };
}

export class UdpOutput implements RecordOutput {
  /** Records that no datagram holds, that the kernel refused, or that came faster than they went. */
  dropped = 0;
  #waiting = 0;
  #waitingBytes = 0;
  readonly #socket: Socket;
  readonly #port: number;
  readonly #host: string;

  private constructor(socket: Socket, host: string, port: number) {
    this.#socket = socket;
    this.#host = host;
    this.#port = port;
  }

  /** @throws UndercroftError `flow.argus.write` when the name has no address */
  static async open(host: string, port: number, greeting: Uint8Array): Promise<UdpOutput> {
    try {
      const { address, family } = await lookup(host);
      const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
      // Nobody listening is no error for a datagram.
      socket.on('error', () => {});
      await new Promise<void>((resolve) => socket.bind(resolve));
      const output = new UdpOutput(socket, address, port);
      output.#send(greeting);
      return output;
    } catch (error) {
      throw argusError('write', `argus-udp://${host}: ${(error as Error).message}`, error);
    }
  }

  write(_record: FlowRecord, bytes: Uint8Array): void {
    this.#send(bytes);
  }

  /** Datagrams wait for nobody but their turn. */
  async flush(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  async close(): Promise<void> {
    while (this.#waiting > 0) await this.flush();
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  #send(bytes: Uint8Array): void {
    if (bytes.length > MAX_DATAGRAM_BYTES || this.#waitingBytes > MAX_WAITING_BYTES) {
      this.dropped += 1;
      return;
    }
    this.#waiting += 1;
    this.#waitingBytes += bytes.length;
    this.#socket.send(bytes.slice(), this.#port, this.#host, (error) => {
      this.#waiting -= 1;
      this.#waitingBytes -= bytes.length;
      if (error) this.dropped += 1;
    });
  }
}
