/** What is written of a capture, whatever the format. */

export interface WrittenInterface {
  /** As numbered in capture files; 1 is Ethernet. */
  readonly linkType: number;
  /** Bytes kept of each frame; 0 is no limit. */
  readonly snapBytes?: number;
  readonly name?: string;
  readonly description?: string;
}

export interface WrittenPacket {
  readonly timeS: number;
  readonly timeNs: number;
  /** The frame, as much of it as was captured. */
  readonly bytes: Uint8Array;
  /** What it had on the wire; its captured length where this is left out. */
  readonly wireBytes?: number;
  /** As `addInterface` has numbered it; 0 by default. */
  readonly interface?: number;
  /** For people; pcap has no place for it. */
  readonly comment?: string;
}

export interface WrittenStatistics {
  readonly timeS: number;
  readonly timeNs: number;
  readonly received?: number;
  readonly dropped?: number;
}

/** One file format: how long its parts are and how they are laid into memory, little endian. */
export interface CaptureFormat {
  /** What a file begins with. */
  head(interfaces: readonly WrittenInterface[]): Uint8Array;
  /** What announces an interface after the head; null where the format has no place for a further one. */
  announce(added: WrittenInterface, before: readonly WrittenInterface[]): Uint8Array | null;
  recordBytes(packet: WrittenPacket): number;
  /** Lays a packet at a position that has room for `recordBytes`. */
  put(into: Uint8Array, view: DataView, at: number, packet: WrittenPacket): void;
  /** What closes a file. */
  tail(statistics: ReadonlyMap<number, WrittenStatistics>): Uint8Array;
}
