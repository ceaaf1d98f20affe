/**
 * What reading a capture gives, whatever its format: runs of whole records with classic pcap heads, so that one walker
 * frames them all.
 *
 * A record is u32 seconds, u32 fraction, u32 captured bytes, u32 bytes on the wire, then the captured bytes; records
 * follow each other without padding. Byte order and unit of the fraction are the block's.
 */
import { UndercroftError } from '@undercroft/kernel';

export const RECORD_HEAD_BYTES = 16;
/** The longest frame that is taken for one, as in tcpdump and tshark: a longer length is a lie. */
export const MAX_RECORD_BYTES = 262_144;
/** No block is longer. */
export const MAX_BLOCK_BYTES = 1_048_576;

export interface CaptureBlock {
  /** Whole records with lengths that hold; a view that is good until the next block is asked for. */
  readonly bytes: Uint8Array;
  readonly packets: number;
  readonly littleEndian: boolean;
  /** The fraction counts nanoseconds; microseconds otherwise. */
  readonly nanoseconds: boolean;
  /** As numbered in capture files; 1 is Ethernet. */
  readonly linkType: number;
  /** Index into the capture's `interfaces`. */
  readonly interface: number;
  /** Index into the capture's sources. */
  readonly source: number;
}

/** An interface that a capture names; a pcap file has one without a name. */
export interface CaptureInterface {
  readonly source: number;
  readonly linkType: number;
  /** Bytes kept of each frame; 0 is no limit. */
  readonly snapBytes: number;
  readonly name?: string;
  readonly description?: string;
  /** What the capturing machine says it has dropped, where the file says so. */
  dropped?: number;
}

/** Damage that was passed over. */
export interface CaptureWarning {
  readonly file: string;
  /** In the file as it is after decompression, bytes. */
  readonly offset: number;
  readonly kind: 'cut' | 'length' | 'skipped' | 'block' | 'compression' | 'file';
  readonly text: string;
}

export type CaptureFileErrorCode = 'capture.open' | 'capture.format' | 'capture.empty' | 'capture.write';

/** A source that cannot be read as a capture at all, or a file that cannot be written as one. */
export class CaptureFileError extends UndercroftError {
  readonly file: string;

  constructor(code: CaptureFileErrorCode, file: string, message: string, fix?: string) {
    super(code, `${file}: ${message}`, fix === undefined ? {} : { fix });
    this.name = 'CaptureFileError';
    this.file = file;
  }
}

/**
 * Calls `visit` for each record of a block: for what looks at few packets; the decoder walks blocks by itself.
 *
 * @param visit gets the offset of the frame in `block.bytes`
 */
export function eachRecord(
  block: CaptureBlock,
  visit: (offset: number, capturedBytes: number, wireBytes: number, timeS: number, timeNs: number) => void,
): void {
  const { bytes, littleEndian } = block;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const nsPerFraction = block.nanoseconds ? 1 : 1000;
  let at = 0;
  while (at + RECORD_HEAD_BYTES <= bytes.length) {
    const capturedBytes = view.getUint32(at + 8, littleEndian);
    const fraction = view.getUint32(at + 4, littleEndian);
    const data = at + RECORD_HEAD_BYTES;
    visit(
      data,
      capturedBytes,
      view.getUint32(at + 12, littleEndian),
      view.getUint32(at, littleEndian),
      fraction * nsPerFraction,
    );
    at = data + capturedBytes;
  }
}
