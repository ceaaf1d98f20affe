/** Bounds of memory and of a frame. */

export const ARENA_ALIGN: usize = 16;
export const PAGE_BYTES: u64 = 65536;
/** More than any capture file's snapshot length; a record that claims more is not one. */
export const MAX_FRAME_BYTES: u32 = 262144;
