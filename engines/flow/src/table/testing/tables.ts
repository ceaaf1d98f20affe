/** Runs captures and frames through a flow table, for tests. */
import { openCapture, type RecordBlock } from '@undercroft/packet';
import { RecordEncoder } from '../../argus/wire/encode.ts';
import { FlowRecord } from '../../record/record.ts';
import { type FlowCounts, FlowTable, type RecordHandler } from '../flow-table.ts';
import { ARGUS_SETTINGS, type FlowTableSettings } from '../settings.ts';

const ETHERNET = 1;
const HEADER_BYTES = 16;

export interface TimedFrame {
  /** Seconds. */
  readonly at: number;
  readonly bytes: Uint8Array;
  /** On the wire, if there was more. */
  readonly length?: number;
}

/** @returns a block of a capture with these frames */
export function blockOf(frames: readonly TimedFrame[], linkType = ETHERNET): RecordBlock {
  const bytes = Buffer.alloc(frames.reduce((sum, frame) => sum + HEADER_BYTES + frame.bytes.length, 0));
  let offset = 0;
  for (const { at, bytes: frame, length = frame.length } of frames) {
    const us = Math.round(at * 1e6);
    bytes.writeUInt32LE(Math.floor(us / 1e6), offset);
    bytes.writeUInt32LE(us % 1e6, offset + 4);
    bytes.writeUInt32LE(frame.length, offset + 8);
    bytes.writeUInt32LE(length, offset + 12);
    bytes.set(frame, offset + HEADER_BYTES);
    offset += HEADER_BYTES + frame.length;
  }
  return { bytes, littleEndian: true, nanoseconds: false, linkType, interface: 0 };
}

/** Calls back with each record, valid during the call. */
export function eachRecord(onRecord: (record: FlowRecord) => void): RecordHandler {
  const record = new FlowRecord();
  return (batch) => {
    for (let index = 0; index < batch.count; index += 1) onRecord(record.at(batch, batch.address(index)));
  };
}

/** Reads a capture to its end. */
export async function readThrough(
  path: string,
  settings: Partial<FlowTableSettings>,
  onRecord: (record: FlowRecord) => void,
): Promise<FlowCounts> {
  const table = new FlowTable({ ...ARGUS_SETTINGS, ...settings });
  const onRecords = eachRecord(onRecord);
  for await (const block of openCapture(path)) table.addBlock(block, onRecords);
  table.finish(onRecords);
  return table.counts();
}

/** Takes all the frames, then ends. */
export function runFrames(
  frames: readonly TimedFrame[],
  settings: Partial<FlowTableSettings>,
  onRecord: (record: FlowRecord) => void,
  linkType = ETHERNET,
): FlowCounts {
  const table = new FlowTable({ ...ARGUS_SETTINGS, ...settings });
  const onRecords = eachRecord(onRecord);
  table.addBlock(blockOf(frames, linkType), onRecords);
  table.finish(onRecords);
  return table.counts();
}

/** @returns of a capture the records as argus would write them, each by itself */
export async function encodedRecords(path: string, settings: Partial<FlowTableSettings>): Promise<Buffer[]> {
  const encoder = new RecordEncoder();
  const found: Buffer[] = [];
  await readThrough(path, settings, (record) => found.push(Buffer.from(encoder.encode(record))));
  return found;
}
