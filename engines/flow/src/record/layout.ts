/**
 * One flow record as 32-bit words: what the flow table sends, what a file of records is read into, what the clients
 * print, merge and write. Little endian words, numbers in host order. AssemblyScript and TypeScript both compile this
 * file: plain numbers only. Each constant is a word's index.
 *
 * What a record says is in HAS; a word whose bit is not set means nothing (and is zero).
 */

export const RECORD_WORDS = 256;
export const RECORD_BYTES = 1024;

/** KIND_… */
export const KIND = 0;
export const KIND_FLOW = 1;
export const KIND_MANAGEMENT = 2;
/** Born from NetFlow, IPFIX or sFlow. */
export const KIND_IMPORTED = 3;
export const KIND_EVENT = 4;

/** CAUSE_… */
export const CAUSE = 1;
export const CAUSE_START = 0x10;
export const CAUSE_STATUS = 0x20;
export const CAUSE_STOP = 0x30;
export const CAUSE_TIMEOUT = 0x40;
export const CAUSE_SHUTDOWN = 0x60;
export const CAUSE_ERROR = 0x80;

/** HAS_… bits: which parts the record has. */
export const HAS = 2;
export const HAS_TRANSPORT = 1;
export const HAS_FLOW = 2;
export const HAS_TIME = 4;
export const HAS_METRIC = 8;
/** Application bytes within the metric. */
export const HAS_APP_BYTES = 0x10;
export const HAS_PACKET_SIZE = 0x20;
export const HAS_ENCAPSULATION = 0x40;
/** Protocol state: NET_KIND says which. */
export const HAS_NETWORK = 0x80;
export const HAS_ICMP = 0x100;
export const HAS_VLAN = 0x200;
export const HAS_MAC = 0x400;
export const HAS_MPLS = 0x800;
export const HAS_JITTER = 0x1000;
export const HAS_IP = 0x2000;
export const HAS_SOURCE_DATA = 0x4000;
export const HAS_DESTINATION_DATA = 0x8000;
export const HAS_AGGREGATE = 0x10000;
export const HAS_CORRELATION = 0x20000;
export const HAS_COUNTRY = 0x40000;
export const HAS_LABEL = 0x80000;
export const HAS_ASN = 0x100000;
export const HAS_KEYSTROKES = 0x200000;
export const HAS_HASH = 0x400000;
export const HAS_GEO = 0x800000;
export const HAS_TUNNEL = 0x1000000;
export const HAS_EXPORT = 0x2000000;

// Transport: who made the record and which it is.
/** 0 none or reversed IPv4 (as Argus writes an id of zero), 1 IPv4, 0x20 number, 0x21 four characters, 2 IPv6, 0x22 UUID. */
export const SOURCE_ID_KIND = 3;
/** Four words, as bytes in order. */
export const SOURCE_ID = 4;
/** Number of the flow at its maker; all records of a flow carry the same. */
export const SEQUENCE = 8;
/** Four characters of an interface name (version 5), as bytes; 0 if none. */
export const SOURCE_INTERFACE = 9;

// Flow key.
/** FLOW_… : the kind of key. */
export const FLOW_TYPE = 10;
export const FLOW_IPV4 = 1;
export const FLOW_IPV6 = 2;
export const FLOW_ETHERNET = 3;
export const FLOW_ARP = 4;
export const FLOW_RARP = 5;
/** Layer 3 matrix and layer 2 matrix, which aggregation makes. */
export const FLOW_MATRIX_IP = 6;
export const FLOW_MATRIX_MAC = 7;
export const FLOW_OTHER = 15;
/** FLOWFLAG_… bits. */
export const FLOW_FLAGS = 11;
/** The key is stored from responder to initiator (the smaller address first); addresses here are the initiator's first. */
export const FLOWFLAG_REVERSED = 1;
export const FLOWFLAG_DIRECTION = 2;
export const FLOWFLAG_MASKS = 4;
export const FLOWFLAG_FRAGMENT = 8;
/** IP protocol; for Ethernet and ARP keys the Ethernet type. */
export const PROTOCOL = 12;
/**
 * Four words each, the address as bytes in network order, in the order of the words in memory: IPv4 takes the first
 * word, a MAC the first six bytes. Source is the initiator.
 */
export const SOURCE_ADDRESS = 13;
export const DESTINATION_ADDRESS = 17;
/** Port, or SAP for LLC. */
export const SOURCE_PORT = 21;
export const DESTINATION_PORT = 22;
/** Prefix lengths; 0 when the key says none. */
export const SOURCE_MASK = 23;
export const DESTINATION_MASK = 24;
/** IPv6 flow label; ESP and AH: SPI; fragment and IGMP: IP identification; DNS over UDP: query id. */
export const KEY_DETAIL = 25;
/** ICMP, ICMPv6, IGMP keys. */
export const KEY_ICMP_TYPE = 26;
export const KEY_ICMP_CODE = 27;
export const KEY_ICMP_ID = 28;
export const KEY_ICMP_SEQUENCE = 29;
/** ARP and RARP keys: hardware type, protocol type, operation; then 2 words of MAC (target) and 2 of a second MAC. */
export const KEY_ARP_HARDWARE = 30;
export const KEY_ARP_PROTOCOL = 31;
export const KEY_ARP_OPERATION = 32;
export const KEY_ARP_MAC = 33;
export const KEY_ARP_MAC2 = 35;
/** Hardware address bytes << 8 | protocol address bytes of ARP. */
export const KEY_ARP_LENGTHS = 37;

// Time: seconds since 1970 UTC and nanoseconds. START and END span the record; the others say what TIME_HAS says.
export const START_S = 38;
export const START_NS = 39;
export const END_S = 40;
export const END_NS = 41;
export const TIME_HAS = 42;
export const TIMEHAS_SOURCE_START = 1;
export const TIMEHAS_SOURCE_END = 2;
export const TIMEHAS_DESTINATION_START = 4;
export const TIMEHAS_DESTINATION_END = 8;
/** A record of this flow, this or an earlier one, has held more than one packet; matters where START and END are one. */
export const TIMEHAS_RANGE = 0x10;
export const SOURCE_START_S = 43;
export const SOURCE_START_NS = 44;
export const SOURCE_END_S = 45;
export const SOURCE_END_NS = 46;
export const DESTINATION_START_S = 47;
export const DESTINATION_START_NS = 48;
export const DESTINATION_END_S = 49;
export const DESTINATION_END_NS = 50;

// Metric: 64-bit counters as low word, high word.
export const SOURCE_PACKETS = 52;
export const DESTINATION_PACKETS = 54;
export const SOURCE_BYTES = 56;
export const DESTINATION_BYTES = 58;
export const SOURCE_APP_BYTES = 60;
export const DESTINATION_APP_BYTES = 62;

// Packet sizes: least and most, bytes.
export const SOURCE_SIZE_MIN = 64;
export const SOURCE_SIZE_MAX = 65;
export const DESTINATION_SIZE_MIN = 66;
export const DESTINATION_SIZE_MAX = 67;

/** Encapsulations seen each way, bits as Argus numbers them (1 MPLS, 2 Ethernet, 4 802.1Q, 8 LLC, ...). */
export const SOURCE_ENCAPSULATION = 68;
export const DESTINATION_ENCAPSULATION = 69;

// Network: state of the protocol. NET_KIND is one of NET_….
export const NET_KIND = 70;
/** Nothing is known. */
export const NET_NONE = 0;
/** TCP of one packet, TCP status only, TCP whole. */
export const NET_TCP_FIRST = 1;
export const NET_TCP_STATUS = 2;
export const NET_TCP = 3;
export const NET_ICMP = 4;
export const NET_ESP = 5;
export const NET_RTP = 6;
export const NET_RTCP = 7;
export const NET_UDT = 8;
export const NET_ARP = 9;
export const NET_FRAGMENT = 10;
export const NET_IGMP = 11;
/** A part that is carried along unread: RAW_NET_AT, RAW_NET_BYTES. */
export const NET_OTHER = 12;

/** Status bits as Argus numbers them; BSD state number; option bits. */
export const TCP_STATUS = 71;
export const TCP_STATE = 72;
export const TCP_OPTIONS = 73;
/** Microseconds. */
export const TCP_SYNACK_US = 74;
export const TCP_ACKDAT_US = 75;
// Each side: SIDE_… words from here.
export const TCP_SOURCE = 76;
export const TCP_DESTINATION = 96;
export const SIDE_LAST_S = 0;
export const SIDE_LAST_US = 1;
export const SIDE_STATUS = 2;
export const SIDE_SEQUENCE_BASE = 3;
export const SIDE_SEQUENCE = 4;
export const SIDE_ACKNOWLEDGEMENT = 5;
export const SIDE_WINDOW_COUNT = 6;
export const SIDE_BYTES = 7;
export const SIDE_RETRANSMITTED = 8;
export const SIDE_ACK_BYTES = 9;
export const SIDE_WINDOW_BYTES = 10;
export const SIDE_WINDOW = 11;
export const SIDE_FLAGS = 12;
export const SIDE_WINDOW_SHIFT = 13;
/** Largest segment, version 5. */
export const SIDE_MAX_SEGMENT = 14;
// Other protocols' state, NET_KIND says whose: words from NET_WORDS, in the order of the record format.
export const NET_WORDS = 116;
export const NET_WORDS_COUNT = 14;
export const RAW_NET_AT = 130;
export const RAW_NET_BYTES = 131;

// ICMP that spoke of this flow: 1 unreachable, 2 redirect, 4 time exceeded; then what it said.
export const ICMP_MAPPED = 132;
export const ICMP_TYPE = 133;
export const ICMP_CODE = 134;
export const ICMP_SEQUENCE = 135;
/** One word each, IPv4 as bytes in order. */
export const ICMP_OUTER_SOURCE = 136;
export const ICMP_OUTER_DESTINATION = 137;
export const ICMP_INNER_SOURCE = 138;
export const ICMP_INNER_DESTINATION = 139;
export const ICMP_GATEWAY = 140;

// Link layer. Presence by side: 1 source, 2 destination.
export const VLAN_HAS = 141;
export const SOURCE_VLAN = 142;
export const DESTINATION_VLAN = 143;
export const MPLS_HAS = 144;
export const SOURCE_MPLS = 145;
export const DESTINATION_MPLS = 146;
export const MPLS_DEPTHS = 147;
/** 1 and 2: more than one pair of MACs was seen from the source, the destination. */
export const MAC_MULTIPLE = 148;
/** Two words each, six bytes in order. */
export const SOURCE_MAC = 149;
export const DESTINATION_MAC = 151;
export const MAC_ETHER_TYPE = 153;

// IP attributes. IP_HAS: 1 source, 2 destination, 4 and 8 their options, 0x10 and 0x20 fragments seen.
export const IP_HAS = 154;
export const SOURCE_TTL = 155;
export const DESTINATION_TTL = 156;
export const SOURCE_TOS = 157;
export const DESTINATION_TOS = 158;
export const SOURCE_IP_ID = 159;
export const DESTINATION_IP_ID = 160;
export const SOURCE_IP_OPTIONS = 161;
export const DESTINATION_IP_OPTIONS = 162;

// Inter-packet times: four blocks of STAT_WORDS. JITTER_HAS: 1 source active, 2 source idle, 4 destination active, 8 idle.
export const JITTER_HAS = 163;
export const JITTER_SOURCE_ACTIVE = 164;
export const JITTER_SOURCE_IDLE = 169;
export const JITTER_DESTINATION_ACTIVE = 174;
export const JITTER_DESTINATION_IDLE = 179;
/** u32 count, then f32 least, mean, standard deviation, most, in microseconds. */
export const STAT_COUNT = 0;
export const STAT_MIN = 1;
export const STAT_MEAN = 2;
export const STAT_STDDEV = 3;
export const STAT_MAX = 4;
export const STAT_WORDS = 5;
/** Two words (8 counts) for each of the four, where the record has histograms. */
export const JITTER_HISTOGRAMS = 184;
export const JITTER_HAS_HISTOGRAMS = 192;

// Aggregation: how many records went in, the last one's start, and statistics of durations and idle times.
export const AGGREGATE_COUNT = 193;
export const AGGREGATE_LAST_S = 194;
export const AGGREGATE_LAST_US = 195;
export const AGGREGATE_LAST_END_S = 196;
export const AGGREGATE_LAST_END_US = 197;
export const AGGREGATE_ACTIVE = 198;
export const AGGREGATE_IDLE = 203;

export const SOURCE_ASN = 208;
export const DESTINATION_ASN = 209;
export const INTERMEDIATE_ASN = 210;
/** Two characters each, as bytes. */
export const SOURCE_COUNTRY = 211;
export const DESTINATION_COUNTRY = 212;
export const SOURCE_KEYSTROKES = 213;
export const DESTINATION_KEYSTROKES = 214;
/** 1 where typists are looked for in flows that look like SSH only, else in any TCP. */
export const KEYSTROKES_OF_SSH = 215;

// Bytes that lie elsewhere in the same memory: address (byte offset), count; and for data the size asked for.
export const SOURCE_DATA_AT = 216;
export const SOURCE_DATA_COUNT = 217;
export const SOURCE_DATA_SIZE = 218;
export const DESTINATION_DATA_AT = 219;
export const DESTINATION_DATA_COUNT = 220;
export const DESTINATION_DATA_SIZE = 221;
export const LABEL_AT = 222;
export const LABEL_BYTES = 223;
/** Parts of the record format not read into words (correlation, geo, tunnels, unknown), as they were, one after another. */
export const EXTRA_AT = 224;
export const EXTRA_BYTES = 225;

// What an exporter of NetFlow, IPFIX or sFlow says besides (HAS_EXPORT); its address is the source id.
/** 1, 5, 7, 9, 10 for IPFIX, 0x105 for sFlow version 5. */
export const EXPORT_VERSION = 240;
/** Source id, observation domain, sub-agent; engine type << 8 | engine id of version 5. */
export const EXPORT_DOMAIN = 241;
/** SNMP interface indexes, 0 if not told. */
export const INPUT_INTERFACE = 242;
export const OUTPUT_INTERFACE = 243;
/** 0, 4 or 6, and four words of address as bytes in order. */
export const NEXT_HOP_VERSION = 244;
export const NEXT_HOP = 245;
/** One packet in so many was looked at, and the counters were multiplied by it; 0 and 1 for all. */
export const SAMPLING_RATE = 249;
/** Why source and destination are what they are: INITIATOR_…. */
export const INITIATOR_BY = 250;
/** The exporter's word for it. */
export const INITIATOR_AS_EXPORTED = 0;
export const INITIATOR_BY_TCP_FLAGS = 1;
export const INITIATOR_BY_PORTS = 2;
export const INITIATOR_BY_TIME = 3;
/** Nothing told the sides apart: the smaller address. */
export const INITIATOR_BY_ADDRESS = 4;
/** flowEndReason of IPFIX: 1 idle, 2 active timeout, 3 end seen, 4 forced, 5 lack of memory; 0 if not told. */
export const END_REASON = 251;

/** Low four bits of the cause as the format has them: 8 when a radium passed it on; of a refusal, why. */
export const CAUSE_DETAIL = 226;
/** The byte after the protocol in an IPv4 key: the protocol (or service) that an ICMP error speaks of. */
export const KEY_INNER_PROTOCOL = 227;

/** Encapsulations that changed while the flow ran: 0x40 and 0x80, as Argus marks them. */
export const ENCAPSULATION_CHANGED = 228;

/** Histograms of packet sizes, which clients add: subtype bits as the format has them (4: there are some), then eight counts of four bits each way. */
export const SIZE_FORM = 229;
export const SOURCE_SIZE_HISTOGRAM = 230;
export const DESTINATION_SIZE_HISTOGRAM = 231;

/** Qualifier of the state of a protocol: fragments overlap (2), came out of order (0x20); silence of RTP (1, 2). */
export const NET_QUALIFIER = 232;

/** A management record's own numbers take the words from here (they have no flow). MAR_… are offsets from it. */
export const MANAGEMENT = 24;
export const MAR_STATUS = 0;
export const MAR_COOKIE = 1;
export const MAR_LOCAL_NET = 2;
export const MAR_NETMASK = 3;
export const MAR_NEXT = 4;
export const MAR_START_S = 5;
export const MAR_START_US = 6;
export const MAR_NOW_S = 7;
export const MAR_NOW_US = 8;
export const MAR_MAJOR = 9;
export const MAR_MINOR = 10;
export const MAR_LINK_TYPE = 11;
export const MAR_INTERFACE_STATUS = 12;
export const MAR_FLOW_INTERVAL_S = 13;
export const MAR_INTERVAL_S = 14;
/** Low word, high word. */
export const MAR_PACKETS = 15;
export const MAR_BYTES = 17;
export const MAR_DRIFT = 19;
export const MAR_RECORDS = 21;
export const MAR_FLOWS = 22;
export const MAR_DROPPED = 23;
export const MAR_QUEUE = 24;
export const MAR_OUTPUT = 25;
export const MAR_CLIENTS = 26;
export const MAR_BUFFERS = 27;
export const MAR_BUFFER_BYTES = 28;
export const MAR_SOURCE_DATA_SIZE = 29;
export const MAR_DESTINATION_DATA_SIZE = 30;
/** The record's version of the format: 3 or 5. */
export const MAR_VERSION = 31;
/** Words of the record, its header included: 32, or 1 for a bare Stop. */
export const MAR_WORDS = 32;
