/** Forms of blocks and outcomes of framing. Compiled by both worlds: plain numbers only. */

/** Bits of a capture file's form. */
export const CAPTURE_NANOSECONDS = 1;
/** Its numbers are big endian. */
export const CAPTURE_BIG_ENDIAN = 2;

// Why framing ended.
/** All whole records were framed; a torn one may be left. */
export const FRAMED_ALL = 0;
/** There was no place for more packets. */
export const FRAMED_FULL = 1;
/** A record claims a length that no capture has: the file is damaged from here on. */
export const FRAMED_ABSURD = 2;
/** A ring block whose chain leaves the block. */
export const FRAMED_BROKEN = 3;
