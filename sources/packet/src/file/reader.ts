/** What a file format does: it turns the bytes of a window into runs of records. */
import type { CaptureInterface, CaptureWarning } from './block.ts';
import type { ReadWindow } from './window.ts';

/** Whole records between two positions of the window. */
export interface RecordRun {
  readonly from: number;
  readonly to: number;
  readonly packets: number;
  readonly littleEndian: boolean;
  readonly nanoseconds: boolean;
  readonly linkType: number;
  readonly interface: number;
}

export interface FormatReader {
  /**
   * Consumes what it can. It never reads a byte outside the window's unread part.
   *
   * @returns null where the window has to be filled further; at the end of the source, where all is consumed
   */
  next(window: ReadWindow): RecordRun | null;
}

/** What a reader tells while it reads. */
export interface ReaderHost {
  warn(kind: CaptureWarning['kind'], offset: number, text: string): void;
  /** @returns its number in the blocks */
  addInterface(found: Omit<CaptureInterface, 'source'>): number;
  /** The capturing machine says that an interface has dropped packets. */
  setDropped(number: number, dropped: number): void;
}
