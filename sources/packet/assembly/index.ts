/** What the module gives to TypeScript. */
export { allocate, allocatedBytes } from './arena';
export { decode, decodeAll } from './decode';
export { runFilter } from './filter';
export { setHashSeed } from './hash';
export { frameCapture, frameRing, framedNext, framedOutcome } from './frames';
export { defragment, fragmentInit } from './fragment';
export { fragmentCounters } from './fragment/table';
export { endStreams, reassemble, setStreamPolicy, streamInit } from './stream';
export { streamCounters, streamEventCount, streamEvents } from './stream/tell';
