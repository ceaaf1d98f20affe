/** Reading rows of flows by name and number, as they pass through. */
import { columnValue, type EventColumn, type EventRows } from '@undercroft/kernel';

export interface FlowRow {
  readonly timeUs: number;
  readonly source: string;
  readonly sourcePort: number | null;
  readonly destination: string;
  readonly destinationPort: number | null;
  readonly protocol: string;
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly packetsOut: number;
  readonly packetsIn: number;
  readonly appBytesOut: number;
  readonly appBytesIn: number;
  readonly durationUs: number;
  readonly state: string;
  readonly cause: string;
  readonly origin: string;
  readonly sequence: number;
  readonly application: string | null;
}

/** A name that was asked for. */
export interface DnsQuestion {
  readonly timeUs: number;
  readonly source: string;
  readonly name: string;
}

type Reader<T> = (row: number) => T;

export class FlowRows {
  readonly #timeUs: Float64Array;
  readonly #source: Reader<string>;
  readonly #destination: Reader<string>;
  readonly #fields: { readonly [K in Exclude<keyof FlowRow, 'timeUs' | 'source' | 'destination'>]: Reader<FlowRow[K]> };

  constructor(rows: EventRows) {
    const { columns } = rows;
    const any = (name: string): Reader<string | number | boolean | null> => {
      const column = columns[name];
      if (column === undefined) return () => null;
      return (row) => columnValue(column, row);
    };
    const number = (name: string): Reader<number> => {
      const read = any(name);
      return (row) => Number(read(row) ?? 0);
    };
    const text = (name: string): Reader<string> => {
      const read = any(name);
      return (row) => (read(row) as string | null) ?? '';
    };
    this.#timeUs = rows.timeUs;
    this.#source = text('src_endpoint.ip');
    this.#destination = text('dst_endpoint.ip');
    this.#fields = {
      sourcePort: any('src_endpoint.port') as Reader<number | null>,
      destinationPort: any('dst_endpoint.port') as Reader<number | null>,
      protocol: text('connection_info.protocol_name'),
      bytesOut: number('traffic.bytes_out'),
      bytesIn: number('traffic.bytes_in'),
      packetsOut: number('traffic.packets_out'),
      packetsIn: number('traffic.packets_in'),
      appBytesOut: number('flow.app_bytes_out'),
      appBytesIn: number('flow.app_bytes_in'),
      durationUs: number('flow.duration_us'),
      state: text('flow.state'),
      cause: text('flow.cause'),
      origin: text('flow.origin'),
      sequence: number('flow.sequence'),
      application: any('app_name') as Reader<string | null>,
    };
  }

  /** @returns row `index`; undefined without both addresses (LLC, flows that were merged) */
  at(index: number): FlowRow | undefined {
    const source = this.#source(index);
    const destination = this.#destination(index);
    if (source === '' || destination === '') return undefined;
    const fields = this.#fields;
    return {
      timeUs: this.#timeUs[index] ?? 0,
      source,
      sourcePort: fields.sourcePort(index),
      destination,
      destinationPort: fields.destinationPort(index),
      protocol: fields.protocol(index),
      bytesOut: fields.bytesOut(index),
      bytesIn: fields.bytesIn(index),
      packetsOut: fields.packetsOut(index),
      packetsIn: fields.packetsIn(index),
      appBytesOut: fields.appBytesOut(index),
      appBytesIn: fields.appBytesIn(index),
      durationUs: fields.durationUs(index),
      state: fields.state(index),
      cause: fields.cause(index),
      origin: fields.origin(index),
      sequence: fields.sequence(index),
      application: fields.application(index),
    };
  }
}

/** Reading rows of names that were asked for. */
export class DnsRows {
  readonly #rows: EventRows;

  constructor(rows: EventRows) {
    this.#rows = rows;
  }

  /** @returns row `index`; undefined without an address or a name */
  at(index: number): DnsQuestion | undefined {
    const { columns, timeUs } = this.#rows;
    const text = (column: EventColumn | undefined) => (column === undefined ? null : columnValue(column, index));
    const source = text(columns['src_endpoint.ip']);
    const name = text(columns['query.hostname']);
    if (typeof source !== 'string' || typeof name !== 'string') return undefined;
    return { timeUs: timeUs[index] ?? 0, source, name };
  }
}
