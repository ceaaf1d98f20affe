/** A power cut, replayed: record a program's file operations, then cut the power at any of them. */
export type { Survival } from './disk.ts';
export type { Operation } from './operation.ts';
export {
  type Crash,
  choosePoints,
  type RecordOptions,
  type ReplayOptions,
  recordTrace,
  replay,
  replayEach,
  type Trace,
  whyNoTrace,
} from './trace.ts';
