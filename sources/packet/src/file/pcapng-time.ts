/** Times of pcapng: 64-bit counts of a unit that each interface chooses, into seconds and nanoseconds. */

export interface TimeUnit {
  /** Units a second: a power of ten or of two. */
  readonly perSecond: number;
  /** To be added, seconds. */
  readonly offsetS: number;
}

export const MICROSECONDS: TimeUnit = { perSecond: 1_000_000, offsetS: 0 };

const NS_PER_SECOND = 1_000_000_000;
/** Up to here a rest times NS_PER_SECOND is exact in a double. */
const MAX_FAST_PER_SECOND = 2 ** 23;
const TWO_16 = 65_536;
const TWO_32 = 2 ** 32;

/** @param tsresol the option's byte: a power of ten, of two with the top bit set */
export function unitsPerSecond(tsresol: number): number {
  return tsresol & 0x80 ? 2 ** (tsresol & 0x7f) : 10 ** tsresol;
}

/** One time; an object that is used again and again, for it is one a packet. */
export class SplitTime {
  seconds = 0;
  nanoseconds = 0;

  /** Seconds wrap at 32 bits, as they do in capture files. */
  set(high: number, low: number, unit: TimeUnit): void {
    const { perSecond } = unit;
    const nsPerUnit = NS_PER_SECOND / perSecond;
    const whole = Number.isInteger(nsPerUnit);
    if (!whole && perSecond > MAX_FAST_PER_SECOND) {
      this.#setExactly(high, low, unit);
      return;
    }
    // Long division by 16-bit digits: the dividend never exceeds 2^53.
    let rest = high >= perSecond ? high % perSecond : high;
    let dividend = rest * TWO_16 + (low >>> 16);
    const middle = Math.floor(dividend / perSecond);
    rest = dividend - middle * perSecond;
    dividend = rest * TWO_16 + (low & 0xffff);
    const quotientLow = Math.floor(dividend / perSecond);
    rest = dividend - quotientLow * perSecond;
    // What the high word holds in whole seconds lies above 32 bits.
    this.seconds = (middle * TWO_16 + quotientLow + (unit.offsetS % TWO_32)) >>> 0;
    this.nanoseconds = whole ? rest * nsPerUnit : Math.floor((rest * NS_PER_SECOND) / perSecond);
  }

  #setExactly(high: number, low: number, { perSecond, offsetS }: TimeUnit): void {
    const units = (BigInt(high) << 32n) | BigInt(low);
    const divisor = BigInt(perSecond);
    this.seconds = Number(BigInt.asUintN(32, units / divisor + BigInt(Math.trunc(offsetS))));
    this.nanoseconds = Number(((units % divisor) * 1_000_000_000n) / divisor);
  }
}
