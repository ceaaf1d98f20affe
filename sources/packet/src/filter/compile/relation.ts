/** Arithmetic and its comparisons. A load from a header also asks that the header be there. */
import { meaningError } from '../language/error.ts';
import { TRANSPORT_WORDS } from '../language/names.ts';
import type { Arithmetic, ArithmeticOperator, Relation } from '../language/syntax.ts';
import { ADD, AND, DIV, LSH, MOD, MUL, OR, RSH, SUB, XOR } from '../program.ts';
import type { Condition } from './condition.ts';
import { all, compare, not } from './condition.ts';
import type { Place } from './link.ts';
import { LINK_RADIOTAP } from './link.ts';
import type { Packet } from './packet.ts';
import {
  ETHER_IP,
  ETHER_IP6,
  etherTypeOf,
  IP6_HEADER_BYTES,
  ip6Protocol,
  ipProtocol,
  unfragmented,
} from './protocols.ts';
import type { Value } from './value.ts';

const OPERATIONS: Readonly<Record<ArithmeticOperator, number>> = {
  '+': ADD,
  '-': SUB,
  '*': MUL,
  '/': DIV,
  '%': MOD,
  '&': AND,
  '|': OR,
  '^': XOR,
  '<<': LSH,
  '>>': RSH,
};

/** Network headers that can be indexed. */
const NETWORK_HEADERS = new Set(['ip', 'ip6', 'arp', 'rarp', 'atalk', 'decnet', 'lat', 'sca', 'moprc', 'mopdl']);
/** Transport headers that can be indexed; each looks behind IPv4 only. */
const TRANSPORT_HEADERS = new Set(['sctp', 'tcp', 'udp', 'icmp', 'igmp', 'igrp', 'pim', 'vrrp', 'carp']);

export function relation(packet: Packet, kind: Relation, left: Arithmetic, right: Arithmetic): Condition {
  const guards: Condition[] = [];
  const leftValue = evaluate(packet, left, guards);
  const rightValue = evaluate(packet, right, guards);
  return all(...guards, compareBy(packet, kind, leftValue, rightValue));
}

function compareBy(packet: Packet, kind: Relation, left: Value, right: Value): Condition {
  const { values } = packet;
  switch (kind) {
    case '=':
      return compare(values, 'equal', left, right);
    case '!=':
      return not(compare(values, 'equal', left, right));
    case '>':
      return compare(values, 'greater', left, right);
    case '>=':
      return compare(values, 'greater-equal', left, right);
    case '<':
      return not(compare(values, 'greater-equal', left, right));
    case '<=':
      return not(compare(values, 'greater', left, right));
  }
}

function evaluate(packet: Packet, arithmetic: Arithmetic, guards: Condition[]): Value {
  const { values } = packet;
  switch (arithmetic.kind) {
    case 'number':
      return values.constant(arithmetic.value);
    case 'length':
      return values.length();
    case 'negate':
      return values.negate(evaluate(packet, arithmetic.of, guards));
    case 'operation': {
      const left = evaluate(packet, arithmetic.left, guards);
      const right = evaluate(packet, arithmetic.right, guards);
      return checkedOperation(packet, arithmetic, left, right);
    }
    case 'load': {
      const offset = evaluate(packet, arithmetic.offset, guards);
      const place = placeOf(packet, arithmetic.protocol, arithmetic.position, guards);
      const base = place.base === null ? offset : values.operation(ADD, offset, place.base);
      return values.load(arithmetic.size, base, place.k);
    }
  }
}

/** Constants that come out of arithmetic must not be 0 or too large, as written ones must not. */
function checkedOperation(
  packet: Packet,
  { operator, position }: Extract<Arithmetic, { kind: 'operation' }>,
  left: Value,
  right: Value,
): Value {
  if (right.kind === 'constant') {
    if (right.k === 0 && (operator === '/' || operator === '%')) throw meaningError('This divides by zero.', position);
    if (right.k > 31 && (operator === '<<' || operator === '>>')) {
      throw meaningError(`A shift by ${right.k} leaves nothing of 32 bits.`, position, 'Shift by 0 to 31.');
    }
  }
  return packet.values.operation(OPERATIONS[operator], left, right);
}

function placeOf(packet: Packet, protocol: string, position: number, guards: Condition[]): Place {
  if (protocol === 'ether') return packet.layers.header;
  if (NETWORK_HEADERS.has(protocol)) {
    guards.push(packet.carries(etherTypeOf(protocol)!, position));
    return packet.network();
  }
  if (protocol === 'icmp6') {
    guards.push(packet.carries(ETHER_IP6, position), ip6Protocol(packet, TRANSPORT_WORDS['icmp6']!.number));
    const { base, k } = packet.network();
    return { base, k: k + IP6_HEADER_BYTES };
  }
  if (TRANSPORT_HEADERS.has(protocol)) {
    const { number } = TRANSPORT_WORDS[protocol]!;
    guards.push(packet.carries(ETHER_IP, position), ipProtocol(packet, number), unfragmented(packet));
    return packet.transport();
  }
  if (protocol === 'radio' && packet.options.linkType === LINK_RADIOTAP) return { base: null, k: 0 };
  throw meaningError(
    `The bytes of "${protocol}" cannot be read by offset.`,
    position,
    'Write ether, ip, ip6, arp, tcp, udp, sctp, icmp, icmp6, igmp, pim or vrrp before the bracket.',
  );
}
