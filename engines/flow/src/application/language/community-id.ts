/** Community ID: one text for a flow, the same in every tool that saw it. */
import { hash } from 'node:crypto';

const ICMP = 1;
const TCP = 6;
const UDP = 17;
const ICMPV6 = 58;
const SCTP = 132;

/** Types of ICMP messages that ask, and those that answer. */
const ICMP_PAIRS = pairs([8, 0], [13, 14], [15, 16], [17, 18], [10, 9]);
const ICMPV6_PAIRS = pairs([128, 129], [133, 134], [135, 136], [130, 131], [144, 145], [139, 140]);

export interface CommunityFlow {
  readonly protocol: number;
  /** 4 or 16 bytes in network order. */
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** Ports; type and code of ICMP. Absent where the protocol has none. */
  readonly sourcePort?: number;
  readonly destinationPort?: number;
}

/** @see Community ID flow hashing specification, version 1 */
export function communityId(flow: CommunityFlow, seed = 0): string {
  const { protocol, source, destination } = flow;
  let [first, second] = [source, destination];
  let ports = portsOf(flow);
  const order = Buffer.compare(source, destination);
  const isOneWay = ports?.isOneWay === true;
  const swaps = !isOneWay && (order > 0 || (order === 0 && ports !== null && ports.source > ports.destination));
  if (swaps) {
    [first, second] = [destination, source];
    if (ports !== null) ports = { source: ports.destination, destination: ports.source, isOneWay };
  }
  const bytes = Buffer.alloc(2 + first.length + second.length + 2 + (ports === null ? 0 : 4));
  bytes.writeUInt16BE(seed);
  bytes.set(first, 2);
  bytes.set(second, 2 + first.length);
  const at = 2 + first.length + second.length;
  bytes[at] = protocol;
  if (ports !== null) {
    bytes.writeUInt16BE(ports.source, at + 2);
    bytes.writeUInt16BE(ports.destination, at + 4);
  }
  return `1:${hash('sha1', bytes, 'base64')}`;
}

interface Ports {
  readonly source: number;
  readonly destination: number;
  /** It has no answer: its order stays. */
  readonly isOneWay: boolean;
}

function portsOf({ protocol, sourcePort, destinationPort }: CommunityFlow): Ports | null {
  if (sourcePort === undefined || destinationPort === undefined) return null;
  if (protocol === ICMP || protocol === ICMPV6) {
    const answer = (protocol === ICMP ? ICMP_PAIRS : ICMPV6_PAIRS).get(sourcePort);
    if (answer === undefined) return { source: sourcePort, destination: destinationPort, isOneWay: true };
    return { source: sourcePort, destination: answer, isOneWay: false };
  }
  if (protocol !== TCP && protocol !== UDP && protocol !== SCTP) return null;
  return { source: sourcePort, destination: destinationPort, isOneWay: false };
}

function pairs(...list: readonly (readonly [number, number])[]): ReadonlyMap<number, number> {
  return new Map(
    list.flatMap(([one, other]): [number, number][] => [
      [one, other],
      [other, one],
    ]),
  );
}
