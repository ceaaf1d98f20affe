/** Questions about archived flows, as queries of the event store. */
import type {
  EventAggregate,
  EventFilter,
  EventQuery,
  EventQueryResult,
  EventsQuery,
  FlowDimension,
  FlowFilter,
  FlowMeasure,
  FlowsQuery,
  FlowTotal,
  JsonValue,
  PlatformEvent,
} from '@undercroft/kernel';
import { DESTINATION, DESTINATION_PORT, FLOW_CLASS, PROTOCOL, SOURCE, SOURCE_PORT } from './class.ts';

const PAIR_AND_PORT = [SOURCE, DESTINATION, DESTINATION_PORT] as const;

/** What rows are grouped by. */
const KEYS: Readonly<Record<FlowDimension, readonly string[]>> = {
  source: [SOURCE],
  destination: [DESTINATION],
  pair: [SOURCE, DESTINATION],
  conversation: [SOURCE, DESTINATION, DESTINATION_PORT, PROTOCOL],
  port: [PROTOCOL, DESTINATION_PORT],
  protocol: [PROTOCOL],
  application: ['app_name'],
  asset: ['asset'],
  process: ['process.name'],
  path: [SOURCE, 'app_name', PROTOCOL, DESTINATION_PORT, DESTINATION],
  country: ['dst_endpoint.country'],
};

const TOTALS: readonly EventAggregate[] = [
  { fn: 'sum', field: 'traffic.bytes_out', as: 'bytesOut' },
  { fn: 'sum', field: 'traffic.bytes_in', as: 'bytesIn' },
  { fn: 'sum', field: 'traffic.packets_out', as: 'packetsOut' },
  { fn: 'sum', field: 'traffic.packets_in', as: 'packetsIn' },
  { fn: 'sum', fields: ['traffic.bytes_out', 'traffic.bytes_in'], as: 'bytes' },
  { fn: 'sum', fields: ['traffic.packets_out', 'traffic.packets_in'], as: 'packets' },
  { fn: 'count', as: 'records' },
  { fn: 'min', field: 'timeUs', as: 'firstUs' },
  { fn: 'max', field: 'timeUs', as: 'lastUs' },
];

export interface FlowBucket {
  readonly timeUs: number;
  readonly key: JsonValue;
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly records: number;
}

/** A pair and a port whose first record of all that are kept lies in a span of time. */
export interface FirstContact {
  readonly source: string;
  readonly destination: string;
  readonly port: number | null;
  readonly firstUs: number;
  readonly lastUs: number;
  readonly records: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
}

export class FlowQuestions implements FlowsQuery {
  readonly #events: EventsQuery;

  constructor(events: EventsQuery) {
    this.#events = events;
  }

  async top(by: FlowDimension, measure: FlowMeasure, filter: FlowFilter, limit: number) {
    const keys = KEYS[by];
    const result = await this.#ask(filter, {
      groupBy: keys,
      aggregates: TOTALS,
      orderBy: [measure === 'flows' ? '-records' : `-${measure}`],
      limit,
    });
    const totals = result.rows.map((row) => total(keys, row));
    return { totals, elapsedMs: result.elapsedMs, warnings: result.warnings };
  }

  /**
   * Who contacted whom for the first time in the span, newest first. Asks all that is kept until its end.
   *
   * @returns `cut` when there are more than `limit`, all of them older
   */
  async firstContacts(span: Pick<FlowFilter, 'tenant' | 'toUs'> & { readonly fromUs: number }, limit: number) {
    const { fromUs, ...until } = span;
    const both: readonly EventFilter[] = [SOURCE, DESTINATION].map((field) => ({ op: 'exists', field }));
    const { rows, warnings } = await this.#ask(
      until,
      { groupBy: PAIR_AND_PORT, aggregates: TOTALS, orderBy: ['-firstUs'], limit: limit + 1 },
      both,
    );
    const contacts = rows.map((row) => firstContact(total(PAIR_AND_PORT, row))).filter((one) => one.firstUs >= fromUs);
    return { contacts: contacts.slice(0, limit), cut: contacts.length > limit, warnings };
  }

  /** One page of records, newest first. @param after time and id of the last one of the page before */
  async page(filter: FlowFilter, limit: number, after?: readonly [number, string]): Promise<readonly PlatformEvent[]> {
    if (after === undefined) return (await this.#ask(filter, { limit })).events;
    const [timeUs, id] = after;
    const older: EventFilter = { op: 'lt', field: 'timeUs', value: timeUs };
    const sameTime: EventFilter = {
      op: 'and',
      of: [
        { op: 'eq', field: 'timeUs', value: timeUs },
        { op: 'lt', field: 'id', value: id },
      ],
    };
    const toUs = Math.min(filter.toUs ?? Number.MAX_SAFE_INTEGER, timeUs + 1);
    const rest: EventFilter = { op: 'or', of: [older, sameTime] };
    return (await this.#ask({ ...filter, toUs }, { limit }, [rest])).events;
  }

  /** Bytes over time, each bucket by the values of one dimension. */
  async timeline(by: FlowDimension | undefined, filter: FlowFilter, bucketUs: number): Promise<readonly FlowBucket[]> {
    const key = by === undefined ? undefined : KEYS[by][0];
    const result = await this.#ask(filter, {
      ...(key === undefined ? {} : { groupBy: [key] }),
      bucketUs,
      aggregates: TOTALS,
      orderBy: ['time'],
      limit: 10_000,
    });
    return result.rows.map((row) => ({
      timeUs: Number(row['timeUs']),
      key: key === undefined ? null : (row[key] ?? null),
      bytesOut: Number(row['bytesOut'] ?? 0),
      bytesIn: Number(row['bytesIn'] ?? 0),
      records: Number(row['records'] ?? 0),
    }));
  }

  #ask(filter: FlowFilter, query: EventQuery, more: readonly EventFilter[] = []): Promise<EventQueryResult> {
    const conditions = [...filterOf(filter), ...more];
    return this.#events.query({
      classes: [FLOW_CLASS.name],
      ...(filter.tenant === undefined ? {} : { tenant: filter.tenant }),
      ...(filter.fromUs === undefined ? {} : { fromUs: filter.fromUs }),
      ...(filter.toUs === undefined ? {} : { toUs: filter.toUs }),
      ...(conditions.length === 0 ? {} : { filter: { op: 'and', of: conditions } }),
      ...query,
    });
  }
}

function filterOf(filter: FlowFilter): EventFilter[] {
  const { address, source, destination, port, protocol, application, asset, state, origin, sequence } = filter;
  const equal = (field: string, value: JsonValue): EventFilter => ({ op: 'eq', field, value });
  const either = (fields: readonly string[], value: JsonValue): EventFilter => ({
    op: 'or',
    of: fields.map((field) => equal(field, value)),
  });
  return [
    ...(address === undefined ? [] : [either([SOURCE, DESTINATION], address)]),
    ...(source === undefined ? [] : [equal(SOURCE, source)]),
    ...(destination === undefined ? [] : [equal(DESTINATION, destination)]),
    ...(port === undefined ? [] : [either([SOURCE_PORT, DESTINATION_PORT], port)]),
    ...(protocol === undefined ? [] : [equal(PROTOCOL, protocol)]),
    ...(application === undefined ? [] : [equal('app_name', application)]),
    ...(asset === undefined ? [] : [equal('asset', asset)]),
    ...(state === undefined ? [] : [equal('flow.state', state)]),
    ...(origin === undefined ? [] : [equal('flow.origin', origin)]),
    ...(sequence === undefined ? [] : [equal('flow.sequence', sequence)]),
  ];
}

function total(keys: readonly string[], row: Readonly<Record<string, JsonValue>>): FlowTotal {
  const number = (name: string): number => Number(row[name] ?? 0);
  return {
    key: keys.map((key) => (row[key] ?? null) as string | number | null),
    bytesOut: number('bytesOut'),
    bytesIn: number('bytesIn'),
    packetsOut: number('packetsOut'),
    packetsIn: number('packetsIn'),
    records: number('records'),
    firstUs: number('firstUs'),
    lastUs: number('lastUs'),
  };
}

function firstContact({ key, firstUs, lastUs, records, bytesOut, bytesIn }: FlowTotal): FirstContact {
  const [source, destination, port] = key;
  return {
    source: String(source),
    destination: String(destination),
    port: typeof port === 'number' ? port : null,
    firstUs,
    lastUs,
    records,
    bytesOut,
    bytesIn,
  };
}
