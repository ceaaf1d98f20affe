/** All detectors together: rows in, problems out. */
import type { DnsQuestion, FlowRow } from '../archive/rows.ts';
import { BeaconDetector } from './beacon.ts';
import type { Detector, DetectorSettings, Finding } from './detector.ts';
import { DnsTunnelDetector } from './dns-tunnel.ts';
import { FailureDetector } from './failures.ts';
import { FirstContactDetector } from './first-contact.ts';
import { LateralDetector } from './lateral.ts';
import { LongConnectionDetector } from './long-connection.ts';
import { DETECTOR_NAMES, type DetectorName } from './names.ts';
import { ScanDetector } from './scan.ts';
import { VolumeDetector } from './volume.ts';
import { WrongPortDetector } from './wrong-port.ts';

const DETECTORS = {
  scan: ScanDetector,
  beacon: BeaconDetector,
  exfiltration: VolumeDetector,
  'long-connection': LongConnectionDetector,
  failures: FailureDetector,
  'dns-tunnel': DnsTunnelDetector,
  'wrong-port': WrongPortDetector,
  'lateral-movement': LateralDetector,
  'first-contact': FirstContactDetector,
} as const satisfies Readonly<Record<DetectorName, new (settings: DetectorSettings) => Detector>>;

export interface Change {
  readonly finding: Finding;
  /** False when it has ended. */
  readonly holds: boolean;
  /** It did not hold before. */
  readonly fresh: boolean;
}

/** How long a problem that was open before a restart may take to show itself again. */
const CONFIRM_US = 3600e6;

export class Detectors {
  readonly #detectors: readonly Detector[];
  #open = new Map<string, Finding>();
  readonly #before = new Map<string, Finding>();
  #confirmUntilUs = 0;

  constructor(off: readonly DetectorName[], settings: DetectorSettings) {
    this.#detectors = DETECTOR_NAMES.filter((name) => !off.includes(name)).map((name) => new DETECTORS[name](settings));
  }

  /** Findings that were open before a restart: those that do not show again within an hour have ended. */
  reopen(findings: readonly Finding[], nowUs: number): void {
    for (const finding of findings) this.#before.set(keyOf(finding), finding);
    this.#confirmUntilUs = nowUs + CONFIRM_US;
  }

  learnAdministered(source: string, destination: string, port: number, firstUs: number): void {
    for (const detector of this.#detectors)
      if (detector instanceof LateralDetector) detector.learn(source, destination, port, firstUs);
  }

  learnContacts(address: string, contacts: readonly (readonly [string, number])[], firstUs: number): void {
    for (const detector of this.#detectors)
      if (detector instanceof FirstContactDetector) detector.learn(address, contacts, firstUs);
  }

  learnVolume(address: string, windows: ReadonlyMap<number, number>, nowUs: number): void {
    for (const detector of this.#detectors)
      if (detector instanceof VolumeDetector) detector.learn(address, windows, nowUs);
  }

  see(row: FlowRow): void {
    for (const detector of this.#detectors) detector.see(row);
  }

  seeQuestion(question: DnsQuestion): void {
    for (const detector of this.#detectors) if (detector instanceof DnsTunnelDetector) detector.seeQuestion(question);
  }

  /** @returns what holds now, and what held at the last look and no longer does */
  look(nowUs: number): readonly Change[] {
    const now = new Map<string, Finding>();
    for (const detector of this.#detectors)
      for (const finding of detector.look(nowUs)) now.set(keyOf(finding), finding);
    const changes: Change[] = [...now].map(([key, finding]) => ({
      finding,
      holds: true,
      fresh: !this.#open.has(key) && !this.#before.delete(key),
    }));
    for (const [key, finding] of this.#open) if (!now.has(key)) changes.push({ finding, holds: false, fresh: false });
    if (nowUs >= this.#confirmUntilUs) {
      for (const finding of this.#before.values()) changes.push({ finding, holds: false, fresh: false });
      this.#before.clear();
    }
    this.#open = now;
    return changes;
  }
}

function keyOf({ rule, address, part }: Finding): string {
  return `${rule} ${address} ${part}`;
}
