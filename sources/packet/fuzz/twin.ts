/**
 * A decoder, defragmenter and reassembler between guard zones. Two of them, given the same packets at other places and
 * with other bytes around, must say the same: a difference is a read out of bounds, a changed guard a write.
 */
import * as layout from '../src/decode/layout.ts';
import { type PacketModule, packetModule } from '../src/decode/module.ts';
import { FRAGMENT_COUNTER_BYTES } from '../src/fragment/counters.ts';
import { STREAM_COUNTER_BYTES } from '../src/stream/counters.ts';
import * as events from '../src/stream/events.ts';

export const AREA_BYTES = 512 * 1024;
export const MAX_BATCH = 128;
const GUARD_BYTES = 256;
const LIMITS = { datagrams: 16, fragmentBytes: 64 * 1024, streams: 32, streamBytes: 512 * 1024, sideBytes: 64 * 1024 };

export interface Input {
  readonly frame: Uint8Array;
  readonly linkType: number;
  readonly wireBytes: number;
  readonly timeS: number;
  readonly meta: number;
  /** Bytes said to be captured, where that is a lie. */
  readonly claimedBytes?: number;
}

export class Twin {
  readonly #module: PacketModule = packetModule();
  readonly #fill: number;
  readonly #gapBytes: number;
  readonly #area: number;
  readonly #packets: number;
  readonly #guards: number[] = [];

  /**
   * @param shiftBytes by which all is elsewhere
   * @param fill the byte around packets
   * @param gapBytes between packets
   */
  constructor(shiftBytes: number, fill: number, gapBytes: number) {
    this.#fill = fill;
    this.#gapBytes = gapBytes;
    const module = this.#module;
    module.allocate(shiftBytes);
    this.#guard();
    this.#area = module.allocate(AREA_BYTES);
    this.#guard();
    this.#packets = module.allocate(MAX_BATCH * layout.PACKET_BYTES);
    this.#guard();
    module.fragmentInit(LIMITS.datagrams, LIMITS.fragmentBytes, 30);
    this.#guard();
    module.streamInit(LIMITS.streams, LIMITS.streamBytes, LIMITS.sideBytes, 600, 3, 1);
    this.#guard();
  }

  /** @returns all that can be seen of the packets and of what was made of them, places aside */
  run(inputs: readonly Input[], policy: number): Uint8Array[] {
    const placed = this.#place(inputs);
    const found: Uint8Array[] = [];
    const module = this.#module;
    module.decodeAll(this.#packets, inputs.length, 1);
    for (let index = 0; index < inputs.length; index++) {
      const packet = this.#packets + index * layout.PACKET_BYTES;
      found.push(this.#packetFacts(packet));
      const whole = module.defragment(packet, policy, 1) >>> 0;
      found.push(Uint8Array.of(whole === 0 ? 0 : whole === packet ? 1 : 2));
      if (whole !== 0 && whole !== packet) {
        found.push(this.#packetFacts(whole), this.#frameOf(whole));
        this.#streams(whole, 1, found);
      }
    }
    this.#streams(this.#packets, inputs.length, found);
    found.push(
      this.#copy(module.fragmentCounters() >>> 0, FRAGMENT_COUNTER_BYTES),
      this.#copy(module.streamCounters() >>> 0, STREAM_COUNTER_BYTES),
    );
    this.#check(placed);
    return found;
  }

  /** @param frame what walks a block: gets its place, and where packets go */
  frameBlock(block: Uint8Array, frame: (module: PacketModule, block: number, packets: number) => number): Uint8Array[] {
    const at = this.#area + this.#gapBytes;
    const memory = new Uint8Array(this.#module.memory.buffer);
    memory.fill(this.#fill, this.#area, this.#area + AREA_BYTES);
    memory.set(block, at);
    const count = frame(this.#module, at, this.#packets);
    const found: Uint8Array[] = [Uint8Array.of(count), Uint8Array.of(this.#module.framedOutcome())];
    const view = new DataView(this.#module.memory.buffer);
    for (let index = 0; index < count; index++) {
      const packet = this.#packets + index * layout.PACKET_BYTES;
      const data = view.getUint32(packet + layout.DATA, true);
      const captured = view.getUint32(packet + layout.CAPTURED_BYTES, true);
      if (data < at || data + captured > at + block.length) throw new Error('A frame lies outside its block');
      const head = this.#copy(packet, 32);
      head.fill(0, layout.DATA, layout.DATA + 4);
      found.push(head);
    }
    return found;
  }

  #streams(packets: number, total: number, found: Uint8Array[]): void {
    const module = this.#module;
    for (let from = 0; from < total; ) {
      from = module.reassemble(packets, from, total);
      const first = module.streamEvents() >>> 0;
      const view = new DataView(module.memory.buffer);
      for (let index = 0; index < module.streamEventCount(); index++) {
        const event = first + index * events.STREAM_EVENT_BYTES;
        const data = view.getUint32(event + events.EVENT_DATA, true);
        const bytes = view.getUint32(event + events.EVENT_DATA_BYTES, true);
        const facts = this.#copy(event, events.STREAM_EVENT_BYTES);
        facts.fill(0, events.EVENT_DATA, events.EVENT_DATA + 4);
        facts.fill(0, events.EVENT_PACKET, events.EVENT_PACKET + 4);
        found.push(facts);
        if (view.getUint8(event + events.EVENT_KIND) === events.STREAM_DATA) found.push(this.#copy(data, bytes));
      }
    }
  }

  /** The structure without its address and without entries of the table that mean nothing. */
  #packetFacts(packet: number): Uint8Array {
    const facts = this.#copy(packet, layout.PACKET_BYTES);
    const view = new DataView(facts.buffer);
    facts.fill(0, layout.DATA, layout.DATA + 4);
    const layers = facts[layout.LAYERS]!;
    if (layers > layout.MAX_LAYERS) throw new Error(`There are ${layers} layers`);
    facts.fill(0, layout.LAYER_TABLE + layers * layout.LAYER_BYTES);
    const captured = view.getUint32(layout.CAPTURED_BYTES, true);
    const payload = view.getUint32(layout.PAYLOAD, true);
    const payloadBytes = view.getUint32(layout.PAYLOAD_BYTES, true);
    if (payloadBytes > 0 && payload + payloadBytes > captured)
      throw new Error('The payload ends behind what was captured');
    if (payloadBytes > view.getUint32(layout.PAYLOAD_WIRE_BYTES, true))
      throw new Error('More is captured than there is');
    return facts;
  }

  #frameOf(packet: number): Uint8Array {
    const view = new DataView(this.#module.memory.buffer, packet, layout.PACKET_BYTES);
    return this.#copy(view.getUint32(layout.DATA, true), view.getUint32(layout.CAPTURED_BYTES, true));
  }

  /** @returns a copy of the area as it is before decoding */
  #place(inputs: readonly Input[]): Uint8Array {
    const memory = new Uint8Array(this.#module.memory.buffer);
    const view = new DataView(this.#module.memory.buffer);
    memory.fill(this.#fill, this.#area, this.#area + AREA_BYTES);
    let at = this.#area + this.#gapBytes;
    for (const [index, input] of inputs.entries()) {
      const packet = this.#packets + index * layout.PACKET_BYTES;
      memory.set(input.frame, at);
      memory.fill(this.#fill, packet + 32, packet + layout.PACKET_BYTES);
      view.setUint32(packet + layout.TIME_S, input.timeS, true);
      view.setUint32(packet + layout.TIME_NS, 0, true);
      view.setUint32(packet + layout.DATA, at, true);
      view.setUint32(packet + layout.CAPTURED_BYTES, input.claimedBytes ?? input.frame.length, true);
      view.setUint32(packet + layout.WIRE_BYTES, input.wireBytes, true);
      view.setUint16(packet + layout.LINK_TYPE, input.linkType, true);
      view.setUint16(packet + layout.INTERFACE, 0, true);
      view.setUint32(packet + layout.STRIPPED_TCI, 0, true);
      view.setUint32(packet + layout.META, input.meta, true);
      at += input.frame.length + this.#gapBytes;
    }
    return this.#copy(this.#area, AREA_BYTES);
  }

  #check(placed: Uint8Array): void {
    const memory = Buffer.from(this.#module.memory.buffer);
    if (memory.compare(placed, 0, AREA_BYTES, this.#area, this.#area + AREA_BYTES) !== 0) {
      throw new Error('Packets have been written to');
    }
    for (const guard of this.#guards) {
      for (let at = guard; at < guard + GUARD_BYTES; at++)
        if (memory[at] !== this.#fill) throw new Error('A guard has changed');
    }
  }

  #guard(): void {
    const guard = this.#module.allocate(GUARD_BYTES);
    new Uint8Array(this.#module.memory.buffer).fill(this.#fill, guard, guard + GUARD_BYTES);
    this.#guards.push(guard);
  }

  #copy(at: number, bytes: number): Uint8Array {
    if (at + bytes > this.#module.memory.buffer.byteLength) throw new Error('Bytes lie outside the memory');
    return new Uint8Array(this.#module.memory.buffer).slice(at, at + bytes);
  }
}
