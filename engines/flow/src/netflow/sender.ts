/** Sends messages of an encoder over UDP, no faster than asked, so that receivers' buffers and links hold. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';

export interface SenderOptions {
  readonly host: string;
  readonly port: number;
  /** 0 for as fast as it goes; 20 Mbit/s if absent. */
  readonly bitsPerSecond?: number;
  /** Messages that wait at most; further ones are dropped and counted. 4096 if absent. */
  readonly maxQueued?: number;
  readonly monotonicMs: () => number;
}

const DEFAULT_BPS = 20_000_000;
const DEFAULT_QUEUED = 4096;
/** UDP, IP and Ethernet around each message. */
const OVERHEAD_BYTES = 46;
const BURST_MS = 20;
const TICK_MS = 10;

export class UdpSender {
  readonly counters = { messages: 0, bytes: 0, dropped: 0, errors: 0 };
  readonly #options: SenderOptions;
  readonly #socket: Socket;
  readonly #queue: Uint8Array[] = [];
  readonly #bytesPerMs: number;
  #allowance: number;
  #lastMs: number;
  #timer: NodeJS.Timeout | null = null;
  #inFlight = 0;
  #idle: (() => void)[] = [];

  private constructor(options: SenderOptions, socket: Socket) {
    this.#options = options;
    this.#socket = socket;
    this.#bytesPerMs = (options.bitsPerSecond ?? DEFAULT_BPS) / 8000;
    this.#allowance = this.#bytesPerMs * BURST_MS;
    this.#lastMs = options.monotonicMs();
    // A receiver that is not there answers with ICMP: what is sent may be lost, as with all of UDP.
    socket.on('error', () => {
      this.counters.errors++;
    });
  }

  /** @throws the error of a name that cannot be resolved */
  static async open(options: SenderOptions): Promise<UdpSender> {
    const socket = createSocket(isIPv6(options.host) ? 'udp6' : 'udp4');
    socket.connect(options.port, options.host);
    await once(socket, 'connect');
    return new UdpSender(options, socket);
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** Takes a message; false where the queue was full and it was dropped. */
  send(message: Uint8Array): boolean {
    if (this.#queue.length >= (this.#options.maxQueued ?? DEFAULT_QUEUED)) {
      this.counters.dropped++;
      return false;
    }
    this.#queue.push(message);
    this.#work();
    return true;
  }

  /** Resolves when all that was taken is with the kernel. */
  async drained(): Promise<void> {
    if (this.#queue.length === 0 && this.#inFlight === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  async close(): Promise<void> {
    await this.drained();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  #work(): void {
    if (this.#timer !== null) return;
    this.#refill();
    while (this.#queue.length > 0 && (this.#bytesPerMs === 0 || this.#allowance > 0)) {
      const message = this.#queue.shift() as Uint8Array;
      this.#allowance -= message.length + OVERHEAD_BYTES;
      this.#inFlight++;
      this.#socket.send(message, (error) => this.#sent(message.length, error));
    }
    if (this.#queue.length === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#work();
    }, TICK_MS);
  }

  #refill(): void {
    const nowMs = this.#options.monotonicMs();
    const earned = (nowMs - this.#lastMs) * this.#bytesPerMs;
    this.#allowance = Math.min(this.#allowance + earned, this.#bytesPerMs * BURST_MS);
    this.#lastMs = nowMs;
  }

  #sent(bytes: number, error: Error | null): void {
    this.#inFlight--;
    if (error === null) {
      this.counters.messages++;
      this.counters.bytes += bytes;
    } else this.counters.errors++;
    if (this.#queue.length > 0 || this.#inFlight > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
