/**
 * One column of samples as bytes. What collectors measure has few digits after the point: a column is scaled by the
 * smallest power of ten that makes all of it whole numbers, and these are packed in blocks of 64, each as distances
 * from its least value or as changes, at the width that costs least, with the few values that need more kept aside
 * (patched frame of reference). A column that is not decimal is kept as floats, each XORed with the one before.
 *
 * Exact: every number comes back bit for bit, but for -0, which comes back as 0. NaN is a missing sample.
 */
import { type ByteSink, type ByteSource, FormatError, unzigzag, zigzag } from './bytes.ts';

/** Samples in a column, at most. */
export const MAX_COLUMN = 65_536;
const BLOCK = 64;
const MAX_EXPONENT = 12;
/** Scaled values stay within this, so that a change and its zigzag stay whole in a double. */
const MAX_SCALED = 2 ** 50;
const MAX_WIDTH = 32;

const MODE_EMPTY = 0;
const MODE_CONSTANT = 1;
const MODE_DECIMAL = 2;
const MODE_FLOAT = 3;
const FLAG_GAPS = 0x80;
const BLOCK_DELTA = 0x80;
const BLOCK_EXCEPTIONS = 0x40;

const POWERS = Float64Array.from({ length: MAX_EXPONENT + 1 }, (_, i) => 10 ** i);

/** Encodes and decodes columns; holds the scratch space. */
export class ColumnCodec {
  readonly #present = new Float64Array(MAX_COLUMN);
  readonly #scaled = new Float64Array(MAX_COLUMN);
  readonly #residuals = new Float64Array(BLOCK);
  readonly #deltas = new Float64Array(BLOCK);
  readonly #histogram = new Uint16Array(64);
  readonly #float = new Float64Array(1);
  readonly #words = new Uint32Array(this.#float.buffer);
  #bestWidth = 0;

  /** Appends the column. */
  encode(values: Float64Array, sink: ByteSink): void {
    const count = values.length;
    if (count > MAX_COLUMN) throw new RangeError(`a column of ${count} samples is over ${MAX_COLUMN}`);
    let present = 0;
    for (let i = 0; i < count; i++) {
      const value = values[i]!;
      if (!Number.isNaN(value)) this.#present[present++] = value;
    }
    if (present === 0) {
      sink.u8(MODE_EMPTY);
      return;
    }
    const gaps = present === count ? 0 : FLAG_GAPS;
    const first = this.#present[0]!;
    let constant = true;
    for (let i = 1; i < present && constant; i++) constant = this.#present[i] === first;
    const exponent = this.#exponent(constant ? 1 : present);
    const mode = exponent < 0 ? MODE_FLOAT : constant ? MODE_CONSTANT : MODE_DECIMAL;
    sink.u8(mode | gaps | (exponent > 0 ? exponent << 2 : 0));
    if (gaps !== 0) encodeGaps(values, sink);
    if (mode === MODE_FLOAT) this.#encodeFloats(present, sink);
    else {
      const power = POWERS[exponent]!;
      for (let i = 0; i < present; i++) this.#scaled[i] = Math.round(this.#present[i]! * power);
      if (mode === MODE_CONSTANT) sink.varint(zigzag(this.#scaled[0]!));
      else this.#encodeDecimal(present, sink);
    }
  }

  /** Reads a column of `out.length` samples. @throws FormatError */
  decode(source: ByteSource, out: Float64Array): void {
    const count = out.length;
    const head = source.u8();
    const mode = head & 3;
    const power = POWERS[(head >> 2) & 0x1f];
    if (power === undefined) throw new FormatError('a column has no such scale');
    if (mode === MODE_EMPTY) {
      out.fill(Number.NaN);
      return;
    }
    const gaps = (head & FLAG_GAPS) !== 0;
    const present = gaps ? decodeGaps(source, out) : count;
    const target = gaps ? this.#present : out;
    if (mode === MODE_FLOAT) this.#decodeFloats(source, target, present);
    else if (mode === MODE_CONSTANT) target.fill(unzigzag(source.varint()) / power, 0, present);
    else this.#decodeDecimal(source, target, present, power);
    if (!gaps) return;
    let at = 0;
    for (let i = 0; i < count; i++) if (out[i] === 0) out[i] = this.#present[at++]!;
  }

  /** The least exponent that makes the first `count` present values whole; -1 if there is none. */
  #exponent(count: number): number {
    let exponent = 0;
    let power = 1;
    for (let i = 0; i < count; i++) {
      const value = this.#present[i]!;
      for (;;) {
        const whole = Math.round(value * power);
        if (whole > MAX_SCALED || whole < -MAX_SCALED) return -1;
        if (whole / power === value) break;
        if (++exponent > MAX_EXPONENT) return -1;
        power = POWERS[exponent]!;
      }
    }
    if (exponent === 0) return 0;
    let most = 0;
    for (let i = 0; i < count; i++) most = Math.max(most, Math.abs(this.#present[i]!));
    return most * power > MAX_SCALED ? -1 : exponent;
  }

  #encodeDecimal(count: number, sink: ByteSink): void {
    let previous = 0;
    for (let start = 0; start < count; start += BLOCK) {
      const length = Math.min(BLOCK, count - start);
      previous = this.#encodeBlock(start, length, previous, sink);
    }
  }

  /** @returns the block's last value */
  #encodeBlock(start: number, length: number, previous: number, sink: ByteSink): number {
    const scaled = this.#scaled;
    let least = scaled[start]!;
    let most = least;
    for (let i = 1; i < length; i++) {
      const value = scaled[start + i]!;
      if (value < least) least = value;
      else if (value > most) most = value;
    }
    if (least === most) {
      sink.u8(0);
      sink.varint(zigzag(least - previous));
      return least;
    }
    let before = previous;
    for (let i = 0; i < length; i++) {
      const value = scaled[start + i]!;
      this.#residuals[i] = value - least;
      this.#deltas[i] = zigzag(value - before);
      before = value;
    }
    const plainCost = this.#cheapest(this.#residuals, length) + 16;
    const plainWidth = this.#bestWidth;
    const deltaCost = this.#cheapest(this.#deltas, length);
    const delta = deltaCost < plainCost;
    const width = delta ? this.#bestWidth : plainWidth;
    const residuals = delta ? this.#deltas : this.#residuals;
    const limit = 2 ** width;
    let exceptions = 0;
    for (let i = 0; i < length; i++) if (residuals[i]! >= limit) exceptions++;
    sink.u8((delta ? BLOCK_DELTA : 0) | (exceptions > 0 ? BLOCK_EXCEPTIONS : 0) | width);
    if (!delta) sink.varint(zigzag(least - previous));
    if (exceptions > 0) {
      sink.u8(exceptions);
      for (let i = 0; i < length; i++) {
        if (residuals[i]! < limit) continue;
        sink.u8(i);
        sink.varint(Math.floor(residuals[i]! / limit));
      }
    }
    pack(residuals, length, width, sink);
    return before;
  }

  /** Least cost in bits of packing these; the width goes to `#bestWidth`. */
  #cheapest(residuals: Float64Array, length: number): number {
    const histogram = this.#histogram.fill(0);
    let widest = 0;
    for (let i = 0; i < length; i++) {
      const bits = bitLength(residuals[i]!);
      histogram[bits] = histogram[bits]! + 1;
      if (bits > widest) widest = bits;
    }
    let best = Number.POSITIVE_INFINITY;
    this.#bestWidth = Math.min(widest, MAX_WIDTH);
    for (let width = Math.min(widest, MAX_WIDTH); width >= 0; width--) {
      let cost = length * width;
      let aside = 0;
      for (let bits = widest; bits > width; bits--) {
        const many = histogram[bits]!;
        if (many === 0) continue;
        aside += many;
        cost += many * (8 + Math.ceil((bits - width) / 7) * 8);
      }
      if (aside > 0) cost += 8;
      if (cost < best) {
        best = cost;
        this.#bestWidth = width;
      }
    }
    return best;
  }

  #decodeDecimal(source: ByteSource, out: Float64Array, count: number, power: number): void {
    let previous = 0;
    const indexes = this.#histogram;
    for (let start = 0; start < count; start += BLOCK) {
      const length = Math.min(BLOCK, count - start);
      const head = source.u8();
      const width = head & 0x3f;
      if (width > MAX_WIDTH) throw new FormatError('a block is too wide');
      const delta = (head & BLOCK_DELTA) !== 0;
      const base = delta ? previous : previous + unzigzag(source.varint());
      const residuals = this.#residuals;
      let exceptions = 0;
      if ((head & BLOCK_EXCEPTIONS) !== 0) {
        exceptions = source.u8();
        if (exceptions > length) throw new FormatError('a block has too many exceptions');
        for (let i = 0; i < exceptions; i++) {
          const index = source.u8();
          if (index >= length) throw new FormatError('an exception is out of its block');
          indexes[i] = index;
          this.#deltas[i] = source.varint();
        }
      }
      unpack(source, residuals, length, width);
      const limit = 2 ** width;
      for (let i = 0; i < exceptions; i++) {
        const index = indexes[i]!;
        residuals[index] = residuals[index]! + this.#deltas[i]! * limit;
      }
      if (delta) {
        for (let i = 0; i < length; i++) {
          previous += unzigzag(residuals[i]!);
          out[start + i] = previous / power;
        }
      } else {
        for (let i = 0; i < length; i++) out[start + i] = (base + residuals[i]!) / power;
        previous = base + residuals[length - 1]!;
      }
    }
  }

  /** A control byte: how many of the eight bytes are zero at the front, how many follow. */
  #encodeFloats(count: number, sink: ByteSink): void {
    let low = 0;
    let high = 0;
    for (let i = 0; i < count; i++) {
      this.#float[0] = this.#present[i]! + 0;
      const xorLow = (this.#words[0]! ^ low) >>> 0;
      const xorHigh = (this.#words[1]! ^ high) >>> 0;
      low = this.#words[0]!;
      high = this.#words[1]!;
      const front = xorHigh !== 0 ? Math.clz32(xorHigh) >> 3 : 4 + (Math.clz32(xorLow) >> 3);
      const back = xorLow !== 0 ? trailingZeroBytes(xorLow) : 4 + trailingZeroBytes(xorHigh);
      if (front >= 8) {
        sink.u8(0);
        continue;
      }
      const length = 8 - front - back;
      sink.u8((front << 4) | length);
      for (let at = front; at < front + length; at++) {
        sink.u8(at < 4 ? (xorHigh >>> (24 - at * 8)) & 255 : (xorLow >>> (56 - at * 8)) & 255);
      }
    }
  }

  #decodeFloats(source: ByteSource, out: Float64Array, count: number): void {
    let low = 0;
    let high = 0;
    for (let i = 0; i < count; i++) {
      const head = source.u8();
      const front = head >> 4;
      const length = head & 15;
      if (front + length > 8) throw new FormatError('a float is too long');
      for (let at = front; at < front + length; at++) {
        const byte = source.u8();
        if (at < 4) high ^= byte << (24 - at * 8);
        else low ^= byte << (56 - at * 8);
      }
      this.#words[0] = low;
      this.#words[1] = high;
      out[i] = this.#float[0]!;
    }
  }
}

/** Lengths of runs, present ones first and in turn. */
function encodeGaps(values: Float64Array, sink: ByteSink): void {
  let present = true;
  let run = 0;
  for (let i = 0; i < values.length; i++) {
    const here = !Number.isNaN(values[i]);
    if (here === present) run++;
    else {
      sink.varint(run);
      present = here;
      run = 1;
    }
  }
  sink.varint(run);
}

/** Marks present samples with 0 and missing ones with NaN. @returns how many are present */
function decodeGaps(source: ByteSource, out: Float64Array): number {
  let present = true;
  let total = 0;
  for (let at = 0; at < out.length; ) {
    const run = source.varint();
    if (run > out.length - at || (run === 0 && at > 0)) throw new FormatError('a gap is too long');
    out.fill(present ? 0 : Number.NaN, at, at + run);
    if (present) total += run;
    at += run;
    present = !present;
  }
  return total;
}

/** @param value whole, from 0 to 2^53 */
function bitLength(value: number): number {
  return value < 4_294_967_296 ? 32 - Math.clz32(value) : 64 - Math.clz32(value / 4_294_967_296);
}

function trailingZeroBytes(word: number): number {
  if (word === 0) return 4;
  return (31 - Math.clz32(word & -word)) >> 3;
}

/** The low `width` bits of each. */
function pack(residuals: Float64Array, length: number, width: number, sink: ByteSink): void {
  if (width === 0) return;
  sink.reserve(((length * width) >> 3) + 8);
  const { bytes } = sink;
  let at = sink.length;
  let bits = 0;
  let held = 0;
  const mask = width >= 32 ? 0xffffffff : 2 ** width - 1;
  for (let i = 0; i < length; i++) {
    // The conversion to 32 bits drops what is above; the mask drops what an exception holds.
    const value = (residuals[i]! >>> 0) & mask;
    if (width <= 16) {
      bits |= value << held;
      held += width;
    } else {
      bits |= (value & 0xffff) << held;
      held += 16;
      while (held >= 8) {
        bytes[at++] = bits & 255;
        bits >>>= 8;
        held -= 8;
      }
      bits |= (value >>> 16) << held;
      held += width - 16;
    }
    while (held >= 8) {
      bytes[at++] = bits & 255;
      bits >>>= 8;
      held -= 8;
    }
  }
  if (held > 0) bytes[at++] = bits & 255;
  sink.length = at;
}

function unpack(source: ByteSource, residuals: Float64Array, length: number, width: number): void {
  if (width === 0) {
    residuals.fill(0, 0, length);
    return;
  }
  const { bytes } = source;
  let at = source.position;
  const end = at + ((length * width + 7) >> 3);
  if (end > bytes.length) throw new FormatError('a block ends too early');
  const narrow = Math.min(width, 16);
  const wide = width - narrow;
  const narrowMask = 2 ** narrow - 1;
  const wideMask = 2 ** wide - 1;
  let bits = 0;
  let held = 0;
  for (let i = 0; i < length; i++) {
    while (held < narrow) {
      bits |= bytes[at++]! << held;
      held += 8;
    }
    let value = bits & narrowMask;
    bits >>>= narrow;
    held -= narrow;
    if (wide > 0) {
      while (held < wide) {
        bits |= bytes[at++]! << held;
        held += 8;
      }
      value += (bits & wideMask) * 65_536;
      bits >>>= wide;
      held -= wide;
    }
    residuals[i] = value;
  }
  source.position = end;
}
