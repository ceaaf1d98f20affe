/** From what a request asks about events to the query language. Everything is kept within the asker's tenant. */
import { type EventFilter, type EventQuery, parseEventLine, type Severity } from '@undercroft/kernel';
import { parseTime } from '../lists/time.ts';

export interface EventQuestion {
  readonly q?: string;
  readonly class?: readonly string[];
  readonly severity?: readonly string[];
  readonly asset?: string;
  readonly from?: string;
  readonly to?: string;
}

/** @throws UndercroftError `http.time` or `query.line.too-long` (400) */
export function eventQueryOf(question: EventQuestion, tenant: string, nowUs: number): EventQuery {
  const line = parseEventLine(question.q ?? '');
  const fromUs = parseTime(question.from, 'from', nowUs);
  const toUs = parseTime(question.to, 'to', nowUs);
  const classes = question.class !== undefined && question.class.length > 0 ? question.class : line.classes;
  const filter = allOf([line.filter, severityFilter(question.severity), assetFilter(question.asset)]);
  return {
    tenant,
    ...(classes === undefined ? {} : { classes }),
    ...(fromUs === undefined ? {} : { fromUs }),
    ...(toUs === undefined ? {} : { toUs }),
    ...(filter === undefined ? {} : { filter }),
    ...(line.text === undefined ? {} : { text: line.text }),
  };
}

/** The conjunction of what is there. */
export function allOf(filters: readonly (EventFilter | undefined)[]): EventFilter | undefined {
  const given = filters.filter((filter) => filter !== undefined);
  return given.length > 1 ? { op: 'and', of: given } : given[0];
}

/**
 * One page of a list of events by time and id: newest first, or oldest first.
 *
 * @param after time and id of the last event of the page before
 */
export function pageAfter(
  query: EventQuery,
  after: readonly [number, string] | undefined,
  descending: boolean,
): EventQuery {
  // Without an order the store gives the newest first, and gets there without sorting.
  const ordered: EventQuery = descending ? query : { ...query, orderBy: ['timeUs'] };
  if (after === undefined) return ordered;
  const [timeUs, id] = after;
  const op = descending ? 'lt' : 'gt';
  const sameTime: EventFilter = {
    op: 'and',
    of: [
      { op: 'eq', field: 'timeUs', value: timeUs },
      { op, field: 'id', value: id },
    ],
  };
  const filter = allOf([query.filter, { op: 'or', of: [{ op, field: 'timeUs', value: timeUs }, sameTime] }]);
  // The range lets the store skip whole files; its end is exclusive.
  const range = descending
    ? { toUs: Math.min(query.toUs ?? Number.MAX_SAFE_INTEGER, timeUs + 1) }
    : { fromUs: Math.max(query.fromUs ?? -Number.MAX_SAFE_INTEGER, timeUs) };
  return { ...ordered, ...range, ...(filter === undefined ? {} : { filter }) };
}

function severityFilter(severities: readonly string[] = []): EventFilter | undefined {
  return severities.length === 0
    ? undefined
    : { op: 'in', field: 'severity', values: severities as readonly Severity[] };
}

function assetFilter(asset: string | undefined): EventFilter | undefined {
  return asset === undefined ? undefined : { op: 'eq', field: 'asset', value: asset };
}
