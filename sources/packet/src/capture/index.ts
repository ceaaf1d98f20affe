/** Live capture, apart from the rest of the package: importing this loads native code. Linux only. */
export { CaptureError, type CaptureErrorCode } from './errors.ts';
export type { Fanout } from './fanout.ts';
export { FrameSender, MAX_FRAMES } from './inject.ts';
export { captureRemarks, findInterface, listInterfaces, type NetworkInterface, type Offloads } from './interfaces.ts';
export { type LiveCapture, type LiveCaptureOptions, startCapture } from './live.ts';
export { DEFAULT_BLOCK_BYTES, DEFAULT_BLOCKS, type RingBlock, type RingOptions, type RingStatistics } from './ring.ts';
export type { CaptureEvent, CaptureTotals } from './ring-set.ts';
