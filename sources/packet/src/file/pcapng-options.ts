/** The options at the end of pcapng blocks. */

const MAX_OPTIONS = 1000;

/** Calls `visit` for each whole option between two positions; stops at the end mark or where one does not fit. */
export function eachOption(
  bytes: Uint8Array,
  from: number,
  to: number,
  littleEndian: boolean,
  visit: (code: number, at: number, bytes: number) => void,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = from;
  for (let count = 0; count < MAX_OPTIONS && at + 4 <= to; count++) {
    const code = view.getUint16(at, littleEndian);
    const length = view.getUint16(at + 2, littleEndian);
    if (code === 0 || at + 4 + length > to) return;
    visit(code, at + 4, length);
    at += 4 + ((length + 3) & ~3);
  }
}
