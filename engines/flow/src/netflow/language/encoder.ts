/** What the encoders of all versions have in common: messages of a bounded size, and the exporter's uptime. */

/** Gets each message when it is full or flushed; the bytes are the receiver's to keep. */
export type Deliver = (message: Uint8Array) => void;

export interface EncoderOptions {
  /** Bytes of a message at most, without headers of UDP and IP. */
  readonly maxBytes: number;
  /** Source id, observation domain; engine type << 8 | engine id of version 5. */
  readonly domain: number;
  /** Milliseconds since 1970: the time of export. Flows from the distant past are exported at their own time. */
  readonly nowMs: () => number;
  /** Templates are repeated after so many messages; 0 for once only (TCP, files). */
  readonly templateMessages?: number;
  /** Templates are repeated after so many milliseconds of `nowMs`; 0 for once only. */
  readonly templateMs?: number;
  /** Both directions in one record (IPFIX, RFC 5103); otherwise one record each. */
  readonly biflow?: boolean;
  /** Precision of IPFIX' times. */
  readonly times?: 'ms' | 'us' | 'ns';
}

export interface EncoderCounters {
  /** Messages delivered and their bytes. */
  messages: number;
  bytes: number;
  /** Records as the format counts them: two of a conversation where it has no biflows. */
  records: number;
  /** Records that the format has no place for: not IP, management; IPv6 in version 5. */
  skipped: number;
  /** Counters too large for the format, sent as the largest it has. */
  clamped: number;
}

export interface FlowEncoder {
  readonly counters: EncoderCounters;
  add(record: import('../../record/record.ts').FlowRecord): void;
  /** Delivers the message that is being filled. */
  flush(): void;
}

export function noEncoderCounts(): EncoderCounters {
  return { messages: 0, bytes: 0, records: 0, skipped: 0, clamped: 0 };
}

const UPTIME_WRAP_MS = 4_294_967_296;
const BEFORE_FIRST_MS = 3_600_000;

/** When the exporter claims to have started: before all of its flows, and less than 49 days before the export. */
export class Uptime {
  #bootMs = -1;

  /**
   * @param firstMs earliest start in the message
   * @param lastMs latest end in the message
   * @returns whole second of the export and the uptime at it, in milliseconds
   */
  place(
    firstMs: number,
    lastMs: number,
    nowMs: number,
  ): { readonly exportS: number; readonly uptimeMs: number; readonly bootMs: number } {
    const isRecent = nowMs - firstMs < UPTIME_WRAP_MS - 2 * BEFORE_FIRST_MS;
    const exportS = Math.ceil(Math.max(lastMs, isRecent ? nowMs : 0) / 1000);
    const outlived = exportS * 1000 - this.#bootMs >= UPTIME_WRAP_MS;
    if (this.#bootMs < 0 || firstMs < this.#bootMs || outlived) {
      this.#bootMs = Math.max(0, Math.floor(firstMs / 1000) * 1000 - BEFORE_FIRST_MS);
    }
    return { exportS, uptimeMs: exportS * 1000 - this.#bootMs, bootMs: this.#bootMs };
  }
}

/** Whether flows this far apart can be told in one message. */
export function fitsOneMessage(firstMs: number, lastMs: number): boolean {
  return lastMs - firstMs < UPTIME_WRAP_MS - 2 * BEFORE_FIRST_MS;
}
