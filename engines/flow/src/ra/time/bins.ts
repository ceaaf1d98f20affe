/** Even pieces of time, and `-M time 5m`, `-M count 1000`, `-M size 10M` that ask for them. */
import { localToEpoch, type Zone } from '../text/zone.ts';

const DAY_S = 86400;
const UNIT_S: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: DAY_S,
  w: 7 * DAY_S,
  M: 28 * DAY_S,
  y: 364 * DAY_S,
};
const SIZE_UNIT: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, b: 1e9, g: 1e9 };
const US_PER_S = 1e6;
/** No bin is asked for: one holds everything. */
const EVERYTHING_US = 0xefffffff * US_PER_S;

export type BinMode = 'time' | 'count' | 'size' | 'all';

export interface BinRule {
  readonly mode: BinMode;
  /** Records of a bin, or bytes. */
  readonly limit: number;
  readonly value: number;
  /** One of `smhdwMy`. */
  readonly unit: string;
  readonly sizeUs: number;
  /** Records get the times of their bin. */
  readonly hard: boolean;
  /** Bins without records give an empty one. */
  readonly zero: boolean;
  /** Records are cut at the edges of bins. */
  readonly modify: boolean;
}

/**
 * @param modes words of `-M`
 * @returns null when one of them is wrong
 */
export function binRule(
  modes: readonly string[],
): { readonly rule: BinRule; readonly others: readonly string[] } | null {
  let rule: BinRule = {
    mode: 'all',
    limit: 0,
    value: 1,
    unit: 's',
    sizeUs: EVERYTHING_US,
    hard: false,
    zero: false,
    modify: true,
  };
  const others: string[] = [];
  for (let at = 0; at < modes.length; at += 1) {
    const word = (modes[at] as string).toLowerCase();
    if (word.startsWith('tim') || word.startsWith('rat')) {
      const next = timeRule(modes[at + 1] ?? '');
      if (next === null) return null;
      rule = { ...rule, ...next };
      at += 1;
    } else if (word.startsWith('cou') || word.startsWith('siz')) {
      const limit = limitOf(modes[at + 1] ?? '');
      if (limit === null) return null;
      rule = { ...rule, mode: word.startsWith('cou') ? 'count' : 'size', limit };
      at += 1;
    } else if (word.startsWith('har')) rule = { ...rule, hard: true };
    else if (word.startsWith('zer')) rule = { ...rule, zero: true };
    else if (word.startsWith('nom') && word !== 'nomerge') rule = { ...rule, modify: false };
    else if (!word.startsWith('sof')) others.push(modes[at] as string);
  }
  return { rule, others };
}

function timeRule(text: string): Pick<BinRule, 'mode' | 'value' | 'unit' | 'sizeUs'> | null {
  const match = /^(\d+(?:\.\d*)?|\.\d+)([smhdwMy]?)/.exec(text);
  if (match === null) return null;
  const unit = match[2] || 's';
  const value = Number(match[1]);
  const sizeUs = Math.round(value * (UNIT_S[unit] as number) * US_PER_S);
  return sizeUs > 0 ? { mode: 'time', value, unit, sizeUs } : null;
}

function limitOf(text: string): number | null {
  const match = /^(\d+)([kmbg]?)/i.exec(text);
  if (match === null) return null;
  const limit = Number(match[1]) * (SIZE_UNIT[(match[2] as string).toLowerCase()] ?? 1);
  return limit > 0 ? limit : null;
}

/** Where the bins of a rule begin and end, in microseconds since 1970: days and longer by the local calendar. */
export class BinEdges {
  readonly #rule: BinRule;
  readonly #zone: Zone;

  constructor(rule: BinRule, zone: Zone) {
    this.#rule = rule;
    this.#zone = zone;
  }

  startOf(us: number): number {
    const { unit, value, sizeUs, mode } = this.#rule;
    if (mode === 'all') return 0;
    if (unit === 'M' || unit === 'y') return this.#month(this.#monthOf(us));
    if (unit !== 'd' && unit !== 'w') return Math.floor(us / sizeUs) * sizeUs;
    const size = Math.max(1, Math.round(value * (UNIT_S[unit] as number)));
    const seconds = Math.floor(us / US_PER_S);
    const local = Math.floor((seconds + this.#zone.offsetS(seconds)) / size) * size;
    return localToEpoch(this.#zone, local) * US_PER_S;
  }

  /** Start of the bin behind that of a time. */
  endOf(us: number): number {
    const { unit, value, sizeUs, mode } = this.#rule;
    if (mode === 'all') return EVERYTHING_US;
    const start = this.startOf(us);
    if (unit === 'M' || unit === 'y') return this.#month(this.#monthOf(us) + this.#months());
    if (unit !== 'd' && unit !== 'w') return start + sizeUs;
    const size = Math.max(1, Math.round(value * (UNIT_S[unit] as number)));
    const seconds = start / US_PER_S;
    const local = seconds + this.#zone.offsetS(seconds) + size;
    return Math.max(localToEpoch(this.#zone, local) * US_PER_S, start + US_PER_S);
  }

  #months(): number {
    const { unit, value } = this.#rule;
    return Math.max(1, Math.round(unit === 'y' ? value * 12 : value));
  }

  /** Months since 1970 of the first of the bin's months. */
  #monthOf(us: number): number {
    const seconds = Math.floor(us / US_PER_S);
    const date = new Date((seconds + this.#zone.offsetS(seconds)) * 1000);
    const month = (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
    return Math.floor(month / this.#months()) * this.#months();
  }

  #month(month: number): number {
    return localToEpoch(this.#zone, Date.UTC(1970, month, 1) / 1000) * US_PER_S;
  }
}
