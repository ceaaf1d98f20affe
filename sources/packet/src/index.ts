export { addressBytes, addressText } from './decode/address.ts';
export {
  type DecoderOptions,
  type FrameHead,
  PacketDecoder,
  type RecordBlock,
  type RingBlock,
} from './decode/decoder.ts';
export { describe, layerPath } from './decode/describe.ts';
export * as packetFlags from './decode/flags.ts';
export * as captureFraming from './decode/framing.ts';
export { type FramingModule, wasmInstance } from './decode/instance.ts';
export * as packetLayers from './decode/layers.ts';
export * as packetLayout from './decode/layout.ts';
export { type PacketModule, packetModule } from './decode/module.ts';
export { LAYER_NAMES } from './decode/names.ts';
export * as decodeOptions from './decode/options.ts';
export { tcpOption } from './decode/tcp-options.ts';
export { PacketView } from './decode/view.ts';
export {
  type CaptureBlock,
  CaptureFileError,
  type CaptureInterface,
  type CaptureWarning,
  eachRecord,
  MAX_BLOCK_BYTES,
} from './file/block.ts';
export type { CaptureSource } from './file/bytes/source.ts';
export { type Capture, type CaptureOptions, openCapture } from './file/capture.ts';
export type { FileCompression, SyncPolicy } from './file/write/chunk-file.ts';
export type { CaptureFormat, WrittenInterface, WrittenPacket } from './file/write/format.ts';
export { pcapFormat } from './file/write/pcap-format.ts';
export { pcapngFormat } from './file/write/pcapng-format.ts';
export { CaptureWriter, type WriterOptions } from './file/write/writer.ts';
export { FILTER_LINK_TYPES } from './filter/compile/link.ts';
export { compileFilter, DEFAULT_SNAP_LENGTH, type FilterOptions } from './filter/compile.ts';
export { disassemble } from './filter/disassemble.ts';
export { type Auxiliary, runProgram } from './filter/interpreter.ts';
export { FilterError } from './filter/language/error.ts';
export type { BpfInstruction, BpfProgram } from './filter/program.ts';
export { ProgramError, validateProgram } from './filter/validate.ts';
export { Defragmenter, type DefragmenterOptions, type FragmentCounts } from './fragment/defragmenter.ts';
export * as fragmentPolicies from './fragment/policies.ts';
export * as streamEvents from './stream/events.ts';
export * as streamPolicies from './stream/policies.ts';
export { type ReassemblerOptions, type StreamCounts, StreamReassembler } from './stream/reassembler.ts';
export { StreamEvent } from './stream/view.ts';
