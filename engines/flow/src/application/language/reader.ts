/** A cursor over untrusted bytes: what lies beyond the end is zero, and `ok` says that it was asked for. */

const latin1 = new TextDecoder('latin1');

export class Reader {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;
  /** Nothing was read beyond the end. */
  ok = true;

  /** @param end behind the last byte; clamped to the bytes that are there */
  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = Math.min(end, bytes.length);
    if (at < 0 || at > this.end) {
      this.at = this.end;
      this.ok = false;
    }
  }

  get left(): number {
    return this.end - this.at;
  }

  u8(): number {
    if (!this.has(1)) return 0;
    return this.bytes[this.at++] as number;
  }

  u16(): number {
    if (!this.has(2)) return 0;
    const { bytes, at } = this;
    this.at = at + 2;
    return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  }

  u24(): number {
    return this.has(3) ? (this.u8() << 16) | this.u16() : 0;
  }

  u32(): number {
    return this.has(4) ? this.u16() * 65536 + this.u16() : 0;
  }

  skip(count: number): void {
    if (this.has(count)) this.at += count;
  }

  /** A view of the next bytes; empty beyond the end. */
  take(count: number): Uint8Array {
    if (!this.has(count)) return this.bytes.subarray(this.at, this.at);
    const from = this.at;
    this.at = from + count;
    return this.bytes.subarray(from, this.at);
  }

  /** A reader of the next bytes, which are passed. It is cut, and this one not ok, where they are not all there. */
  part(count: number): Reader {
    const from = this.at;
    const to = Math.min(from + count, this.end);
    if (to < from + count) this.ok = false;
    this.at = to;
    return new Reader(this.bytes, from, to);
  }

  text(count: number): string {
    return latin1.decode(this.take(count));
  }

  has(count: number): boolean {
    if (count >= 0 && this.end - this.at >= count) return true;
    this.ok = false;
    return false;
  }
}

/** Bytes as text, each one a character, at most so many. */
export function latin1Text(bytes: Uint8Array, from: number, to: number): string {
  return latin1.decode(bytes.subarray(from, to));
}

/** Do the bytes at an offset spell an ASCII text? */
export function spells(bytes: Uint8Array, at: number, text: string): boolean {
  if (at + text.length > bytes.length) return false;
  for (let index = 0; index < text.length; index++) {
    if (bytes[at + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}

export function be16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

export function be24(bytes: Uint8Array, at: number): number {
  return (be16(bytes, at) << 8) | (bytes[at + 2] ?? 0);
}

export function be32(bytes: Uint8Array, at: number): number {
  return be16(bytes, at) * 65536 + be16(bytes, at + 2);
}

export function le16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

export function le32(bytes: Uint8Array, at: number): number {
  return le16(bytes, at) + le16(bytes, at + 2) * 65536;
}

/** Printable text for people: control characters become dots. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, '.');
}
