/**
 * One decoded packet as bytes in linear memory: the structure that the decoder fills and that every user of packets
 * reads, from AssemblyScript as from TypeScript. Little endian. This file is compiled by both: plain numbers only.
 *
 * Whoever frames a packet (a capture file, a ring) fills the head; the decoder fills the rest.
 */

export const PACKET_BYTES = 256;

// The head.
/** u32, seconds since 1970, UTC. */
export const TIME_S = 0;
/** u32, nanoseconds of that second. */
export const TIME_NS = 4;
/** u32, address of the first byte of the frame. */
export const DATA = 8;
/** u32, bytes of the frame that are there. */
export const CAPTURED_BYTES = 12;
/** u32, bytes the frame had on the wire. */
export const WIRE_BYTES = 16;
/** u16, the link type's number in capture files (1 is Ethernet). */
export const LINK_TYPE = 20;
/** u16, which interface of the capture it came from. */
export const INTERFACE = 22;
/** u16, VLAN tag that the kernel took off, and u16 its TPID; a TPID of 0 says that there was none. */
export const STRIPPED_TCI = 24;
export const STRIPPED_TPID = 26;
/** u32, META_… bits. */
export const META = 28;
/** Sent by this machine. */
export const META_OUTGOING = 1;
/** The checksum is left to the network card: not to be judged. */
export const META_CHECKSUM_PENDING = 2;

// What the decoder fills.
/** u32, the malformations and properties found: bits of `flags.ts`. */
export const FLAGS = 32;
/** u8, layers found. */
export const LAYERS = 36;
/** u8, index of the outermost IP layer, of the innermost one, of the transport layer above it; NONE if there is none. */
export const OUTER = 37;
export const INNER = 38;
export const TRANSPORT = 39;
export const NONE = 255;
/** u16, Ethernet type after all tags; 0 for LLC. */
export const ETHER_TYPE = 40;
/** u8, protocol above the innermost IP layer, extension headers passed. */
export const PROTOCOL = 42;
/** u8, 4, 6 or 0, of the innermost IP layer. */
export const IP_VERSION = 43;
/** u16 each, host order; 0 where the protocol has none or the header is not there. */
export const SOURCE_PORT = 44;
export const DESTINATION_PORT = 46;
/** 16 bytes each in network order, of the innermost IP layer; an IPv4 address is the first four, the rest are zero. */
export const SOURCE = 48;
export const DESTINATION = 64;
/** u32, offset from DATA of what the transport header carries; u32 its bytes captured; u32 its bytes by the headers. */
export const PAYLOAD = 80;
export const PAYLOAD_BYTES = 84;
export const PAYLOAD_WIRE_BYTES = 88;
/** u16, offset in bytes of an IP fragment within its datagram; u16 1 if more follow; u32 its identification. */
export const FRAGMENT_OFFSET = 92;
export const FRAGMENT_MORE = 94;
export const FRAGMENT_ID = 96;
/** u8 each, of the innermost layers. */
export const TCP_FLAGS = 100;
export const TTL = 101;
export const TOS = 102;
export const TCP_HEADER_BYTES = 103;
/** u32 each. */
export const TCP_SEQUENCE = 104;
export const TCP_ACKNOWLEDGEMENT = 108;
/** u16, as in the header, not scaled. */
export const TCP_WINDOW = 112;
/** u8 each, of ICMP, ICMPv6 and IGMP. */
export const ICMP_TYPE = 114;
export const ICMP_CODE = 115;
/** u32, hash of the innermost addresses, ports and protocol, the same in both directions. */
export const FLOW_HASH = 116;
/** u8 each, IP_OPTION_… bits of the innermost IP layer and TCP_OPTION_… bits. */
export const IP_OPTIONS = 120;
export const TCP_OPTIONS = 121;
/** u16, maximum segment size option; 0 without one. */
export const TCP_MSS = 122;
/** u8, shift of the window scale option; NONE without one. */
export const TCP_WINDOW_SCALE = 124;

/** From here MAX_LAYERS layers of LAYER_BYTES each, outermost first. */
export const LAYER_TABLE = 128;
export const MAX_LAYERS = 16;
export const LAYER_BYTES = 8;
/** u8, a number of `layers.ts`. */
export const LAYER_KIND = 0;
/** u8, what the kind says it is (an IP protocol, a count of options); 0 otherwise. */
export const LAYER_INFO = 1;
/** u16, bytes of its header. */
export const LAYER_HEADER_BYTES = 2;
/** u32, offset of its header from DATA. */
export const LAYER_OFFSET = 4;
