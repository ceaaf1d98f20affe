/** A cursor over the events of reassembly. */
import { addressText } from '../decode/address.ts';
import * as layout from './events.ts';

export class StreamEvent {
  readonly #memory: WebAssembly.Memory;
  #view: DataView;
  #bytes: Uint8Array;
  #at = 0;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
    this.#view = new DataView(memory.buffer);
    this.#bytes = new Uint8Array(memory.buffer);
  }

  moveTo(address: number): this {
    if (this.#view.buffer !== this.#memory.buffer) {
      this.#view = new DataView(this.#memory.buffer);
      this.#bytes = new Uint8Array(this.#memory.buffer);
    }
    this.#at = address;
    return this;
  }

  /** STREAM_OPENED, _DATA, _GAP or _CLOSED. */
  get kind(): number {
    return this.#view.getUint8(this.#at + layout.EVENT_KIND);
  }
  /** 0 from client to server, 1 from server to client. */
  get direction(): number {
    return this.#view.getUint8(this.#at + layout.EVENT_DIRECTION);
  }
  /** EVENT_… bits; of CLOSED why: CLOSED_…. */
  get bits(): number {
    return this.#view.getUint8(this.#at + layout.EVENT_BITS);
  }
  /** Place in the table: small, and used again after CLOSED. */
  get stream(): number {
    return this.#u32(layout.EVENT_STREAM);
  }
  /** Counts the streams. */
  get serial(): number {
    return this.#u32(layout.EVENT_SERIAL);
  }
  /** Of DATA; a view of the module's memory. */
  get data(): Uint8Array {
    const start = this.#u32(layout.EVENT_DATA);
    return this.#bytes.subarray(start, start + this.dataBytes);
  }
  /** Of DATA, or missing of a GAP. */
  get dataBytes(): number {
    return this.#u32(layout.EVENT_DATA_BYTES);
  }
  /** When the data was captured. */
  get timeS(): number {
    return this.#u32(layout.EVENT_TIME_S);
  }
  get timeNs(): number {
    return this.#u32(layout.EVENT_TIME_NS);
  }
  /** Address of the packet that led to it, 0 for none. */
  get packet(): number {
    return this.#u32(layout.EVENT_PACKET);
  }
  /** In its direction of the stream. */
  get offset(): number {
    return Number(this.#view.getBigUint64(this.#at + layout.EVENT_OFFSET, true));
  }
  get clientText(): string {
    return this.#address(layout.KEY_CLIENT);
  }
  get serverText(): string {
    return this.#address(layout.KEY_SERVER);
  }
  get clientPort(): number {
    return this.#view.getUint16(this.#at + layout.EVENT_KEY + layout.KEY_CLIENT_PORT, true);
  }
  get serverPort(): number {
    return this.#view.getUint16(this.#at + layout.EVENT_KEY + layout.KEY_SERVER_PORT, true);
  }

  #address(offset: number): string {
    const key = this.#at + layout.EVENT_KEY;
    const bytes = this.#view.getUint8(key + layout.KEY_VERSION) === 4 ? 4 : 16;
    return addressText(this.#bytes.subarray(key + offset, key + offset + bytes));
  }
  #u32(offset: number): number {
    return this.#view.getUint32(this.#at + offset, true);
  }
}
