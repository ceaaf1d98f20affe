/** Generic interface counters of sFlow: what the metrics of a switch's port are made of. */

export interface InterfaceCounters {
  /** Of the agent, 4 or 16 bytes. */
  readonly agent: Uint8Array;
  /** When they came, milliseconds since 1970. */
  readonly timeMs: number;
  /** SNMP index. */
  readonly interface: number;
  readonly speedBps: number;
  readonly inBytes: number;
  readonly inPackets: number;
  readonly inMulticast: number;
  readonly inBroadcast: number;
  readonly inDiscards: number;
  readonly inErrors: number;
  readonly outBytes: number;
  readonly outPackets: number;
  readonly outMulticast: number;
  readonly outBroadcast: number;
  readonly outDiscards: number;
  readonly outErrors: number;
}

const BYTES = 88;

/** @returns null where they are cut short */
export function readInterfaceCounters(
  view: DataView,
  at: number,
  end: number,
  agent: Uint8Array,
  timeMs: number,
): InterfaceCounters | null {
  if (at + BYTES > end) return null;
  const wide = (offset: number) => view.getUint32(at + offset) * 4_294_967_296 + view.getUint32(at + offset + 4);
  return {
    agent: agent.slice(),
    timeMs,
    interface: view.getUint32(at),
    speedBps: wide(8),
    inBytes: wide(24),
    inPackets: view.getUint32(at + 32),
    inMulticast: view.getUint32(at + 36),
    inBroadcast: view.getUint32(at + 40),
    inDiscards: view.getUint32(at + 44),
    inErrors: view.getUint32(at + 48),
    outBytes: wide(56),
    outPackets: view.getUint32(at + 64),
    outMulticast: view.getUint32(at + 68),
    outBroadcast: view.getUint32(at + 72),
    outDiscards: view.getUint32(at + 76),
    outErrors: view.getUint32(at + 80),
  };
}
