/**
 * The edge: inside, times are microseconds in fields that end in `Us`; outside, ISO 8601 in fields that end in `At`.
 * A name that says `At` already keeps one: `retryAtUs` is `retryAt`.
 */
export type Edge<T> = T extends readonly (infer E)[]
  ? readonly Edge<E>[]
  : T extends object
    ? {
        [K in keyof T as K extends `${infer Name}AtUs`
          ? `${Name}At`
          : K extends `${infer Name}Us`
            ? `${Name}At`
            : K]: K extends `${string}Us` ? EdgeTime<T[K]> : Edge<T[K]>;
      }
    : T;
type EdgeTime<T> = T extends undefined ? undefined : string;

/** Renames every `…Us` to `…At` with an ISO 8601 value, at any depth. Other fields stay as they are. */
export function toEdge<T>(value: T): Edge<T> {
  return convert(value) as Edge<T>;
}

function convert(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(convert);
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return value;
  const out: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) {
    if (key.endsWith('Us') && typeof field === 'number') out[key.replace(/(At)?Us$/, 'At')] = isoFromUs(field);
    else if (field !== undefined) out[key] = convert(field);
  }
  return out;
}

/** `2026-11-24T22:48:02.123456Z`; the microseconds are left out when they are zero. */
export function isoFromUs(timeUs: number): string {
  const micros = ((timeUs % 1000) + 1000) % 1000;
  const iso = new Date((timeUs - micros) / 1000).toISOString();
  return micros === 0 ? iso : `${iso.slice(0, -1)}${String(micros).padStart(3, '0')}Z`;
}

/** Reads an ISO 8601 time, or epoch seconds. @returns microseconds, undefined if it is neither */
export function usFromIso(text: string): number | undefined {
  if (/^\d{1,12}(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1e6);
  if (!/^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/.test(text)) return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return undefined;
  const fraction = /\.\d{3}(\d{1,3})/.exec(text)?.[1];
  return ms * 1000 + (fraction === undefined ? 0 : Number(fraction.padEnd(3, '0')));
}
