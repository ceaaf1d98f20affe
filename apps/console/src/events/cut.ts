/** Long values do not freeze the page: above ten thousand bytes they are cut until one asks for all. */
export const MAX_SHOWN_BYTES = 10_000;

export interface CutText {
  readonly text: string;
  /** Bytes of the whole; undefined when nothing was cut. */
  readonly wholeBytes: number | undefined;
}

const encoder = new TextEncoder();

export function cutText(value: string, maxBytes = MAX_SHOWN_BYTES): CutText {
  // A character is at least one byte, so that most texts need no count.
  if (value.length * 3 <= maxBytes) return { text: value, wholeBytes: undefined };
  const bytes = encoder.encode(value);
  if (bytes.length <= maxBytes) return { text: value, wholeBytes: undefined };
  let end = maxBytes;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return { text: new TextDecoder().decode(bytes.subarray(0, end)), wholeBytes: bytes.length };
}
