/** Classic capture files with nanoseconds. */
import { MAX_RECORD_BYTES, RECORD_HEAD_BYTES } from '../block.ts';
import type { CaptureFormat, WrittenInterface } from './format.ts';

const MAGIC_NANOSECONDS = 0xa1b23c4d;
const FILE_HEAD_BYTES = 24;
const ETHERNET = 1;
const NOTHING = new Uint8Array(0);

export const pcapFormat: CaptureFormat = {
  head([first]) {
    const view = new DataView(new ArrayBuffer(FILE_HEAD_BYTES));
    view.setUint32(0, MAGIC_NANOSECONDS, true);
    view.setUint16(4, 2, true);
    view.setUint16(6, 4, true);
    view.setUint32(16, first?.snapBytes || MAX_RECORD_BYTES, true);
    view.setUint32(20, first?.linkType ?? ETHERNET, true);
    return new Uint8Array(view.buffer);
  },

  announce(added: WrittenInterface, before: readonly WrittenInterface[]) {
    return before.every(({ linkType }) => linkType === added.linkType) ? NOTHING : null;
  },

  recordBytes: ({ bytes }) => RECORD_HEAD_BYTES + bytes.length,

  put(into, view, at, { timeS, timeNs, bytes, wireBytes = bytes.length }) {
    view.setUint32(at, timeS, true);
    view.setUint32(at + 4, timeNs, true);
    view.setUint32(at + 8, bytes.length, true);
    view.setUint32(at + 12, Math.max(wireBytes, bytes.length), true);
    into.set(bytes, at + RECORD_HEAD_BYTES);
  },

  tail: () => NOTHING,
};
