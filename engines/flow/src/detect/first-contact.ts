/** First contact: a host that only ever calls a few places outside, a server, calls one that it never called before. */
import type { FlowRow } from '../archive/rows.ts';
import { type Detector, type DetectorSettings, type Finding, Subjects } from './detector.ts';
import { networkOf } from './networks.ts';
import { begins, failed } from './outcome.ts';

const MAX_HOSTS = 20_000;
/** Places outside of a host with a habit; one that calls more is a client, whose new places say nothing. */
const MAX_PLACES = 20;
const DAY_US = 86_400e6;
/** A host is new to the detector for so long: what it does then is its habit. */
const LEARN_US = 7 * DAY_US;
/** How long a first contact is told. */
const TOLD_US = 3600e6;
/** Below the first are ports of services, from the second on ports that systems choose for those who call. */
export const SERVICE_PORTS = 1024;
export const CHOSEN_PORTS = 32_768;
const SHOWN = 10;

interface Host {
  firstUs: number;
  /** Networks and ports outside that it called: one more than a habit has at most, which tells that it has none. */
  readonly places: Set<string>;
  /** Those it called for the first time once its habit was known. */
  readonly fresh: Map<string, Contact>;
}

interface Contact {
  readonly row: FlowRow;
  /** Places that the host had called until then. */
  readonly before: number;
}

export class FirstContactDetector implements Detector {
  readonly name = 'first-contact';
  readonly #hosts = new Subjects<Host>(MAX_HOSTS);
  readonly #settings: DetectorSettings;

  constructor(settings: DetectorSettings) {
    this.#settings = settings;
  }

  see(row: FlowRow): void {
    const { networks } = this.#settings;
    const fromInside = networks.inside(row.source);
    const toInside = networks.inside(row.destination);
    // A server may be known by those that call it alone.
    if (toInside) this.#host(row.destination, row.timeUs);
    if (!fromInside) return;
    const host = this.#host(row.source, row.timeUs);
    if (toInside || networks.special(row.destination) || !begins(row) || failed(row) || isAnswer(row)) return;
    if (row.destinationPort === null) return;
    const before = host.places.size;
    if (before > MAX_PLACES) return;
    const place = placeOf(row.destination, row.destinationPort);
    if (host.places.has(place)) return;
    host.places.add(place);
    if (row.timeUs - host.firstUs >= LEARN_US) host.fresh.set(place, { row, before });
  }

  /** It was so before: what a host called, and since when it is known. */
  learn(address: string, contacts: Iterable<readonly [destination: string, port: number]>, firstUs: number): void {
    const host = this.#host(address, firstUs);
    host.firstUs = Math.min(host.firstUs, firstUs);
    for (const [destination, port] of contacts) {
      if (host.places.size > MAX_PLACES) break;
      host.places.add(placeOf(destination, port));
    }
  }

  look(nowUs: number): readonly Finding[] {
    const findings: Finding[] = [];
    for (const [address, host] of this.#hosts.entries()) {
      for (const [place, { row }] of host.fresh) if (nowUs - row.timeUs > TOLD_US) host.fresh.delete(place);
      if (host.fresh.size > 0) findings.push(finding(address, host));
    }
    return findings;
  }

  #host(address: string, timeUs: number): Host {
    return this.#hosts.get(address, () => ({ firstUs: timeUs, places: new Set(), fresh: new Map() }));
  }
}

function placeOf(destination: string, port: number): string {
  return `${networkOf(destination)} port ${port}`;
}

/** A flow that was joined midway, seen from the side that was called: its source is the service. */
function isAnswer({ sourcePort, destinationPort }: FlowRow): boolean {
  if (sourcePort === null || destinationPort === null) return false;
  if (sourcePort < SERVICE_PORTS) return destinationPort >= SERVICE_PORTS;
  return sourcePort < CHOSEN_PORTS && destinationPort >= CHOSEN_PORTS;
}

function finding(address: string, { firstUs, fresh }: Host): Finding {
  const contacts = [...fresh];
  const [[, { row, before }]] = contacts as [[string, Contact]];
  const what = contacts.length === 1 ? `${row.destination} port ${row.destinationPort}` : `${contacts.length} places`;
  const days = Math.floor((row.timeUs - firstUs) / DAY_US);
  return {
    rule: 'flow.first-contact',
    address,
    part: '',
    state: 'notice',
    title: `${address} contacted ${what} outside for the first time`,
    detail: `Until then, in ${days} days, it had contacted ${before} places outside (a place is a network, /24 or /48, and a port). A new one is told of a host that is known for ${LEARN_US / DAY_US} days and has contacted at most ${MAX_PLACES}.`,
    next: 'An update, or a new service of yours? If not, find the process on that host.',
    evidence: contacts
      .slice(0, SHOWN)
      .map(
        ([place, contact]) =>
          `${new Date(contact.row.timeUs / 1000).toISOString()}: ${contact.row.destination} ${contact.row.protocol} (${place})`,
      ),
    technique: 'T1071',
  };
}
