/**
 * The messages of the last moments, for streams that come back. Bounded by count and by bytes; the oldest go first.
 */
export interface Message {
  readonly seq: number;
  readonly topic: string;
  readonly key: string | undefined;
  readonly tenant: string | undefined;
  /** The whole server-sent event, made once for all who read it. */
  readonly frame: Buffer;
}

export class MessageRing {
  #messages: Message[] = [];
  #head = 0;
  #bytes = 0;
  /** Everything after this number is still here. */
  #floorSeq = 0;
  readonly #maxMessages: number;
  readonly #maxBytes: number;

  constructor(maxMessages: number, maxBytes: number) {
    this.#maxMessages = maxMessages;
    this.#maxBytes = maxBytes;
  }

  push(message: Message): void {
    this.#messages.push(message);
    this.#bytes += message.frame.length;
    while (this.#messages.length - this.#head > this.#maxMessages || this.#bytes > this.#maxBytes) this.#dropOldest();
    // Moving all on every drop would cost; half of the array gone, it pays.
    if (this.#head > this.#messages.length / 2) {
      this.#messages = this.#messages.slice(this.#head);
      this.#head = 0;
    }
  }

  /** @returns messages after `seq`, oldest first; undefined when some of them are gone */
  after(seq: number): readonly Message[] | undefined {
    if (seq < this.#floorSeq) return undefined;
    let low = this.#head;
    let high = this.#messages.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#messages[middle]?.seq ?? 0) > seq) high = middle;
      else low = middle + 1;
    }
    return this.#messages.slice(low);
  }

  #dropOldest(): void {
    const oldest = this.#messages[this.#head];
    if (oldest === undefined) return;
    this.#floorSeq = oldest.seq;
    this.#bytes -= oldest.frame.length;
    this.#head += 1;
  }
}
