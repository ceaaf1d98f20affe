/** Takes parts out of records: `-M dsrs=`, rastrip. */
import {
  HAS,
  HAS_AGGREGATE,
  HAS_APP_BYTES,
  HAS_ASN,
  HAS_CORRELATION,
  HAS_COUNTRY,
  HAS_DESTINATION_DATA,
  HAS_ENCAPSULATION,
  HAS_FLOW,
  HAS_ICMP,
  HAS_IP,
  HAS_JITTER,
  HAS_KEYSTROKES,
  HAS_LABEL,
  HAS_MAC,
  HAS_METRIC,
  HAS_MPLS,
  HAS_NETWORK,
  HAS_PACKET_SIZE,
  HAS_SOURCE_DATA,
  HAS_TIME,
  HAS_TRANSPORT,
  HAS_VLAN,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { ClientError } from '../options/settings.ts';

/** The names that rastrip(1) uses. */
const PARTS: Readonly<Record<string, number>> = {
  trans: HAS_TRANSPORT,
  time: HAS_TIME,
  flow: HAS_FLOW,
  metric: HAS_METRIC | HAS_APP_BYTES,
  agr: HAS_AGGREGATE,
  net: HAS_NETWORK,
  vlan: HAS_VLAN,
  mpls: HAS_MPLS,
  jitter: HAS_JITTER,
  ipattr: HAS_IP,
  psize: HAS_PACKET_SIZE,
  mac: HAS_MAC,
  icmp: HAS_ICMP,
  encaps: HAS_ENCAPSULATION,
  behavior: HAS_KEYSTROKES,
  cocode: HAS_COUNTRY,
  cor: HAS_CORRELATION,
  label: HAS_LABEL,
  asn: HAS_ASN,
  suser: HAS_SOURCE_DATA,
  duser: HAS_DESTINATION_DATA,
};
/** Parts that rastrip keeps when nothing is named. */
export const DEFAULT_STRIPPED = ['encaps', 'agr', 'vlan', 'mpls', 'mac', 'icmp', 'ipattr', 'jitter', 'suser', 'duser'];

/**
 * @param text `-name` and `+name` change what is kept, a plain list is all that is kept
 * @throws ClientError for a name that is no part
 */
export function stripper(text: string): (record: FlowRecord) => void {
  const words = text.split(/[ ,]+/).filter((word) => word !== '');
  let kept = words.some((word) => /^[+-]/.test(word)) ? 0xffffffff : 0;
  for (const word of words) {
    const bits = PARTS[word.replace(/^[+-]/, '')];
    if (bits === undefined) throw new ClientError(`unknown part '${word}'`);
    kept = word.startsWith('-') ? kept & ~bits : kept | bits;
  }
  return (record) => record.set(HAS, (record.get(HAS) & kept) >>> 0);
}

/** @param names parts that are taken out */
export function without(names: readonly string[]): (record: FlowRecord) => void {
  return stripper(names.map((name) => `-${name}`).join(' '));
}
