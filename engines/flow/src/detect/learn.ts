/**
 * What the detectors knew before a restart, asked of the archive: who has administered whom, how much hosts usually
 * send, and whom they call outside. So a restart neither forgets nor alarms anew.
 */
import type { EventFilter, EventQuery, EventsQuery, JsonValue } from '@undercroft/kernel';
import { DESTINATION, DESTINATION_PORT, FLOW_CLASS, PROTOCOL, SOURCE, SOURCE_PORT } from '../archive/class.ts';
import type { Detectors } from './detectors.ts';
import { CHOSEN_PORTS, SERVICE_PORTS } from './first-contact.ts';
import { ADMIN_PORTS } from './lateral.ts';
import type { Networks } from './networks.ts';
import { WINDOW_US } from './volume.ts';

const DAY_US = 86_400e6;
const ADMINISTERED_US = 30 * DAY_US;
const CONTACTS_US = 30 * DAY_US;
const VOLUME_US = 7 * DAY_US;
const MAX_ROWS = 10_000;
/** Hosts whose usual volume is asked for: those that move most across the border. */
const MAX_HOSTS = 50;
/** Peers inside that are left out of a host's volume. */
const MAX_PEERS = 500;
/** Hosts whose contacts are asked for, so many at once; one with more peers is no server with a habit. */
const MAX_CALLERS = 1_000;
const CALLERS_AT_ONCE = 50;
const MAX_CALLED = 200;
const BYTES_OUT = 'traffic.bytes_out';
const BYTES_IN = 'traffic.bytes_in';

/** Not the answers of a service, recorded as if it had called. */
const CALLS: EventFilter = {
  op: 'or',
  of: [
    { op: 'ge', field: SOURCE_PORT, value: CHOSEN_PORTS },
    { op: 'lt', field: DESTINATION_PORT, value: SERVICE_PORTS },
    {
      op: 'and',
      of: [
        { op: 'ge', field: SOURCE_PORT, value: SERVICE_PORTS },
        { op: 'lt', field: DESTINATION_PORT, value: CHOSEN_PORTS },
      ],
    },
  ],
};

type Row = Readonly<Record<string, JsonValue>>;

interface Known {
  readonly firstUs: number;
  readonly peers: number;
}

export class Archive {
  readonly #events: EventsQuery;
  readonly #nowUs: number;

  constructor(events: EventsQuery, nowUs: number) {
    this.#events = events;
    this.#nowUs = nowUs;
  }

  async teach(detectors: Detectors, networks: Networks): Promise<void> {
    await this.#teachAdministered(detectors);
    await this.#teachVolumes(detectors, networks);
    await this.#teachContacts(detectors, networks);
  }

  async #teachAdministered(detectors: Detectors): Promise<void> {
    const rows = await this.#ask(ADMINISTERED_US, {
      filter: {
        op: 'and',
        of: [
          { op: 'in', field: DESTINATION_PORT, values: [...ADMIN_PORTS.keys()] },
          { op: 'eq', field: PROTOCOL, value: 'tcp' },
          { op: 'gt', field: 'flow.app_bytes_in', value: 0 },
        ],
      },
      groupBy: [SOURCE, DESTINATION, DESTINATION_PORT],
      aggregates: [{ fn: 'min', field: 'timeUs', as: 'firstUs' }],
      limit: MAX_ROWS,
    });
    for (const row of rows) {
      const [source, destination, port] = [row[SOURCE], row[DESTINATION], row[DESTINATION_PORT]];
      if (typeof source !== 'string' || typeof destination !== 'string' || typeof port !== 'number') continue;
      detectors.learnAdministered(source, destination, port, Number(row['firstUs']));
    }
  }

  async #teachVolumes(detectors: Detectors, networks: Networks): Promise<void> {
    const pairs = await this.#ask(VOLUME_US, {
      groupBy: [SOURCE, DESTINATION],
      aggregates: [{ fn: 'sum', fields: [BYTES_OUT, BYTES_IN], as: 'bytes' }],
      orderBy: ['-bytes'],
      limit: MAX_ROWS,
    });
    const hosts = new Set<string>();
    const inside = new Map<string, Set<string>>();
    for (const row of pairs) {
      const ends = [String(row[SOURCE] ?? ''), String(row[DESTINATION] ?? '')] as const;
      const [fromInside, toInside] = ends.map((address) => networks.inside(address)) as [boolean, boolean];
      if (fromInside !== toInside && hosts.size < MAX_HOSTS) hosts.add(fromInside ? ends[0] : ends[1]);
      if (!fromInside || !toInside) continue;
      for (const [one, other] of [ends, [ends[1], ends[0]] as const]) {
        const peers = inside.get(one) ?? new Set();
        if (peers.size < MAX_PEERS) inside.set(one, peers.add(other));
      }
    }
    for (const host of hosts) {
      const sent = await this.#windows(host, [...(inside.get(host) ?? [])]);
      detectors.learnVolume(host, sent, this.#nowUs);
    }
  }

  /** Bytes that a host sent outside, window by window, whoever began. Windows without any are absent. */
  async #windows(host: string, peersInside: readonly string[]): Promise<ReadonlyMap<number, number>> {
    const windows = new Map<number, number>();
    for (const [mine, theirs, bytes] of [
      [SOURCE, DESTINATION, BYTES_OUT],
      [DESTINATION, SOURCE, BYTES_IN],
    ] as const) {
      const filter: EventFilter[] = [{ op: 'eq', field: mine, value: host }];
      if (peersInside.length > 0) filter.push({ op: 'not', of: { op: 'in', field: theirs, values: peersInside } });
      const rows = await this.#ask(VOLUME_US, {
        filter: { op: 'and', of: filter },
        bucketUs: WINDOW_US,
        aggregates: [{ fn: 'sum', field: bytes, as: 'bytes' }],
        limit: MAX_ROWS,
      });
      for (const row of rows) {
        const at = Number(row['timeUs']);
        windows.set(at, (windows.get(at) ?? 0) + Number(row['bytes'] ?? 0));
      }
    }
    return windows;
  }

  /** A host about which not everything could be asked is left out: it is learnt anew, and nothing told meanwhile. */
  async #teachContacts(detectors: Detectors, networks: Networks): Promise<void> {
    const callers = await this.#hostsBy(SOURCE, DESTINATION, networks);
    const called = await this.#hostsBy(DESTINATION, SOURCE, networks);
    for (const [address, { firstUs }] of called)
      if (!callers.has(address)) detectors.learnContacts(address, [], firstUs);
    const few = [...callers].filter(([, { peers }]) => peers <= MAX_CALLED).slice(0, MAX_CALLERS);
    for (let at = 0; at < few.length; at += CALLERS_AT_ONCE) {
      const some = few.slice(at, at + CALLERS_AT_ONCE);
      const rows = await this.#ask(CONTACTS_US, {
        filter: { op: 'and', of: [{ op: 'in', field: SOURCE, values: some.map(([address]) => address) }, CALLS] },
        groupBy: [SOURCE, DESTINATION, DESTINATION_PORT],
        aggregates: [{ fn: 'count', as: 'records' }],
        limit: MAX_ROWS,
      });
      if (rows.length >= MAX_ROWS) continue;
      const contacts = new Map<unknown, [string, number][]>(some.map(([address]) => [address, []]));
      for (const row of rows) {
        const destination = String(row[DESTINATION] ?? '');
        if (destination === '' || networks.inside(destination) || networks.special(destination)) continue;
        contacts.get(row[SOURCE])?.push([destination, Number(row[DESTINATION_PORT])]);
      }
      for (const [address, { firstUs }] of some)
        detectors.learnContacts(
          address,
          contacts.get(address) ?? [],
          Math.min(firstUs, called.get(address)?.firstUs ?? firstUs),
        );
    }
  }

  /** Hosts inside that stand there, those with most records first: since when, and with how many others. */
  async #hostsBy(field: string, other: string, networks: Networks): Promise<ReadonlyMap<string, Known>> {
    const rows = await this.#ask(CONTACTS_US, {
      filter: { op: 'exists', field },
      groupBy: [field],
      aggregates: [
        { fn: 'count', as: 'records' },
        { fn: 'min', field: 'timeUs', as: 'firstUs' },
        { fn: 'distinct', field: other, as: 'peers' },
      ],
      orderBy: ['-records'],
      limit: MAX_ROWS,
    });
    return new Map(
      rows
        .map((row) => [String(row[field]), { firstUs: Number(row['firstUs']), peers: Number(row['peers']) }] as const)
        .filter(([address]) => networks.inside(address)),
    );
  }

  async #ask(spanUs: number, query: EventQuery): Promise<readonly Row[]> {
    const { rows } = await this.#events.query({
      classes: [FLOW_CLASS.name],
      fromUs: this.#nowUs - spanUs,
      ...query,
    });
    return rows;
  }
}
