/** Addresses of records as text, and their order. */
import { FLOW_IPV6, FLOW_TYPE } from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { writeIpv4, writeIpv6 } from '../text/address.ts';
import { Cell } from '../text/cell.ts';

const MAX_LENGTH = 48;
const cell = new Cell();

/** @param at SOURCE_ADDRESS or DESTINATION_ADDRESS of an IP flow */
export function addressText(record: FlowRecord, at: number): string {
  cell.start(MAX_LENGTH);
  const byte = (record.base + at) * 4;
  if (record.get(FLOW_TYPE) === FLOW_IPV6) writeIpv6(cell, record.bytes, byte);
  else writeIpv4(cell, record.bytes, byte);
  return Buffer.from(cell.bytes.subarray(0, cell.length)).toString('latin1');
}

/** IPv4 by number, then IPv6 by text. */
export function compareAddresses(one: string, other: string): number {
  const isSix = one.includes(':');
  if (isSix !== other.includes(':')) return isSix ? 1 : -1;
  if (isSix) return one < other ? -1 : one > other ? 1 : 0;
  return numberOf(one) - numberOf(other);
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
