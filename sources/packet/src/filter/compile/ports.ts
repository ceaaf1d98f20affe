/** `port` and `portrange`, of TCP, UDP and SCTP over IPv4 and IPv6. */
import { meaningError, syntaxError } from '../language/error.ts';
import type { Direction, Identifier, Qualifier } from '../language/syntax.ts';
import { eitherWay, rejectWlanDirection } from './addresses.ts';
import type { Condition } from './condition.ts';
import { all, any, compare, not } from './condition.ts';
import type { Place } from './link.ts';
import type { Packet } from './packet.ts';
import { ETHER_IP, ETHER_IP6, IP6_HEADER_BYTES, ip6Protocol, ipProtocol, unfragmented } from './protocols.ts';

/** Ports of a service by transport; what it does not use is missing. */
export interface ServicePorts {
  readonly tcp?: number;
  readonly udp?: number;
  readonly sctp?: number;
}
export type Services = ReadonlyMap<string, ServicePorts>;

type Transport = 'tcp' | 'udp' | 'sctp';
const TRANSPORTS: Readonly<Record<Transport, number>> = { sctp: 132, tcp: 6, udp: 17 };

interface PortRange {
  readonly from: number;
  readonly to: number;
  /** Null is any of the three. */
  readonly transport: Transport | null;
}

export function ports(packet: Packet, words: Qualifier, id: Identifier, services: Services): Condition {
  rejectWlanDirection(words.direction, id.position);
  const wanted = transportOf(words, id.position);
  const range = rangeOf(words.type === 'portrange', wanted, id, services);
  return portsBetween(packet, words.direction, range.from, range.to, wanted ?? range.transport, id.position);
}

/** A port, or a range of ports, at the ends that the direction names. */
export function portsBetween(
  packet: Packet,
  direction: Direction | null,
  from: number,
  to: number,
  transport: Transport | null,
  position: number,
): Condition {
  const numbers = transport === null ? Object.values(TRANSPORTS) : [TRANSPORTS[transport]];
  const atEnds = (place: Place) =>
    eitherWay(
      direction,
      () => between(packet, place, 0, from, to),
      () => between(packet, place, 2, from, to),
    );
  const { base, k } = packet.network();
  return any(
    all(
      packet.carries(ETHER_IP6, position),
      any(...numbers.map((number) => ip6Protocol(packet, number))),
      atEnds({ base, k: k + IP6_HEADER_BYTES }),
    ),
    all(
      packet.carries(ETHER_IP, position),
      any(...numbers.map((number) => ipProtocol(packet, number))),
      unfragmented(packet),
      atEnds(packet.transport()),
    ),
  );
}

function between(packet: Packet, place: Place, offset: number, from: number, to: number): Condition {
  const port = packet.load(2, place, offset);
  if (from === to) return packet.equals(port, from);
  return all(
    compare(packet.values, 'greater-equal', port, packet.values.constant(from)),
    not(packet.greater(port, to)),
  );
}

function transportOf(words: Qualifier, position: number): Transport | null {
  const { protocol } = words;
  if (protocol === null || protocol === 'tcp' || protocol === 'udp' || protocol === 'sctp') return protocol;
  throw meaningError(
    `"${protocol}" has no ports.`,
    position,
    'Write "tcp", "udp" or "sctp", or nothing, before "port".',
  );
}

function rangeOf(isRange: boolean, wanted: Transport | null, id: Identifier, services: Services): PortRange {
  if (id.kind === 'number') {
    const port = portNumber(id.value, id.position);
    return { from: port, to: port, transport: null };
  }
  if (id.kind !== 'name')
    throw meaningError('An address is no port.', id.position, 'Write a number or the name of a service.');
  if (!isRange) return single(id.text, wanted, id.position, services);
  const [first, second, ...more] = id.text.split('-');
  if (!first || !second || more.length > 0) {
    throw syntaxError(`${id.text} is no range of ports.`, id.position, 'Write two ports with a hyphen: 6000-6008.');
  }
  const low = single(first, wanted, id.position, services);
  const high = single(second, wanted, id.position, services);
  const transport = low.transport === high.transport ? low.transport : null;
  return { from: Math.min(low.from, high.from), to: Math.max(low.to, high.to), transport };
}

function single(text: string, wanted: Transport | null, position: number, services: Services): PortRange {
  if (/^(?:0[xX][0-9A-Fa-f]+|[0-9]+)$/.test(text)) {
    const octal = /^0[0-7]+$/.test(text);
    const port = portNumber(octal ? Number.parseInt(text, 8) : Number(text), position);
    return { from: port, to: port, transport: null };
  }
  const service = services.get(text);
  if (service === undefined) {
    throw meaningError(
      `No service ${JSON.stringify(text)} is known.`,
      position,
      text.includes('-')
        ? 'Write the number of the port, or "portrange" for a range.'
        : 'Write the number of the port.',
    );
  }
  if (wanted !== null) {
    const port = service[wanted] ?? (wanted === 'sctp' && service.tcp === service.udp ? service.tcp : undefined);
    if (port === undefined)
      throw meaningError(`The service ${JSON.stringify(text)} has no port of ${wanted}.`, position);
    return { from: port, to: port, transport: wanted };
  }
  const { tcp, udp, sctp } = service;
  const port = tcp ?? udp ?? sctp!;
  const transport = tcp === undefined ? (udp === undefined ? 'sctp' : 'udp') : udp === tcp ? null : 'tcp';
  return { from: port, to: port, transport };
}

function portNumber(value: number, position: number): number {
  if (value <= 65_535) return value;
  throw meaningError(`${value} is no port: they end at 65535.`, position);
}
