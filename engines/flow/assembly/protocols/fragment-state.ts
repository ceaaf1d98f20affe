/** State of a datagram's fragments in a flow's network part: what of it has been seen. */

/**
 * u32 each: fragments, identification, bytes of the datagram seen, bytes of the packets, its length once known. They
 * lie as Argus has them: a key of fragments may be met by a packet of TCP without ports, which takes the same place.
 */
export const FRAGMENT_COUNT = 0;
export const FRAGMENT_ID = 4;
export const FRAGMENT_BYTES = 12;
export const FRAGMENT_TOTAL_BYTES = 16;
export const FRAGMENT_LENGTH = 20;
export const FRAGMENT_LONGEST = 24;
/** Address of the flow to which the datagram belongs, 0 until its first fragment came. */
export const FRAGMENT_PARENT = 28;
/** The first of a list of ranges. */
export const FRAGMENT_RANGE = 36;
export const FRAGMENT_STATE_BYTES: u32 = 52;

/** Of a range: u32 address of the next (0: none), i32 first byte, i32 byte behind. */
export const RANGE_NEXT = 0;
export const RANGE_START = 8;
export const RANGE_END = 12;

/** Bits of the network part's qualifier. */
export const QUALIFIER_OVERLAP: u32 = 0x02;
export const QUALIFIER_OUT_OF_ORDER: u32 = 0x20;
export const QUALIFIER_TCP_OFFSET: u32 = 0x40;
