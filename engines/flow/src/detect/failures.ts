/** Hosts most of whose connections fail: broken services, wrong configuration, malware that looks for its server. */
import type { FlowRow } from '../archive/rows.ts';
import { type Detector, type DetectorSettings, type Finding, Subjects, spanText } from './detector.ts';
import { begins, failed } from './outcome.ts';

const MAX_HOSTS = 20_000;
const MAX_TARGETS = 1_000;
const WINDOW_US = 600e6;
const MIN_ATTEMPTS = 40;
const MIN_FAILED = 0.7;
/** Many targets at once are a scan, which has its own detector. */
const MAX_DIFFERENT = 29;
const SHOWN = 5;

interface Host {
  startUs: number;
  attempts: number;
  failures: number;
  readonly targets: Map<string, number>;
}

export class FailureDetector implements Detector {
  readonly name = 'failures';
  readonly #hosts = new Subjects<Host>(MAX_HOSTS);
  readonly #settings: DetectorSettings;

  constructor(settings: DetectorSettings) {
    this.#settings = settings;
  }

  see(row: FlowRow): void {
    if (!begins(row) || row.protocol !== 'tcp' || this.#settings.networks.special(row.destination)) return;
    const host = this.#hosts.get(row.source, () => ({
      startUs: row.timeUs,
      attempts: 0,
      failures: 0,
      targets: new Map(),
    }));
    // Half of what was counted stays, so that the answer does not jump when a window ends.
    if (row.timeUs - host.startUs > WINDOW_US) {
      host.startUs = row.timeUs;
      host.attempts /= 2;
      host.failures /= 2;
      host.targets.clear();
    }
    host.attempts += 1;
    if (!failed(row)) return;
    host.failures += 1;
    const target = `${row.destination} port ${row.destinationPort}`;
    if (host.targets.size < MAX_TARGETS || host.targets.has(target))
      host.targets.set(target, (host.targets.get(target) ?? 0) + 1);
  }

  look(nowUs: number): readonly Finding[] {
    const findings: Finding[] = [];
    for (const [address, host] of this.#hosts.entries()) {
      if (nowUs - host.startUs > 2 * WINDOW_US) this.#hosts.delete(address);
      else if (
        host.attempts >= MIN_ATTEMPTS &&
        host.failures / host.attempts >= MIN_FAILED &&
        host.targets.size <= MAX_DIFFERENT
      )
        findings.push(finding(address, host));
    }
    return findings;
  }
}

function finding(address: string, host: Host): Finding {
  const share = Math.round((host.failures / host.attempts) * 100);
  const most = [...host.targets].sort((a, b) => b[1] - a[1]).slice(0, SHOWN);
  return {
    rule: 'flow.failures',
    address,
    part: '',
    state: 'notice',
    title: `${share} % of the connections of ${address} fail`,
    detail: `${Math.round(host.failures)} of ${Math.round(host.attempts)} attempts in about ${spanText(WINDOW_US)} were refused or not answered (${MIN_FAILED * 100} % of at least ${MIN_ATTEMPTS} are too many).`,
    next: 'See which service does not answer below; a service that moved, a firewall rule, or a program that looks for its server.',
    evidence: most.map(([target, count]) => `${count} failed at ${target}`),
    technique: 'T1018',
  };
}
