/**
 * Bits of FLAGS, IP_OPTIONS and TCP_OPTIONS: what was found wrong or worth knowing in a packet. Compiled by both worlds:
 * plain numbers only.
 */

// Malformed or incomplete.
/** The capture ends within a header that the wire had whole. */
export const FLAG_TRUNCATED = 1 << 0;
/** The packet itself ends within a header. */
export const FLAG_SHORT = 1 << 1;
/** A length field speaks of more than there was on the wire. */
export const FLAG_LENGTH_BEYOND = 1 << 2;
/** A length field is smaller than its own header. */
export const FLAG_LENGTH_BELOW = 1 << 3;
/** A header length too small or beyond its packet (IPv4, TCP, DCCP, GRE, ...). */
export const FLAG_BAD_HEADER_LENGTH = 1 << 4;
export const FLAG_BAD_VERSION = 1 << 5;
/** An IP or TCP option, an SCTP chunk or an extension header runs over its end. */
export const FLAG_BAD_OPTION = 1 << 6;
/** More than MAX_LAYERS headers: the rest was not looked at. */
export const FLAG_TOO_MANY_LAYERS = 1 << 7;
/** A fragment that ends beyond 65,535 bytes, or one that is not the last and no multiple of 8. */
export const FLAG_BAD_FRAGMENT = 1 << 8;

// Checksums, judged only when asked for.
/** Of the innermost layers: all of it was there and the checksum was computed. */
export const FLAG_IP_CHECKSUM_JUDGED = 1 << 9;
export const FLAG_IP_CHECKSUM_BAD = 1 << 10;
export const FLAG_TRANSPORT_CHECKSUM_JUDGED = 1 << 11;
export const FLAG_TRANSPORT_CHECKSUM_BAD = 1 << 12;

// Properties.
/** An IP layer of it, not necessarily the innermost, is a fragment. */
export const FLAG_FRAGMENT = 1 << 13;
/** Made by the defragmenter out of several packets. */
export const FLAG_ASSEMBLED = 1 << 14;
/** An IP layer inside another. */
export const FLAG_TUNNEL = 1 << 15;
/** A total length of zero where segmentation is left to the network card: the frame's own length counts. */
export const FLAG_NO_LENGTH = 1 << 16;
/** Payload that is encrypted or compressed by a layer (WLAN protection, MACsec, ESP, PPP compression). */
export const FLAG_ENCRYPTED = 1 << 17;
/** A checksum of a layer around the innermost IP layer is wrong. */
export const FLAG_OUTER_CHECKSUM_BAD = 1 << 18;
/** Assembled out of fragments that overlapped, and, the second, did not agree. */
export const FLAG_FRAGMENTS_OVERLAP = 1 << 19;
export const FLAG_FRAGMENTS_CONFLICT = 1 << 20;

// Bits of IP_OPTIONS, of the innermost IPv4 layer; router alert of IPv6 too.
export const IP_OPTION_SECURITY = 1;
export const IP_OPTION_LOOSE_ROUTE = 2;
export const IP_OPTION_STRICT_ROUTE = 4;
export const IP_OPTION_RECORD_ROUTE = 8;
export const IP_OPTION_TIMESTAMP = 16;
export const IP_OPTION_ROUTER_ALERT = 32;
export const IP_OPTION_STREAM_ID = 64;
export const IP_OPTION_OTHER = 128;

// Bits of TCP_OPTIONS.
export const TCP_OPTION_MSS = 1;
export const TCP_OPTION_WINDOW_SCALE = 2;
export const TCP_OPTION_SACK_PERMITTED = 4;
export const TCP_OPTION_SACK = 8;
export const TCP_OPTION_TIMESTAMP = 16;
export const TCP_OPTION_MD5 = 32;
export const TCP_OPTION_FAST_OPEN = 64;
export const TCP_OPTION_OTHER = 128;

// Bits of TCP_FLAGS.
export const TCP_FIN = 1;
export const TCP_SYN = 2;
export const TCP_RST = 4;
export const TCP_PSH = 8;
export const TCP_ACK = 16;
export const TCP_URG = 32;
export const TCP_ECE = 64;
export const TCP_CWR = 128;
