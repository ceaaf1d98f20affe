/** What makes flow records of packets: the flow table, as these programs use it. */
import type { CaptureBlock, RingBlock } from '@undercroft/packet';
import type { RecordBatch } from '../../record/batch.ts';
import type { ArgusSettings } from './settings.ts';
import type { SourceId } from './source-id.ts';

/** What a meter is made with. */
export interface MeterOptions {
  readonly settings: ArgusSettings;
  readonly source: SourceId;
  /** Packets come as they are seen: flows are limited in number, time goes on without packets. */
  readonly live: boolean;
}

export interface FlowMeter {
  /** Takes packets; `onRecords` hears of batches as they fill, valid during the call. */
  addBlock(block: CaptureBlock | RingBlock, onRecords: (batch: RecordBatch) => void): void;
  /** Time goes on: flows whose interval is over are reported. @param nowUs microseconds since 1970 */
  tick(nowUs: number, onRecords: (batch: RecordBatch) => void): void;
  /** Reports all flows that are left. */
  finish(onRecords: (batch: RecordBatch) => void): void;
}

export type MeterFactory = (options: MeterOptions) => Promise<FlowMeter>;
