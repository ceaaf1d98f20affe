/** What argus can be told, on its command line and in argus.conf. */

import { argusError } from '../errors.ts';
import type { ParsedFlowKey } from './flow-key.ts';

export interface PacketFile {
  readonly path: string;
  /** The packets carry NetFlow, which is what is wanted. */
  readonly netflow: boolean;
}

export interface OutputSetting {
  readonly target: string;
  readonly filter: string | undefined;
}

export interface KeystrokeSettings {
  readonly protocols: 'none' | 'ssh' | 'tcp';
  /** DC_MIN, GPC_MAX and their like, by name. */
  readonly thresholds: Readonly<Record<string, number>>;
}

export interface ArgusSettings {
  files: PacketFile[];
  outputs: OutputSetting[];
  /** Each as `-i` or ARGUS_INTERFACE names it. */
  interfaces: string[];
  sourceId: string | undefined;
  /** TCP port for clients; 0 is none. */
  port: number;
  bindAddresses: string[];
  filter: string;
  daemon: boolean;
  chroot: string | undefined;
  user: string | undefined;
  group: string | undefined;
  setPid: boolean;
  pidPath: string;
  promiscuous: boolean;
  snapBytes: number | undefined;
  bufferBytes: number | undefined;
  follow: boolean;
  firstPacket: number;
  lastPacket: number;
  timeSequence: boolean;
  /** 0 reads as fast as it can; 1 as fast as the packets came. */
  timeScale: number;
  dumpFilter: boolean;
  flowIntervalUs: number;
  managementIntervalS: number;
  key: ParsedFlowKey;
  idleS: { ip: number; tcp: number; icmp: number; igmp: number; fragment: number; arp: number; other: number };
  userDataBytes: number;
  controlPlane: boolean;
  appBytes: boolean;
  jitter: boolean;
  macs: boolean;
  packetSizes: boolean;
  tcpPerformance: boolean;
  startRecords: boolean;
  duplicates: boolean;
  tunnels: boolean;
  keystrokes: KeystrokeSettings;
  /** Keys that ask for what is not done here, with why. */
  notDone: Map<string, string>;
}

/** As argus starts with nothing told. */
export function defaultSettings(): ArgusSettings {
  return {
    files: [],
    outputs: [],
    interfaces: [],
    sourceId: undefined,
    port: 0,
    bindAddresses: [],
    filter: '',
    daemon: false,
    chroot: undefined,
    user: undefined,
    group: undefined,
    setPid: true,
    pidPath: '/var/run',
    promiscuous: true,
    snapBytes: undefined,
    bufferBytes: undefined,
    follow: false,
    firstPacket: 0,
    lastPacket: 0,
    timeSequence: false,
    timeScale: 0,
    dumpFilter: false,
    flowIntervalUs: 5_000_000,
    managementIntervalS: 60,
    key: { fiveTuple: true, layer2: false, layer3: false, mac: false, mpls: false, vlan: false, oneWay: false },
    idleS: { ip: 30, tcp: 60, icmp: 5, igmp: 30, fragment: 5, arp: 5, other: 30 },
    userDataBytes: 0,
    controlPlane: false,
    appBytes: false,
    jitter: false,
    macs: false,
    packetSizes: false,
    tcpPerformance: true,
    startRecords: false,
    duplicates: false,
    tunnels: false,
    keystrokes: { protocols: 'none', thresholds: {} },
    notDone: new Map(),
  };
}

/** Seconds with a fraction. @throws UndercroftError `flow.argus.option` */
export function parseSeconds(text: string, name: string): number {
  const seconds = Number(text);
  if (text.trim() === '' || !Number.isFinite(seconds) || seconds < 0 || seconds > 0x7fffffff) {
    throw argusError('option', `${name} takes seconds, not ${JSON.stringify(text)}`);
  }
  return seconds;
}

/** @throws UndercroftError `flow.argus.option` */
export function parseCount(text: string, name: string, most: number): number {
  const count = Number(text);
  if (!/^\d+$/.test(text.trim()) || count > most) {
    throw argusError('option', `${name} takes a whole number up to ${most}, not ${JSON.stringify(text)}`);
  }
  return count;
}
