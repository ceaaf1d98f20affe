/** Records that come as datagrams, from any number of senders. */
import { createSocket, type Socket } from 'node:dgram';
import type { RecordBatch } from '../../record/batch.ts';
import { argusError } from '../errors.ts';
import { decodeChunk } from '../read/source.ts';
import { StreamDecoder } from '../read/stream-decoder.ts';

const MAX_WAITING_BYTES = 8 * 1024 * 1024;

export class UdpStream {
  /** Datagrams dropped because they came faster than they were read. */
  dropped = 0;
  readonly #socket: Socket;
  readonly #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #wake: (() => void) | undefined;
  #closed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (datagram) => {
      if (this.#waitingBytes + datagram.length > MAX_WAITING_BYTES) {
        this.dropped += 1;
        return;
      }
      this.#waiting.push(datagram);
      this.#waitingBytes += datagram.length;
      this.#wake?.();
    });
    socket.on('close', () => {
      this.#closed = true;
      this.#wake?.();
    });
  }

  /** @throws UndercroftError `flow.argus.listen` */
  static async bind(host: string, port: number): Promise<UdpStream> {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', (error) =>
        reject(argusError('listen', `argus-udp://${host}:${port}: ${error.message}`, error)),
      );
      socket.bind(port, host === '' ? undefined : host, resolve);
    });
    return new UdpStream(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Each datagram holds whole records; the rest of a torn one is dropped. */
  async *read(signal: AbortSignal): AsyncGenerator<RecordBatch> {
    const abort = (): void => this.close();
    signal.addEventListener('abort', abort, { once: true });
    const decoder = new StreamDecoder({ greeted: true });
    try {
      while (true) {
        const datagram = this.#waiting.shift();
        if (datagram !== undefined) {
          this.#waitingBytes -= datagram.length;
          yield* decodeChunk(decoder, datagram);
          decoder.skipTo(0);
          continue;
        }
        if (this.#closed) return;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
      }
    } finally {
      signal.removeEventListener('abort', abort);
      this.close();
    }
  }

  close(): void {
    if (!this.#closed) this.#socket.close();
    this.#closed = true;
  }
}
