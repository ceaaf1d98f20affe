/** The network interfaces of this thread's network namespace as a capture sees them. */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { addressOf, closeSocket, IFREQ_VALUE, interfaceRequest, openQuerySocket } from './syscalls.ts';

export interface NetworkInterface {
  readonly name: string;
  readonly index: number;
  /** What its frames begin with, as numbered in capture files. */
  readonly linkType: number;
  /** Its frames are taken without the link layer, which the decoder does not know: they begin with IP. */
  readonly withoutLink: boolean;
  readonly mac: string | null;
  readonly mtu: number;
  readonly up: boolean;
  /** Has a carrier. */
  readonly running: boolean;
  readonly loopback: boolean;
  readonly promiscuous: boolean;
  /** With prefix length. */
  readonly addresses: readonly string[];
  /** Null where the driver does not say. */
  readonly speedMbps: number | null;
  readonly offloads: Offloads;
}

/** Work that kernel or card do on packets, so that a capture shows it done already or not yet done. */
export interface Offloads {
  readonly gro: boolean;
  readonly lro: boolean;
  readonly gso: boolean;
  readonly tso: boolean;
  readonly txChecksum: boolean;
}

const SIOCGIFFLAGS = 0x8913;
const SIOCGIFMTU = 0x8921;
const SIOCGIFHWADDR = 0x8927;
const SIOCGIFINDEX = 0x8933;
const SIOCETHTOOL = 0x8946;
const IFF_UP = 0x1;
const IFF_LOOPBACK = 0x8;
const IFF_RUNNING = 0x40;
const IFF_PROMISC = 0x100;
const ETHTOOL_GTXCSUM = 0x16;
const ETHTOOL_GTSO = 0x1e;
const ETHTOOL_GGSO = 0x23;
const ETHTOOL_GFLAGS = 0x25;
const ETHTOOL_GGRO = 0x2b;
const ETH_FLAG_LRO = 1 << 15;
const MAX_INTERFACES = 4096;

const LINKTYPE_ETHERNET = 1;
const LINKTYPE_RAW = 101;
/** Kernel's number of the hardware (ARPHRD) to link type; all others are read from the IP header on. */
const LINK_TYPES: ReadonlyMap<number, number> = new Map([
  [1, LINKTYPE_ETHERNET],
  [772, LINKTYPE_ETHERNET],
  [801, 105],
  [802, 119],
  [803, 127],
]);
const ETHERNET = 1;

/** @returns every interface, by index */
export function listInterfaces(): NetworkInterface[] {
  const names = readFileSync('/proc/thread-self/net/dev', 'utf8')
    .split('\n')
    .flatMap((line) => /^\s*([^:\s]+):/.exec(line)?.[1] ?? [])
    .slice(0, MAX_INTERFACES);
  const socket = openQuerySocket();
  try {
    const found = names.flatMap((name) => describe(socket, name) ?? []);
    return found.sort((a, b) => a.index - b.index);
  } finally {
    closeSocket(socket);
  }
}

/** @returns null where there is none of that name */
export function findInterface(name: string): NetworkInterface | null {
  const socket = openQuerySocket();
  try {
    return describe(socket, name);
  } finally {
    closeSocket(socket);
  }
}

/** What someone who reads a capture of this interface should know, in words. */
export function captureRemarks({ name, offloads, loopback }: NetworkInterface): string[] {
  const remarks: string[] = [];
  const off = (features: string) => `"ethtool -K ${name} ${features}" ends it.`;
  if ((offloads.gro || offloads.lro) && !loopback) {
    remarks.push(
      `${name} joins segments before they are captured (GRO or LRO): packets are fewer and longer than on the wire; bytes are right. ${off('gro off lro off')}`,
    );
  }
  if (offloads.gso || offloads.tso) {
    remarks.push(`${name} cuts outgoing segments after they are captured (GSO or TSO). ${off('gso off tso off')}`);
  }
  if (offloads.txChecksum) {
    remarks.push(`${name} computes checksums of outgoing packets after they are captured: those are not judged.`);
  }
  return remarks;
}

function describe(socket: number, name: string): NetworkInterface | null {
  const ask = (request: number) => interfaceRequest(socket, request, name);
  const index = ask(SIOCGIFINDEX)?.getInt32(IFREQ_VALUE, true);
  if (index === undefined) return null;
  const flags = ask(SIOCGIFFLAGS)?.getUint16(IFREQ_VALUE, true) ?? 0;
  const address = ask(SIOCGIFHWADDR);
  const hardware = address?.getUint16(IFREQ_VALUE, true) ?? 0;
  const linkType = LINK_TYPES.get(hardware);
  return {
    name,
    index,
    linkType: linkType ?? LINKTYPE_RAW,
    withoutLink: linkType === undefined,
    mac: address === null || hardware !== ETHERNET ? null : macOf(address),
    mtu: ask(SIOCGIFMTU)?.getInt32(IFREQ_VALUE, true) ?? 0,
    up: (flags & IFF_UP) !== 0,
    running: (flags & IFF_RUNNING) !== 0,
    loopback: (flags & IFF_LOOPBACK) !== 0,
    promiscuous: (flags & IFF_PROMISC) !== 0,
    addresses: (networkInterfaces()[name] ?? []).map(({ cidr, address: plain }) => cidr ?? plain),
    speedMbps: speedOf(name, index),
    offloads: offloadsOf(socket, name),
  };
}

function macOf(address: DataView): string {
  const bytes = new Uint8Array(address.buffer, IFREQ_VALUE + 2, 6);
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** /sys may show another network namespace: it counts where it means the same interface. */
function speedOf(name: string, index: number): number | null {
  try {
    const folder = `/sys/class/net/${name}`;
    if (Number(readFileSync(`${folder}/ifindex`, 'utf8')) !== index) return null;
    const speed = Number(readFileSync(`${folder}/speed`, 'utf8'));
    return speed > 0 ? speed : null;
  } catch {
    return null;
  }
}

function offloadsOf(socket: number, name: string): Offloads {
  const value = new Uint32Array(new ArrayBuffer(8));
  const bytes = new Uint8Array(value.buffer);
  const ask = (command: number): number => {
    value[0] = command;
    value[1] = 0;
    const answer = interfaceRequest(socket, SIOCETHTOOL, name, addressOf(bytes));
    return answer === null ? 0 : (value[1] as number);
  };
  return {
    gro: ask(ETHTOOL_GGRO) !== 0,
    lro: (ask(ETHTOOL_GFLAGS) & ETH_FLAG_LRO) !== 0,
    gso: ask(ETHTOOL_GGSO) !== 0,
    tso: ask(ETHTOOL_GTSO) !== 0,
    txChecksum: ask(ETHTOOL_GTXCSUM) !== 0,
  };
}
