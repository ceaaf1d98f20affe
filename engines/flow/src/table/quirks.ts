/**
 * What Argus 3.0.8 does that its own documentation or the protocols do not mean: bits of OPTION_QUIRKS. With a bit set the
 * table does as Argus does, record for record; without it, what is right. Both worlds compile this file: plain numbers.
 */

/** Times are cut to microseconds. */
export const QUIRK_MICROSECONDS = 0x1;
/** A packet with an earlier time sets the clock back. */
export const QUIRK_CLOCK_REWINDS = 0x2;
/** The earliest of a record's four times is looked for by whole seconds. */
export const QUIRK_START_BY_SECONDS = 0x4;
/** TCP sequence numbers are compared as they are, not modulo 2^32. */
export const QUIRK_SEQUENCE_WRAPS = 0x8;
/** IP identifications are compared with their bytes swapped. */
export const QUIRK_IP_ID_SWAPPED = 0x10;
/** IPv6 between equal addresses has no direction: each way is a flow. */
export const QUIRK_IPV6_SAME_ADDRESS = 0x20;
/** Flows of IPv6 ESP are not kept. */
export const QUIRK_IPV6_NO_ESP = 0x40;
/** An ICMP message of less than 28 bytes has no state of its own. */
export const QUIRK_ICMP_28_BYTES = 0x80;
/** An ICMP error counts the quoted packet's lengths as its application bytes. */
export const QUIRK_ICMP_QUOTED_LENGTH = 0x100;
/** Behind AH the key of ICMP, IGMP and ESP keeps AH's protocol number. */
export const QUIRK_AH_PROTOCOL = 0x200;
/** IPv6 packets show the IP options of the last IPv4 packet. */
export const QUIRK_OPTIONS_STAY = 0x400;
/** LLC frames too short for their header show the saps of the last that was long enough. */
export const QUIRK_LLC_STAYS = 0x800;
/** An ARP reply behind a tag is read where an untagged one would lie. */
export const QUIRK_ARP_UNTAGGED = 0x1000;
/** A fragment's total length is kept in 16 bits, and IPv6's is short by the fragment header. */
export const QUIRK_FRAGMENT_LENGTH = 0x2000;
/** A TCP flow that begins with an unusual set of flags is closing; so is one with FIN beside URG. */
export const QUIRK_TCP_ODD_FLAGS = 0x4000;
/** The TCP state machine compares all flag bits: a SYN-ACK with ECE is none. */
export const QUIRK_TCP_ECN_FLAGS = 0x8000;
/**
 * On links that carry IP only: a flow past its interval that is the oldest is sent alone; whether a packet came inside the
 * window, and where a fragment's payload begins, is what the packet before has left.
 */
export const QUIRK_IP_LINKS = 0x10000;
/** What later fragments bring counts no application bytes for their flow. */
export const QUIRK_FRAGMENT_APP_BYTES = 0x20000;
/** First fragments of IPv6 are not remembered: later ones are flows of their own. */
export const QUIRK_IPV6_FRAGMENTS = 0x40000;
/** A connection that the other side begins on a used pair of ports keeps the order of its addresses. */
export const QUIRK_RESTART_DIRECTION = 0x80000;
/** User data of ESP shows SPI and sequence number with their bytes swapped. */
export const QUIRK_ESP_SWAPPED = 0x100000;

/** The record of a TCP flow's first packet says nothing of its window. */
export const QUIRK_FIRST_WINDOW = 0x200000;
/** The type of service of IPv6 is read out of the flow label. */
export const QUIRK_IPV6_TOS = 0x400000;
/** Linux cooked captures count as captured far beyond their end. */
export const QUIRK_COOKED_END = 0x800000;
/** A side begins with the packet that was read first and ends with the one read last, however late it was. */
export const QUIRK_LATE_TIMES = 0x1000000;
/**
 * A fraction of a second above one half in the interval counts as what lacks to the next second, and the end of a capture
 * ends the interval's whole seconds only.
 */
export const QUIRK_INTERVAL_FRACTION = 0x2000000;
/** TCP's performance is reported whatever was asked for. */
export const QUIRK_TCP_PERFORMANCE = 0x4000000;

/** All: what `argus` 3.0.8 sends. */
export const QUIRKS_ARGUS = 0x7ffffff;
