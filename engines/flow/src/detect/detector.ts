/** What every detector is: it sees each flow record once, and says again and again what holds now, with its evidence. */
import type { FlowRow } from '../archive/rows.ts';
import type { Networks } from './networks.ts';

export interface Finding {
  /** Stable, `flow.scan.hosts`. */
  readonly rule: string;
  /** The address it is about. */
  readonly address: string;
  /** Tells findings of one rule and address apart; empty if there is one only. */
  readonly part: string;
  readonly state: 'notice' | 'warning' | 'critical';
  /** One sentence with who, what, how much. */
  readonly title: string;
  /** How it was decided: what was counted, against what. */
  readonly detail: string;
  readonly next: string;
  /** Each a fact that was seen. */
  readonly evidence: readonly string[];
  /** Technique of MITRE ATT&CK, `T1046`. */
  readonly technique: string;
}

export interface Detector {
  readonly name: string;
  see(row: FlowRow): void;
  /** What holds now. A finding that is no longer among them has ended. Also forgets what is too old. */
  look(nowUs: number): readonly Finding[];
}

export interface DetectorSettings {
  readonly networks: Networks;
}

/**
 * Sources, pairs, whatever a detector keeps one state each of: the longest unseen go when there are too many. Two
 * generations, so that neither looking up nor pushing out costs more the more there are.
 */
export class Subjects<S> {
  #young = new Map<string, S>();
  #old = new Map<string, S>();
  /** Of a generation. */
  readonly #most: number;
  #pushedOut = 0;

  constructor(most: number) {
    this.#most = Math.ceil(most / 2);
  }

  get pushedOut(): number {
    return this.#pushedOut;
  }

  get(key: string, make: () => S): S {
    const known = this.#young.get(key);
    if (known !== undefined) return known;
    const state = this.#old.get(key) ?? make();
    this.#old.delete(key);
    if (this.#young.size >= this.#most) {
      this.#pushedOut += this.#old.size;
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, state);
    return state;
  }

  *entries(): IterableIterator<[string, S]> {
    yield* this.#old.entries();
    yield* this.#young.entries();
  }

  delete(key: string): void {
    this.#old.delete(key);
    this.#young.delete(key);
  }
}

/** Bytes as a person reads them: `1.5 MB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** A span of time as a person reads it: `45 s`, `12 min`, `3 h`. */
export function spanText(us: number): string {
  const seconds = us / 1e6;
  if (seconds < 90) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
