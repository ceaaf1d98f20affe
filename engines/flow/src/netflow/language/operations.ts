/**
 * What an information element means to a flow record: element numbers of NetFlow version 9 and IPFIX to operations of
 * the record's draft.
 *
 * @see IANA, "IP Flow Information Export (IPFIX) Entities"; Cisco, "NetFlow Version 9 Flow-Record Format"
 */

/** Nothing: the bytes are passed over. */
export const OP_SKIP = 0;
export const OP_BYTES = 1;
export const OP_PACKETS = 2;
export const OP_BYTES_FALLBACK = 3;
export const OP_PACKETS_FALLBACK = 4;
export const OP_PROTOCOL = 5;
export const OP_TOS = 6;
export const OP_TCP_FLAGS = 7;
export const OP_SOURCE_PORT = 8;
export const OP_DESTINATION_PORT = 9;
export const OP_SOURCE_IPV4 = 10;
export const OP_DESTINATION_IPV4 = 11;
export const OP_SOURCE_IPV6 = 12;
export const OP_DESTINATION_IPV6 = 13;
export const OP_SOURCE_MASK = 14;
export const OP_DESTINATION_MASK = 15;
export const OP_INPUT_INTERFACE = 16;
export const OP_OUTPUT_INTERFACE = 17;
export const OP_NEXT_HOP_IPV4 = 18;
export const OP_NEXT_HOP_IPV6 = 19;
export const OP_SOURCE_ASN = 20;
export const OP_DESTINATION_ASN = 21;
export const OP_START_UPTIME = 22;
export const OP_END_UPTIME = 23;
export const OP_ICMP_TYPE_CODE = 24;
export const OP_ICMP_TYPE = 25;
export const OP_ICMP_CODE = 26;
export const OP_FLOW_LABEL = 27;
export const OP_TTL_MIN = 28;
export const OP_IP_ID = 29;
export const OP_SOURCE_MAC = 30;
export const OP_DESTINATION_MAC = 31;
export const OP_SOURCE_VLAN = 32;
export const OP_DESTINATION_VLAN = 33;
export const OP_MPLS_TOP = 34;
export const OP_SIZE_MIN = 35;
export const OP_SIZE_MAX = 36;
export const OP_START_S = 37;
export const OP_END_S = 38;
export const OP_START_MS = 39;
export const OP_END_MS = 40;
export const OP_START_US = 41;
export const OP_END_US = 42;
export const OP_START_NS = 43;
export const OP_END_NS = 44;
export const OP_START_DELTA_US = 45;
export const OP_END_DELTA_US = 46;
export const OP_DURATION_MS = 47;
export const OP_DURATION_US = 48;
export const OP_BOOT_MS = 49;
export const OP_SAMPLER_ID = 50;
export const OP_SAMPLING_RATE = 51;
export const OP_SAMPLED_PACKETS = 52;
export const OP_SKIPPED_PACKETS = 53;
export const OP_EXPORTER_IPV4 = 54;
export const OP_EXPORTER_IPV6 = 55;
export const OP_END_REASON = 56;
export const OP_IP_VERSION = 57;
export const OP_ETHER_TYPE = 58;
export const OP_FLOW_ID = 59;
export const OP_BYTES_BACK = 61;
export const OP_PACKETS_BACK = 62;
export const OP_FRAGMENT_OFFSET = 63;
/** Added to an operation: it speaks of the packets from destination to source. */
export const OP_REVERSE = 64;

/** Private enterprise number under which an element speaks of the reverse direction (RFC 5103). */
export const REVERSE_ENTERPRISE = 29305;

const OPERATIONS: Readonly<Record<number, number>> = {
  1: OP_BYTES,
  2: OP_PACKETS,
  4: OP_PROTOCOL,
  5: OP_TOS,
  6: OP_TCP_FLAGS,
  7: OP_SOURCE_PORT,
  8: OP_SOURCE_IPV4,
  9: OP_SOURCE_MASK,
  10: OP_INPUT_INTERFACE,
  11: OP_DESTINATION_PORT,
  12: OP_DESTINATION_IPV4,
  13: OP_DESTINATION_MASK,
  14: OP_OUTPUT_INTERFACE,
  15: OP_NEXT_HOP_IPV4,
  16: OP_SOURCE_ASN,
  17: OP_DESTINATION_ASN,
  21: OP_END_UPTIME,
  22: OP_START_UPTIME,
  23: OP_BYTES_FALLBACK,
  24: OP_PACKETS_FALLBACK,
  25: OP_SIZE_MIN,
  26: OP_SIZE_MAX,
  27: OP_SOURCE_IPV6,
  28: OP_DESTINATION_IPV6,
  29: OP_SOURCE_MASK,
  30: OP_DESTINATION_MASK,
  31: OP_FLOW_LABEL,
  32: OP_ICMP_TYPE_CODE,
  34: OP_SAMPLING_RATE,
  48: OP_SAMPLER_ID,
  50: OP_SAMPLING_RATE,
  52: OP_TTL_MIN,
  54: OP_IP_ID,
  56: OP_SOURCE_MAC,
  57: OP_DESTINATION_MAC,
  58: OP_SOURCE_VLAN,
  59: OP_DESTINATION_VLAN,
  60: OP_IP_VERSION,
  62: OP_NEXT_HOP_IPV6,
  70: OP_MPLS_TOP,
  80: OP_DESTINATION_MAC,
  85: OP_BYTES_FALLBACK,
  86: OP_PACKETS_FALLBACK,
  88: OP_FRAGMENT_OFFSET,
  130: OP_EXPORTER_IPV4,
  131: OP_EXPORTER_IPV6,
  136: OP_END_REASON,
  139: OP_ICMP_TYPE_CODE,
  148: OP_FLOW_ID,
  150: OP_START_S,
  151: OP_END_S,
  152: OP_START_MS,
  153: OP_END_MS,
  154: OP_START_US,
  155: OP_END_US,
  156: OP_START_NS,
  157: OP_END_NS,
  158: OP_START_DELTA_US,
  159: OP_END_DELTA_US,
  160: OP_BOOT_MS,
  161: OP_DURATION_MS,
  162: OP_DURATION_US,
  176: OP_ICMP_TYPE,
  177: OP_ICMP_CODE,
  178: OP_ICMP_TYPE,
  179: OP_ICMP_CODE,
  180: OP_SOURCE_PORT,
  181: OP_DESTINATION_PORT,
  182: OP_SOURCE_PORT,
  183: OP_DESTINATION_PORT,
  192: OP_TTL_MIN,
  231: OP_BYTES,
  232: OP_BYTES_BACK,
  243: OP_SOURCE_VLAN,
  254: OP_DESTINATION_VLAN,
  256: OP_ETHER_TYPE,
  298: OP_PACKETS,
  299: OP_PACKETS_BACK,
  302: OP_SAMPLER_ID,
  305: OP_SAMPLED_PACKETS,
  306: OP_SKIPPED_PACKETS,
  352: OP_BYTES_FALLBACK,
};

/** Lengths an element may have; others make the element be passed over. 0 is "one to eight bytes". */
const EXACT_BYTES: Readonly<Record<number, number>> = {
  [OP_SOURCE_IPV4]: 4,
  [OP_DESTINATION_IPV4]: 4,
  [OP_NEXT_HOP_IPV4]: 4,
  [OP_EXPORTER_IPV4]: 4,
  [OP_SOURCE_IPV6]: 16,
  [OP_DESTINATION_IPV6]: 16,
  [OP_NEXT_HOP_IPV6]: 16,
  [OP_EXPORTER_IPV6]: 16,
  [OP_SOURCE_MAC]: 6,
  [OP_DESTINATION_MAC]: 6,
  [OP_MPLS_TOP]: 3,
  [OP_START_US]: 8,
  [OP_END_US]: 8,
  [OP_START_NS]: 8,
  [OP_END_NS]: 8,
};
const MAX_NUMBER_BYTES = 8;

/**
 * @param enterprise 0 for IANA's elements
 * @param lengthBytes as the template says; 65535 is variable, which no element of ours is
 * @returns an OP_… number, with OP_REVERSE for reverse elements; OP_SKIP for all that a flow record has no place for
 */
export function operationOf(enterprise: number, element: number, lengthBytes: number): number {
  if (enterprise !== 0 && enterprise !== REVERSE_ENTERPRISE) return OP_SKIP;
  const operation = OPERATIONS[element];
  if (operation === undefined) return OP_SKIP;
  const exact = EXACT_BYTES[operation];
  if (exact === undefined ? lengthBytes < 1 || lengthBytes > MAX_NUMBER_BYTES : lengthBytes !== exact) return OP_SKIP;
  return enterprise === 0 ? operation : operation | OP_REVERSE;
}
