/**
 * A packet with payload that is shown to the inspector, as bytes in linear memory. Little endian. AssemblyScript and
 * TypeScript both compile this file: plain numbers only. Each constant is a byte offset.
 */

export const INSPECTION_BYTES = 88;
/** Packets waiting at once: as many as are framed at a time, so that each has its place. */
export const INSPECTIONS = 1024;

/** u32, the flow's address in the table. */
export const INSPECT_FLOW = 0;
/** u32, the flow's number: that of its records. */
export const INSPECT_SEQUENCE = 4;
/** u32 seconds since 1970, u32 nanoseconds. */
export const INSPECT_TIME_S = 8;
export const INSPECT_TIME_NS = 12;
/** u32, address of the payload, its bytes captured, its bytes by the headers. */
export const INSPECT_PAYLOAD = 16;
export const INSPECT_CAPTURED_BYTES = 20;
export const INSPECT_WIRE_BYTES = 24;
/** u32 each: TCP sequence number of the payload, and of the first byte of this side's stream as far as it is known. */
export const INSPECT_TCP_SEQUENCE = 28;
export const INSPECT_TCP_FIRST = 32;
/** u32, INSPECT_IS_… bits. */
export const INSPECT_BITS = 36;
/** From the one who began the flow to the other, or back. */
export const INSPECT_IS_ANSWER = 1;
/** The first one of its flow: what was known under its number is of another. */
export const INSPECT_IS_FIRST = 2;
export const INSPECT_IS_TCP = 4;
export const INSPECT_IS_IPV6 = 8;
/** u16 each, of who began the flow and of the other. */
export const INSPECT_SOURCE_PORT = 40;
export const INSPECT_DESTINATION_PORT = 42;
/** 16 bytes each in network order, IPv4 in the first four and zero behind. */
export const INSPECT_SOURCE = 44;
export const INSPECT_DESTINATION = 60;
/** u8, written by the inspector: INSPECT_… of what else it wants to see of the flow. */
export const INSPECT_ANSWER = 76;

/** The first packets, within the limits. */
export const INSPECT_SOME = 0;
export const INSPECT_NONE = 1;
/** All that come. */
export const INSPECT_ALL = 2;
/** Packets that begin as a message of HTTP/1 does. */
export const INSPECT_HTTP = 3;

/** Of each direction, and of both together. */
export const MAX_INSPECTED_PACKETS = 16;
export const MAX_INSPECTED_BYTES = 24576;
