/** Finds where records begin again after damage in a classic capture file. */
import { MAX_RECORD_BYTES } from './block.ts';
import type { ReadWindow } from './window.ts';

export interface RecordShape {
  readonly headBytes: number;
  readonly littleEndian: boolean;
  readonly nanoseconds: boolean;
  /** Seconds of the last records, of which one may be wrong; empty where there is none. */
  readonly nearS: readonly number[];
}

export interface Found {
  /** `more`: at `at` records may begin, but too little of them is in the window. */
  readonly kind: 'found' | 'more' | 'none';
  readonly at: number;
}

/** So many heads in a row are no accident. */
const CHAIN_RECORDS = 3;
/** As many as must fit in before the end of the file. */
const CHAIN_RECORDS_AT_END = 2;
const MAX_WIRE_BYTES = 16_777_216;
const NEAR_S = 86_400;

/** Searches the positions from `from` up to `to`; what the records go on with may lie behind `to`. */
export function findRecords(window: ReadWindow, from: number, to: number, shape: RecordShape): Found {
  for (let at = from; at < to; at++) {
    const kind = chainAt(window, at, shape);
    if (kind !== 'none') return { kind, at };
  }
  return { kind: 'none', at: to };
}

function chainAt(window: ReadWindow, from: number, shape: RecordShape): Found['kind'] {
  let at = from;
  let nearS = shape.nearS;
  for (let records = 0; records < CHAIN_RECORDS; records++) {
    if (at + shape.headBytes > window.end) {
      if (!window.ended) return 'more';
      const whole = at === window.end && records > 0;
      return whole || records >= CHAIN_RECORDS_AT_END ? 'found' : 'none';
    }
    if (!isLikely(window.view, at, shape, nearS)) return 'none';
    nearS = [window.view.getUint32(at, shape.littleEndian)];
    at += shape.headBytes + window.view.getUint32(at + 8, shape.littleEndian);
  }
  return 'found';
}

function isLikely(view: DataView, at: number, shape: RecordShape, nearS: readonly number[]): boolean {
  const { littleEndian } = shape;
  const captured = view.getUint32(at + 8, littleEndian);
  if (captured > MAX_RECORD_BYTES) return false;
  const wire = view.getUint32(at + 12, littleEndian);
  if (wire === 0 || wire < captured || wire > MAX_WIRE_BYTES) return false;
  if (view.getUint32(at + 4, littleEndian) >= (shape.nanoseconds ? 1_000_000_000 : 1_000_000)) return false;
  const timeS = view.getUint32(at, littleEndian);
  return nearS.length === 0 || nearS.some((near) => Math.abs(timeS - near) <= NEAR_S);
}
