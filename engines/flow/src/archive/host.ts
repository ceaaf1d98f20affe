/** Questions about one address: whom it met for the first time, and when it talked to whom. */
import type { EventFilter, EventQuery, EventsQuery, JsonValue } from '@undercroft/kernel';
import { DESTINATION, DESTINATION_PORT, FLOW_CLASS, PROTOCOL, SOURCE } from './class.ts';

/** Rows of one answer over time: lanes times steps. */
const MAX_CELLS = 10_000;

/** Whose turn it was to begin: the host calls, or is called. */
export type HostRole = 'calls' | 'called';

export interface HostQuestion {
  readonly tenant: string;
  readonly address: string;
  readonly fromUs: number;
  readonly toUs?: number;
}

export interface Contact {
  readonly peer: string;
  readonly role: HostRole;
  readonly firstUs: number;
  readonly lastUs: number;
  readonly records: number;
  /** What the host sent and received. */
  readonly bytesOut: number;
  readonly bytesIn: number;
}

export interface Lane {
  readonly peer: string;
  readonly role: HostRole;
  readonly port: number | null;
  readonly protocol: string;
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly records: number;
  readonly firstUs: number;
  readonly lastUs: number;
  /** Steps in which something was said. */
  readonly steps: readonly { readonly timeUs: number; readonly bytesOut: number; readonly bytesIn: number }[];
}

type Row = Readonly<Record<string, JsonValue>>;

/** Out is what the host sends, whoever began. */
const sums = (role: HostRole): NonNullable<EventQuery['aggregates']> => [
  { fn: 'sum', field: role === 'calls' ? 'traffic.bytes_out' : 'traffic.bytes_in', as: 'bytesOut' },
  { fn: 'sum', field: role === 'calls' ? 'traffic.bytes_in' : 'traffic.bytes_out', as: 'bytesIn' },
  { fn: 'sum', fields: ['traffic.bytes_out', 'traffic.bytes_in'], as: 'bytes' },
  { fn: 'count', as: 'records' },
  { fn: 'min', field: 'timeUs', as: 'firstUs' },
  { fn: 'max', field: 'timeUs', as: 'lastUs' },
];

const ROLES: readonly HostRole[] = ['calls', 'called'];
const mine = (role: HostRole): string => (role === 'calls' ? SOURCE : DESTINATION);
const theirs = (role: HostRole): string => (role === 'calls' ? DESTINATION : SOURCE);
const equal = (field: string, value: JsonValue): EventFilter =>
  value === null ? { op: 'not', of: { op: 'exists', field } } : { op: 'eq', field, value };

export class HostQuestions {
  readonly #events: EventsQuery;

  constructor(events: EventsQuery) {
    this.#events = events;
  }

  /** Peers that were never seen with the host before the span, in all that is kept; the latest first. */
  async firstContacts(question: HostQuestion, limit: number): Promise<readonly Contact[]> {
    const { fromUs, toUs = Number.MAX_SAFE_INTEGER, address } = question;
    const latest = await Promise.all(
      ROLES.map((role) =>
        this.#ask(question, [equal(mine(role), address)], {
          groupBy: [theirs(role)],
          aggregates: sums(role),
          orderBy: ['-firstUs'],
          limit: limit * 2,
        }).then((rows) => rows.map((row) => contact(row, role))),
      ),
    );
    const fresh = latest.flat().filter(({ firstUs }) => firstUs >= fromUs && firstUs < toUs);
    const peers = [...new Set(fresh.map(({ peer }) => peer))];
    if (peers.length === 0) return [];
    // The other one may have begun long ago: what counts is the first of both.
    const known = await Promise.all(
      ROLES.map((role) =>
        this.#ask(question, [equal(mine(role), address), { op: 'in', field: theirs(role), values: peers }], {
          groupBy: [theirs(role)],
          aggregates: [{ fn: 'min', field: 'timeUs', as: 'firstUs' }],
          limit: peers.length,
        }).then((rows) => rows.map((row) => [String(row[theirs(role)]), Number(row['firstUs'])] as const)),
      ),
    );
    const first = new Map<string, number>();
    for (const [peer, timeUs] of known.flat()) first.set(peer, Math.min(first.get(peer) ?? timeUs, timeUs));
    return fresh
      .filter(({ peer, firstUs }) => first.get(peer) === firstUs)
      .sort((a, b) => b.firstUs - a.firstUs)
      .slice(0, limit);
  }

  /** The conversations that moved most, each with the steps in which it did. */
  async lanes(question: HostQuestion, most: number, stepUs: number): Promise<readonly Lane[]> {
    const { address, fromUs, toUs } = question;
    const span = { fromUs, ...(toUs === undefined ? {} : { toUs }) };
    const found = await Promise.all(
      ROLES.map(async (role) => {
        const key = [theirs(role), DESTINATION_PORT, PROTOCOL];
        const rows = await this.#ask(question, [equal(mine(role), address)], {
          ...span,
          groupBy: key,
          aggregates: sums(role),
          orderBy: ['-bytes'],
          limit: most,
        });
        return rows.map((row) => ({ role, row, bytes: Number(row['bytes'] ?? 0) }));
      }),
    );
    const chosen = found
      .flat()
      .sort((a, b) => b.bytes - a.bytes)
      .slice(0, most);
    const steps = await Promise.all(ROLES.map((role) => this.#steps(question, role, chosen, stepUs)));
    return chosen.map(({ role, row }) => ({
      ...contact(row, role),
      port: row[DESTINATION_PORT] as number | null,
      protocol: String(row[PROTOCOL] ?? ''),
      steps: steps[ROLES.indexOf(role)]?.get(laneKey(row, role)) ?? [],
    }));
  }

  async #steps(
    question: HostQuestion,
    role: HostRole,
    chosen: readonly { readonly role: HostRole; readonly row: Row }[],
    stepUs: number,
  ): Promise<ReadonlyMap<string, Lane['steps']>> {
    const rows = chosen.filter((one) => one.role === role).map(({ row }) => row);
    const byLane = new Map<string, Lane['steps'][number][]>();
    if (rows.length === 0) return byLane;
    const key = [theirs(role), DESTINATION_PORT, PROTOCOL];
    const { fromUs, toUs, address } = question;
    const one = (row: Row): EventFilter => ({
      op: 'and',
      of: key.map((field) => equal(field, row[field] ?? null)),
    });
    const cells = await this.#ask(question, [equal(mine(role), address), { op: 'or', of: rows.map(one) }], {
      fromUs,
      ...(toUs === undefined ? {} : { toUs }),
      groupBy: key,
      bucketUs: stepUs,
      aggregates: sums(role),
      orderBy: ['time'],
      limit: MAX_CELLS,
    });
    for (const cell of cells) {
      const lane = byLane.get(laneKey(cell, role)) ?? [];
      lane.push({
        timeUs: Number(cell['timeUs']),
        bytesOut: Number(cell['bytesOut'] ?? 0),
        bytesIn: Number(cell['bytesIn'] ?? 0),
      });
      byLane.set(laneKey(cell, role), lane);
    }
    return byLane;
  }

  async #ask(question: HostQuestion, conditions: readonly EventFilter[], query: EventQuery): Promise<readonly Row[]> {
    const { rows } = await this.#events.query({
      classes: [FLOW_CLASS.name],
      tenant: question.tenant,
      filter: { op: 'and', of: conditions },
      ...query,
    });
    return rows;
  }
}

function contact(row: Row, role: HostRole): Contact {
  const number = (name: string): number => Number(row[name] ?? 0);
  return {
    peer: String(row[theirs(role)] ?? ''),
    role,
    firstUs: number('firstUs'),
    lastUs: number('lastUs'),
    records: number('records'),
    bytesOut: number('bytesOut'),
    bytesIn: number('bytesIn'),
  };
}

function laneKey(row: Row, role: HostRole): string {
  return `${row[theirs(role)]} ${row[DESTINATION_PORT]} ${row[PROTOCOL]}`;
}
