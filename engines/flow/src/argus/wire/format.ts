/**
 * Argus' record format, version 3 as argus 3.0.8 writes it and version 5: the numbers of the wire.
 *
 * A stream is a chain of records. A record is a word (type and version, cause, length in words) and then parts: type,
 * subtype, qualifier, length in words. Numbers are big endian unless quirks.ts says otherwise.
 */

/** Words of a whole management record, which begins each stream. */
export const MANAGEMENT_WORDS = 32;
export const MANAGEMENT_BYTES = 128;
export const COOKIE_V3 = 0xe5712dcb;
export const COOKIE_V5 = 0xe57150cb;
/** A record's length is 16 bits of words. */
export const MAX_RECORD_WORDS = 65535;
export const MAX_RECORD_BYTES = MAX_RECORD_WORDS * 4;

// Record types: the high half of the first byte.
export const RECORD_FLOW = 1;
export const RECORD_IMPORTED = 3;
export const RECORD_EVENT = 4;
export const RECORD_MANAGEMENT = 8;

// Bits of a management record's status.
export const STATUS_SASL = 0x1000;
export const STATUS_ID_KIND = 0xe00000;
export const STATUS_ID_STRING = 0x200000;
export const STATUS_ID_NUMBER = 0x400000;
export const STATUS_ID_IPV6 = 0x600000;
export const STATUS_ID_IPV4 = 0x800000;
export const STATUS_ID_UUID = 0xa00000;

// Part types.
export const PART_TRANSPORT = 0x01;
export const PART_FLOW = 0x02;
export const PART_TIME = 0x03;
export const PART_HASH = 0x07;
export const PART_METRIC = 0x10;
export const PART_PACKET_SIZE = 0x12;
export const PART_ENCAPSULATION = 0x20;
export const PART_NETWORK = 0x30;
export const PART_ASN = 0x32;
export const PART_ICMP = 0x34;
export const PART_VLAN = 0x40;
export const PART_GRE = 0x41;
export const PART_MAC = 0x42;
export const PART_VXLAN = 0x43;
export const PART_MPLS = 0x44;
export const PART_GENEVE = 0x45;
export const PART_JITTER = 0x46;
export const PART_IP = 0x48;
export const PART_DATA = 0x50;
export const PART_KEYSTROKES = 0x54;
export const PART_AGGREGATE = 0x60;
export const PART_CORRELATION = 0x62;
export const PART_COUNTRY = 0x64;
export const PART_LABEL = 0x66;
export const PART_GEO = 0x68;
/** Type bit: the part is one word. */
export const PART_ONE_WORD = 0x80;
/** Subtype bit: the length takes the place of qualifier and length. */
export const PART_LONG = 0x80;

// Flow key: subtypes and qualifier bits.
export const KEY_FIVE_TUPLE = 1;
export const KEY_MATRIX_MAC = 2;
export const KEY_MATRIX_IP = 3;
export const KEY_ARP = 6;
export const KEY_REVERSED = 0x40;
export const QUALIFIER_DIRECTION = 0x20;
export const QUALIFIER_MASKS = 0x40;
export const QUALIFIER_FRAGMENT = 0x80;

// Time: subtypes, qualifiers.
export const TIME_STAMP = 1;
export const TIME_RANGE = 2;
export const TIME_START_AND_DELTA = 3;
export const TIME_MICROSECONDS = 0x18;
export const TIME_NANOSECONDS = 0x19;

// Metric: subtypes; widths are 1 u8, 2 u16, 3 u32, 4 u64, plus 0, 4 or 8 for both ways, source only, destination only.
export const METRIC_BYTES = 1;
export const METRIC_APP_BYTES = 4;
export const WAYS_BOTH = 0;
export const WAYS_SOURCE = 4;
export const WAYS_DESTINATION = 8;

// State of a protocol: subtypes.
export const STATE_TCP_FIRST = 0x03;
export const STATE_TCP_STATUS = 0x04;
export const STATE_TCP = 0x05;
export const STATE_RTCP = 0x09;
export const STATE_RTP = 0x0a;
export const STATE_UDT = 0x0d;
export const STATE_ARP = 0x10;
export const STATE_IGMP = 0x06;
export const STATE_ICMP = 0x34;
export const STATE_ESP = 0x38;
export const STATE_FRAGMENT = 0x45;

/** Data part: the subtype says from which side the bytes came. */
export const DATA_SOURCE = 0x10;
export const DATA_DESTINATION = 0x20;
