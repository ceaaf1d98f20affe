/** Values shared by every service: JSON, severities, pages. Times are UTC microseconds since the epoch (`…Us`). */

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };
export type JsonObject = { readonly [key: string]: JsonValue };

/** OCSF severities, in rising order; their position is OCSF's `severity_id`. */
export const SEVERITIES = ['unknown', 'informational', 'low', 'medium', 'high', 'critical', 'fatal'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** The tenant that everything belongs to until another one is made. */
export const DEFAULT_TENANT = 'default';

/** One page of a list. `next` is an opaque cursor, absent on the last page; `total` counts all that match. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
  readonly total?: number;
}

/** What every list takes. `sort` is a field name, `-` before it for descending. */
export interface PageRequest {
  readonly limit?: number;
  readonly cursor?: string;
  readonly sort?: string;
}
