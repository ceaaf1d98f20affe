/** Exfiltration by volume: far more leaves a host than is usual for it, and little comes back. */
import type { FlowRow } from '../archive/rows.ts';
import { Baseline } from './baseline.ts';
import { bytesText, type Detector, type DetectorSettings, type Finding, Subjects, spanText } from './detector.ts';

const MAX_HOSTS = 20_000;
const MAX_DESTINATIONS = 500;
export const WINDOW_US = 600e6;
/** Below this it is no matter, whatever is usual. */
const MIN_BYTES = 100e6;
const MIN_RATIO = 3;
/** Standard deviations above the usual. */
const MIN_DEVIATIONS = 5;
const SHOWN = 5;

interface Host {
  startUs: number;
  sent: number;
  received: number;
  readonly destinations: Map<string, number>;
  readonly usual: Baseline;
  /** What the last window that had too much showed, until it is older than two windows. */
  found: { readonly finding: Finding; readonly untilUs: number } | undefined;
}

export class VolumeDetector implements Detector {
  readonly name = 'exfiltration';
  readonly #hosts = new Subjects<Host>(MAX_HOSTS);
  readonly #settings: DetectorSettings;

  constructor(settings: DetectorSettings) {
    this.#settings = settings;
  }

  see(row: FlowRow): void {
    const { networks } = this.#settings;
    const out = networks.inside(row.source) && !networks.inside(row.destination) && !networks.special(row.destination);
    const back = networks.inside(row.destination) && !networks.inside(row.source) && !networks.special(row.source);
    if (!out && !back) return;
    const [address, other, sent, received] = out
      ? [row.source, row.destination, row.bytesOut, row.bytesIn]
      : [row.destination, row.source, row.bytesIn, row.bytesOut];
    const host = this.#hosts.get(address, () => emptyHost(row.timeUs));
    this.#turn(address, host, row.timeUs);
    host.sent += sent;
    host.received += received;
    if (host.destinations.size < MAX_DESTINATIONS || host.destinations.has(other))
      host.destinations.set(other, (host.destinations.get(other) ?? 0) + sent);
  }

  /** @param windows bytes sent outside, by the window's start; those without any are absent */
  learn(address: string, windows: ReadonlyMap<number, number>, nowUs: number): void {
    const starts = [...windows.keys()].sort((a, b) => a - b);
    const [first] = starts;
    if (first === undefined) return;
    const { usual } = this.#hosts.get(address, () => emptyHost(nowUs));
    for (let at = first; at + WINDOW_US <= nowUs; at += WINDOW_US) usual.add(windows.get(at) ?? 0);
  }

  look(nowUs: number): readonly Finding[] {
    const findings: Finding[] = [];
    for (const [address, host] of this.#hosts.entries()) {
      this.#turn(address, host, nowUs);
      // A window that has too much already need not end to be told.
      const early = judge(address, host);
      if (early !== undefined) host.found = { finding: early, untilUs: nowUs + 2 * WINDOW_US };
      if (host.found !== undefined && host.found.untilUs > nowUs) findings.push(host.found.finding);
      else host.found = undefined;
    }
    return findings;
  }

  /** Ends windows that are over: what they held becomes part of the usual. What comes each night is told once or twice. */
  #turn(address: string, host: Host, nowUs: number): void {
    if (nowUs - host.startUs < WINDOW_US) return;
    const finding = judge(address, host);
    if (finding !== undefined) host.found = { finding, untilUs: nowUs + 2 * WINDOW_US };
    host.usual.add(host.sent);
    const idle = Math.min(Math.floor((nowUs - host.startUs) / WINDOW_US) - 1, 1000);
    for (let window = 0; window < idle; window++) host.usual.add(0);
    host.startUs = nowUs;
    host.sent = 0;
    host.received = 0;
    host.destinations.clear();
  }
}

function emptyHost(startUs: number): Host {
  return { startUs, sent: 0, received: 0, destinations: new Map(), usual: new Baseline(), found: undefined };
}

function judge(address: string, host: Host): Finding | undefined {
  const { sent, received, usual } = host;
  const limit = Math.max(MIN_BYTES, 2 * usual.mean, usual.mean + MIN_DEVIATIONS * usual.deviation);
  if (sent < limit || sent < received * MIN_RATIO) return undefined;
  const most = [...host.destinations].sort((a, b) => b[1] - a[1]).slice(0, SHOWN);
  return {
    rule: 'flow.exfiltration.volume',
    address,
    part: '',
    state: 'warning',
    title: `${address} sent ${bytesText(sent)} outside within ${spanText(WINDOW_US)}`,
    detail: `It usually sends ${bytesText(usual.mean)} (deviation ${bytesText(usual.deviation)}, ${usual.samples} windows seen); ${bytesText(limit)} and ${MIN_RATIO} times what comes back are too much.`,
    next: 'A backup or an upload you know of? If not, find the process and stop it at the firewall.',
    evidence: [
      `sent ${bytesText(sent)}, received ${bytesText(received)}`,
      ...most.map(([destination, bytes]) => `${bytesText(bytes)} to ${destination}`),
    ],
    technique: 'T1048',
  };
}
