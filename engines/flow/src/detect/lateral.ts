/** Lateral movement: one host opens administrative connections to several others that it had nothing to do with. */
import type { FlowRow } from '../archive/rows.ts';
import { type Detector, type DetectorSettings, type Finding, Subjects, spanText } from './detector.ts';
import { begins, failed } from './outcome.ts';

const MAX_SOURCES = 20_000;
const MAX_KNOWN = 2_000;
const WINDOW_US = 1800e6;
/** A host is new to the detector for so long: what it does then is what it does. */
const LEARN_US = 24 * 3600e6;
const MIN_NEW_HOSTS = 4;
export const ADMIN_PORTS: ReadonlyMap<number, string> = new Map([
  [22, 'SSH'],
  [23, 'Telnet'],
  [135, 'RPC'],
  [139, 'NetBIOS'],
  [445, 'SMB'],
  [3389, 'RDP'],
  [5900, 'VNC'],
  [5985, 'WinRM'],
  [5986, 'WinRM'],
]);

interface Source {
  firstUs: number;
  /** Hosts and ports it had administrative connections to. */
  readonly known: Set<string>;
  /** New ones of the window, with when. */
  readonly fresh: Map<string, { readonly row: FlowRow; readonly timeUs: number }>;
}

export class LateralDetector implements Detector {
  readonly name = 'lateral-movement';
  readonly #sources = new Subjects<Source>(MAX_SOURCES);
  readonly #settings: DetectorSettings;

  constructor(settings: DetectorSettings) {
    this.#settings = settings;
  }

  see(row: FlowRow): void {
    const { networks } = this.#settings;
    if (!begins(row) || row.protocol !== 'tcp' || !ADMIN_PORTS.has(row.destinationPort ?? 0) || failed(row)) return;
    if (!networks.inside(row.source) || !networks.inside(row.destination)) return;
    const source = this.#sources.get(row.source, () => ({ firstUs: row.timeUs, known: new Set(), fresh: new Map() }));
    const target = `${row.destination} ${row.destinationPort}`;
    if (source.known.has(target) || source.known.size >= MAX_KNOWN) return;
    source.known.add(target);
    if (row.timeUs - source.firstUs >= LEARN_US) source.fresh.set(target, { row, timeUs: row.timeUs });
  }

  /** It was so before. */
  learn(source: string, destination: string, port: number, firstUs: number): void {
    const known = this.#sources.get(source, () => ({ firstUs, known: new Set(), fresh: new Map() }));
    known.firstUs = Math.min(known.firstUs, firstUs);
    if (known.known.size < MAX_KNOWN) known.known.add(`${destination} ${port}`);
  }

  look(nowUs: number): readonly Finding[] {
    const findings: Finding[] = [];
    for (const [address, { fresh }] of this.#sources.entries()) {
      for (const [target, { timeUs }] of fresh) if (nowUs - timeUs > WINDOW_US) fresh.delete(target);
      const rows = [...fresh.values()].map(({ row }) => row);
      const hosts = new Set(rows.map((row) => row.destination));
      if (hosts.size >= MIN_NEW_HOSTS) findings.push(finding(address, rows, hosts.size));
    }
    return findings;
  }
}

function finding(address: string, rows: readonly FlowRow[], hosts: number): Finding {
  return {
    rule: 'flow.lateral',
    address,
    part: '',
    state: 'critical',
    title: `${address} opened administrative connections to ${hosts} hosts it never had before`,
    detail: `Within ${spanText(WINDOW_US)}; ${MIN_NEW_HOSTS} new hosts are told, once a source has been known for ${spanText(LEARN_US)}.`,
    next: 'Is somebody administering these hosts from there right now? If not, isolate the source and look at its sign-ins.',
    evidence: rows
      .slice(0, 10)
      .map(
        (row) =>
          `${ADMIN_PORTS.get(row.destinationPort ?? 0)} to ${row.destination} at ${new Date(row.timeUs / 1000).toISOString()}`,
      ),
    technique: 'T1021',
  };
}
