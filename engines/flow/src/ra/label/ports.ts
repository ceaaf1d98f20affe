/** `name 53/udp description` lines: names by port and protocol. */
import { readLines } from './address-file.ts';

const PROTOCOLS: Readonly<Record<string, number>> = { tcp: 6, udp: 17, dccp: 33, sctp: 132 };
const PROTOCOL_SHIFT = 65_536;

export type PortNames = ReadonlyMap<number, string>;

export function readPortFile(path: string): PortNames {
  const names = new Map<number, string>();
  for (const line of readLines(path)) {
    const [, name, port, protocol] = /^(\S+)\s+(\d+)\/(\w+)/.exec(line) ?? [];
    const number = PROTOCOLS[(protocol ?? '').toLowerCase()];
    if (name === undefined || number === undefined || Number(port) >= PROTOCOL_SHIFT) continue;
    const key = number * PROTOCOL_SHIFT + Number(port);
    if (!names.has(key)) names.set(key, name);
  }
  return names;
}

export function portName(names: PortNames, protocol: number, port: number): string | undefined {
  return names.get(protocol * PROTOCOL_SHIFT + port);
}
