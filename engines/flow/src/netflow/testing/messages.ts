/** Messages of NetFlow 9 and IPFIX put together by hand. */

export function u8(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}
export function u16(...values: number[]): Uint8Array {
  return u8(...values.flatMap((value) => [value >>> 8, value & 0xff]));
}
export function u32(...values: number[]): Uint8Array {
  return u16(...values.flatMap((value) => [value >>> 16, value & 0xffff]));
}
export function u64(value: number | bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}
export function join(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export function set(id: number, ...parts: Uint8Array[]): Uint8Array {
  const body = join(...parts);
  return join(u16(id, body.length + 4), body);
}

/** @param fields element and bytes; with an enterprise's number as third */
export function template(id: number, ...fields: (readonly [number, number, number?])[]): Uint8Array {
  return join(u16(id, fields.length), specifiers(fields));
}

export function specifiers(fields: readonly (readonly [number, number, number?])[]): Uint8Array {
  return join(
    ...fields.map(([element, bytes, enterprise]) =>
      enterprise === undefined ? u16(element, bytes) : join(u16(element | 0x8000, bytes), u32(enterprise)),
    ),
  );
}

export function v9(
  told: { sequence?: number; domain?: number; uptimeMs?: number; exportS?: number },
  ...sets: Uint8Array[]
) {
  const { sequence = 0, domain = 1, uptimeMs = 10_000, exportS = 1_700_000_000 } = told;
  return join(u16(9, sets.length), u32(uptimeMs, exportS, sequence, domain), ...sets);
}

export function ipfix(told: { sequence?: number; domain?: number; exportS?: number }, ...sets: Uint8Array[]) {
  const { sequence = 0, domain = 1, exportS = 1_700_000_000 } = told;
  const body = join(...sets);
  return join(u16(10, body.length + 16), u32(exportS, sequence, domain), body);
}
