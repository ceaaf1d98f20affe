/** A cursor over decoded packets in a module's memory: moved, not made, for each of them. */
import { addressText } from './address.ts';
import * as layout from './layout.ts';

/**
 * Reads one packet's structure. What it returns as bytes are views of the module's memory: good until the next block is
 * loaded.
 */
export class PacketView {
  readonly #memory: WebAssembly.Memory;
  #view: DataView;
  #bytes: Uint8Array;
  #at = 0;

  /** @param memory of any module whose packets are laid out as `layout.ts` says */
  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
    this.#view = new DataView(memory.buffer);
    this.#bytes = new Uint8Array(memory.buffer);
  }

  /** @param address of a packet's structure */
  moveTo(address: number): this {
    // Memory that has grown has a buffer of its own.
    if (this.#view.buffer !== this.#memory.buffer) {
      this.#view = new DataView(this.#memory.buffer);
      this.#bytes = new Uint8Array(this.#memory.buffer);
    }
    this.#at = address >>> 0;
    return this;
  }

  /** Of the structure. */
  get address(): number {
    return this.#at;
  }
  get timeS(): number {
    return this.#u32(layout.TIME_S);
  }
  get timeNs(): number {
    return this.#u32(layout.TIME_NS);
  }
  get capturedBytes(): number {
    return this.#u32(layout.CAPTURED_BYTES);
  }
  get wireBytes(): number {
    return this.#u32(layout.WIRE_BYTES);
  }
  get linkType(): number {
    return this.#u16(layout.LINK_TYPE);
  }
  get interface(): number {
    return this.#u16(layout.INTERFACE);
  }
  /** Tag and TPID that the kernel took off; a TPID of 0 says that there was none. */
  get strippedTci(): number {
    return this.#u16(layout.STRIPPED_TCI);
  }
  get strippedTpid(): number {
    return this.#u16(layout.STRIPPED_TPID);
  }
  /** META_… bits. */
  get meta(): number {
    return this.#u32(layout.META);
  }
  /** FLAG_… bits. */
  get flags(): number {
    return this.#u32(layout.FLAGS);
  }
  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }
  get layers(): number {
    return this.#u8(layout.LAYERS);
  }
  /** Indexes of layers, NONE where there is none. */
  get outer(): number {
    return this.#u8(layout.OUTER);
  }
  get inner(): number {
    return this.#u8(layout.INNER);
  }
  get transport(): number {
    return this.#u8(layout.TRANSPORT);
  }
  /** LAYER_… */
  layerKind(index: number): number {
    return this.#u8(this.#layer(index) + layout.LAYER_KIND);
  }
  layerInfo(index: number): number {
    return this.#u8(this.#layer(index) + layout.LAYER_INFO);
  }
  layerHeaderBytes(index: number): number {
    return this.#u16(this.#layer(index) + layout.LAYER_HEADER_BYTES);
  }
  /** From the start of the frame. */
  layerOffset(index: number): number {
    return this.#u32(this.#layer(index) + layout.LAYER_OFFSET);
  }
  /** Index of the first layer of a kind, or -1. */
  find(kind: number): number {
    const count = this.layers;
    for (let index = 0; index < count; index++) if (this.layerKind(index) === kind) return index;
    return -1;
  }
  get etherType(): number {
    return this.#u16(layout.ETHER_TYPE);
  }
  get protocol(): number {
    return this.#u8(layout.PROTOCOL);
  }
  /** 4, 6 or 0. */
  get ipVersion(): number {
    return this.#u8(layout.IP_VERSION);
  }
  get sourcePort(): number {
    return this.#u16(layout.SOURCE_PORT);
  }
  get destinationPort(): number {
    return this.#u16(layout.DESTINATION_PORT);
  }
  /** 4 or 16 bytes, none without an IP layer. */
  get source(): Uint8Array {
    return this.#address(layout.SOURCE);
  }
  get destination(): Uint8Array {
    return this.#address(layout.DESTINATION);
  }
  get sourceText(): string {
    return addressText(this.source);
  }
  get destinationText(): string {
    return addressText(this.destination);
  }
  get payloadOffset(): number {
    return this.#u32(layout.PAYLOAD);
  }
  /** Captured. */
  get payloadBytes(): number {
    return this.#u32(layout.PAYLOAD_BYTES);
  }
  /** By the headers. */
  get payloadWireBytes(): number {
    return this.#u32(layout.PAYLOAD_WIRE_BYTES);
  }
  get fragmentOffset(): number {
    return this.#u16(layout.FRAGMENT_OFFSET);
  }
  get fragmentMore(): boolean {
    return this.#u16(layout.FRAGMENT_MORE) !== 0;
  }
  get fragmentId(): number {
    return this.#u32(layout.FRAGMENT_ID);
  }
  /** TCP_… bits. */
  get tcpFlags(): number {
    return this.#u8(layout.TCP_FLAGS);
  }
  get ttl(): number {
    return this.#u8(layout.TTL);
  }
  get tos(): number {
    return this.#u8(layout.TOS);
  }
  get tcpHeaderBytes(): number {
    return this.#u8(layout.TCP_HEADER_BYTES);
  }
  get tcpSequence(): number {
    return this.#u32(layout.TCP_SEQUENCE);
  }
  get tcpAcknowledgement(): number {
    return this.#u32(layout.TCP_ACKNOWLEDGEMENT);
  }
  /** Not scaled. */
  get tcpWindow(): number {
    return this.#u16(layout.TCP_WINDOW);
  }
  get icmpType(): number {
    return this.#u8(layout.ICMP_TYPE);
  }
  get icmpCode(): number {
    return this.#u8(layout.ICMP_CODE);
  }
  get flowHash(): number {
    return this.#u32(layout.FLOW_HASH);
  }
  /** IP_OPTION_… bits. */
  get ipOptions(): number {
    return this.#u8(layout.IP_OPTIONS);
  }
  /** TCP_OPTION_… bits. */
  get tcpOptions(): number {
    return this.#u8(layout.TCP_OPTIONS);
  }
  get tcpMss(): number {
    return this.#u16(layout.TCP_MSS);
  }
  /** NONE without the option. */
  get tcpWindowScale(): number {
    return this.#u8(layout.TCP_WINDOW_SCALE);
  }
  /** The frame as captured. */
  get frame(): Uint8Array {
    return this.#slice(0, this.capturedBytes);
  }
  /** What the transport header carries, as far as captured. */
  get payload(): Uint8Array {
    const offset = this.payloadOffset;
    return this.#slice(offset, this.payloadBytes);
  }
  /** A layer's header, as far as captured. */
  header(index: number): Uint8Array {
    const offset = this.layerOffset(index);
    return this.#slice(offset, Math.max(0, Math.min(this.layerHeaderBytes(index), this.capturedBytes - offset)));
  }

  #address(offset: number): Uint8Array {
    const bytes = this.ipVersion === 4 ? 4 : this.ipVersion === 6 ? 16 : 0;
    return this.#bytes.subarray(this.#at + offset, this.#at + offset + bytes);
  }
  #slice(offset: number, bytes: number): Uint8Array {
    const start = this.#u32(layout.DATA) + offset;
    return this.#bytes.subarray(start, start + bytes);
  }
  #layer(index: number): number {
    return layout.LAYER_TABLE + index * layout.LAYER_BYTES;
  }
  #u8(offset: number): number {
    return this.#view.getUint8(this.#at + offset);
  }
  #u16(offset: number): number {
    return this.#view.getUint16(this.#at + offset, true);
  }
  #u32(offset: number): number {
    return this.#view.getUint32(this.#at + offset, true);
  }
}
