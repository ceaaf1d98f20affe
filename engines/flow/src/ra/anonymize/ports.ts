/** Ports under a key: those that are kept stay, the others change places among themselves. */

const PORTS = 65_536;
const FIRST_REGISTERED = 1024;
const FIRST_PRIVATE = 49_152;

export interface PortPolicy {
  readonly keepsWellKnown: boolean;
  readonly keepsRegistered: boolean;
  readonly keepsPrivate: boolean;
  readonly kept: ReadonlySet<number>;
  /** Ports move by this many places; null to shuffle them. */
  readonly offset: number | null;
}

/** @param random 256 KB of keyed bytes, for a shuffle @returns a port for each port */
export function portTable(policy: PortPolicy, random: Buffer): Uint16Array {
  const table = Uint16Array.from({ length: PORTS }, (_, port) => port);
  const free = [...table.keys()].filter((port) => !isKept(policy, port));
  const places = [...free];
  if (policy.offset === null) {
    for (let i = places.length - 1; i > 0; i -= 1) {
      const other = random.readUInt32BE(i * 4) % (i + 1);
      [places[i], places[other]] = [places[other] as number, places[i] as number];
    }
  }
  const shift = free.length === 0 ? 0 : (((policy.offset ?? 0) % free.length) + free.length) % free.length;
  for (const [at, port] of free.entries()) table[port] = places[(at + shift) % free.length] as number;
  return table;
}

function isKept({ keepsWellKnown, keepsRegistered, keepsPrivate, kept }: PortPolicy, port: number): boolean {
  if (port === 0 || kept.has(port)) return true;
  if (port < FIRST_REGISTERED) return keepsWellKnown;
  return port < FIRST_PRIVATE ? keepsRegistered : keepsPrivate;
}
