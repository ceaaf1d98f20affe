/**
 * What the flow table can be told, as words at the address that `options()` of the module gives. AssemblyScript and
 * TypeScript both compile this file: plain numbers only. Each constant is a word's index.
 */

export const OPTION_WORDS = 32;

/** Status interval: a flow alive this long after its first packet is reported; microseconds, low word and high word. */
export const OPTION_INTERVAL_US = 0;
/** Seconds a flow without packets is remembered after its last report. */
export const OPTION_IP_IDLE_S = 2;
export const OPTION_TCP_IDLE_S = 3;
export const OPTION_ICMP_IDLE_S = 4;
export const OPTION_IGMP_IDLE_S = 5;
export const OPTION_ARP_IDLE_S = 6;
export const OPTION_OTHER_IDLE_S = 7;
/** GENERATE_… bits. */
export const OPTION_GENERATE = 8;
export const GENERATE_APP_BYTES = 1;
/** Inter-packet times. */
export const GENERATE_JITTER = 2;
export const GENERATE_PACKET_SIZE = 4;
export const GENERATE_MAC = 8;
/** TCP's performance counters; without it TCP records carry status and flags only. */
export const GENERATE_TCP_PERFORMANCE = 16;
/** A record as soon as a flow starts. */
export const GENERATE_START_RECORDS = 32;
/** Keystrokes in any TCP flow, or in those that look like SSH. */
export const GENERATE_KEYSTROKES_TCP = 64;
export const GENERATE_KEYSTROKES_SSH = 128;
/** A TCP segment with the IP identification of the one before it is a duplicate, not a retransmission. */
export const GENERATE_DUPLICATES = 256;
/** All of the payload's bytes of flows on control ports (CONTROL_PORTS). */
export const GENERATE_CONTROL_DATA = 512;
/** Records tell first and last packet of each side. */
export const GENERATE_SIDE_TIMES = 1024;
/** The first packets with payload of each flow are shown to the inspector (`assembly/table/inspect.ts`). */
export const GENERATE_INSPECTION = 2048;
/** Bytes of payload kept per record and direction; 0 keeps none. */
export const OPTION_USER_DATA_BYTES = 9;
/** KEY_… bits. */
export const OPTION_KEY = 10;
export const KEY_FIVE_TUPLE = 1;
/** Addresses of layer 2 or layer 3 alone, in place of the five-tuple. */
export const KEY_MATRIX_MAC = 2;
export const KEY_MATRIX_IP = 4;
/** The outermost MPLS label; the VLAN id; the MACs and the Ethernet type: added to the key. */
export const KEY_MPLS = 8;
export const KEY_VLAN = 16;
export const KEY_MAC = 32;
/** Flows of the innermost IP layer of tunnels that Argus leaves closed (IPIP, 6in4, VXLAN, GTP, ...). */
export const KEY_TUNNEL_INNER = 64;
/** One flow each way. */
export const KEY_ONE_WAY = 128;
/** Argus' defects that are kept: bits of `quirks.ts`. */
export const OPTION_QUIRKS = 11;
/** Flows remembered at most; 0 is no limit. What does not fit evicts (see `table/limit.ts`). */
export const OPTION_MAX_FLOWS = 12;
/** Who makes the records, as SOURCE_ID_KIND and the first word of SOURCE_ID in `record/layout.ts`. */
export const OPTION_SOURCE_KIND = 13;
export const OPTION_SOURCE_ID = 14;
/** The thresholds of keystrokes, in the order of Argus' configuration; the last two are f32. */
export const OPTION_KEYSTROKE = 16;
export const KEYSTROKE_PACKETS_MIN = 0;
export const KEYSTROKE_CLIENT_MIN = 1;
export const KEYSTROKE_CLIENT_MAX = 2;
export const KEYSTROKE_GAP_MAX = 3;
export const KEYSTROKE_SERVER_MIN = 4;
export const KEYSTROKE_SERVER_MAX = 5;
export const KEYSTROKE_INTERVAL_MIN_US = 6;
export const KEYSTROKE_PACKET_GAP_MAX = 7;
export const KEYSTROKE_RATIO_MIN = 8;
export const KEYSTROKE_RATIO_MAX = 9;
