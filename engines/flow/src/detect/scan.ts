/** Fan-out scans: one source tries many hosts on a port, or many ports of a host, and is mostly not answered. */
import type { FlowRow } from '../archive/rows.ts';
import { type Detector, type DetectorSettings, type Finding, Subjects, spanText } from './detector.ts';
import { begins, failed } from './outcome.ts';

const MAX_SOURCES = 20_000;
const MAX_TARGETS = 5_000;
const WINDOW_US = 120e6;
/** Attempts at different targets, and the share of them that failed. */
const MIN_TARGETS = 30;
const MIN_FAILED = 0.6;
const SHOWN = 8;

interface Source {
  readonly hosts: Set<string>;
  readonly ports: Set<number>;
  readonly targets: Map<string, boolean>;
  attempts: number;
  firstUs: number;
  lastUs: number;
}

export class ScanDetector implements Detector {
  readonly name = 'scan';
  readonly #sources = new Subjects<Source>(MAX_SOURCES);
  readonly #settings: DetectorSettings;

  constructor(settings: DetectorSettings) {
    this.#settings = settings;
  }

  see(row: FlowRow): void {
    if (!begins(row) || (row.protocol !== 'tcp' && row.protocol !== 'udp') || row.destinationPort === null) return;
    const { networks } = this.#settings;
    // Where loopback is listened on, its ports are as good a target as any.
    if (networks.special(row.destination) && !networks.loopback(row.destination)) return;
    if (row.protocol === 'udp' && !failed(row)) return;
    const source = this.#sources.get(row.source, () => emptySource(row.timeUs));
    if (row.timeUs - source.lastUs > WINDOW_US) Object.assign(source, emptySource(row.timeUs));
    source.attempts += 1;
    source.lastUs = Math.max(source.lastUs, row.timeUs);
    if (source.targets.size >= MAX_TARGETS) return;
    source.hosts.add(row.destination);
    source.ports.add(row.destinationPort);
    source.targets.set(`${row.destination} ${row.protocol} ${row.destinationPort}`, failed(row));
  }

  look(nowUs: number): readonly Finding[] {
    const findings: Finding[] = [];
    for (const [address, source] of this.#sources.entries()) {
      if (nowUs - source.lastUs > WINDOW_US) {
        this.#sources.delete(address);
        continue;
      }
      const targets = source.targets.size;
      const failures = [...source.targets.values()].filter((each) => each).length;
      if (targets >= MIN_TARGETS && failures / targets >= MIN_FAILED) findings.push(finding(address, source, failures));
    }
    return findings;
  }
}

function emptySource(timeUs: number): Source {
  return { hosts: new Set(), ports: new Set(), targets: new Map(), attempts: 0, firstUs: timeUs, lastUs: timeUs };
}

function finding(address: string, source: Source, failures: number): Finding {
  const { hosts, ports, targets } = source;
  const vertical = ports.size > hosts.size;
  const what = vertical
    ? `${ports.size} ports of ${hosts.size === 1 ? [...hosts][0] : `${hosts.size} hosts`}`
    : `${hosts.size} hosts on ${ports.size === 1 ? `port ${[...ports][0]}` : `${ports.size} ports`}`;
  const span = spanText(source.lastUs - source.firstUs);
  const answered = [...targets].filter(([, refused]) => !refused).map(([target]) => target);
  return {
    rule: vertical ? 'flow.scan.ports' : 'flow.scan.hosts',
    address,
    part: '',
    state: 'warning',
    title: `${address} tried ${what} within ${span}`,
    detail: `${targets.size} different targets were tried, ${failures} of them refused or did not answer (at least ${MIN_TARGETS} targets and ${MIN_FAILED * 100} % failures are a scan).`,
    next: 'Is this a scanner of yours? If not, look at the process that owns these connections, and at what answered.',
    evidence: [
      `${source.attempts} attempts at ${targets.size} targets in ${span}`,
      `hosts: ${some([...hosts])}`,
      `ports: ${some([...ports].sort((a, b) => a - b))}`,
      ...(answered.length === 0 ? [] : [`answered: ${some(answered)}`]),
    ],
    technique: 'T1046',
  };
}

function some(values: readonly (string | number)[]): string {
  return values.slice(0, SHOWN).join(', ') + (values.length > SHOWN ? `, and ${values.length - SHOWN} more` : '');
}
