/** A protocol on a port that is another's: what was said, not the number, tells what is spoken. */
import type { FlowRow } from '../archive/rows.ts';
import { type Detector, type DetectorSettings, type Finding, Subjects } from './detector.ts';

const MAX_SERVICES = 10_000;
const KEPT_US = 3600e6;

/** What well-known ports are for. */
const EXPECTED: ReadonlyMap<number, ReadonlySet<string>> = new Map([
  [21, new Set(['ftp'])],
  [22, new Set(['ssh'])],
  [23, new Set(['telnet'])],
  [25, new Set(['smtp', 'tls'])],
  [53, new Set(['dns', 'tls'])],
  [80, new Set(['http', 'http2', 'websocket'])],
  [110, new Set(['pop3', 'tls'])],
  [123, new Set(['ntp'])],
  [143, new Set(['imap', 'tls'])],
  [443, new Set(['tls', 'quic', 'dtls'])],
  [445, new Set(['smb'])],
  [853, new Set(['tls', 'quic', 'dtls'])],
  [3306, new Set(['mysql', 'tls'])],
  [3389, new Set(['rdp', 'tls'])],
  [5432, new Set(['postgresql', 'tls'])],
]);
/** Remote control: anywhere but at home it is worth a look. */
const HOME: ReadonlyMap<string, ReadonlySet<number>> = new Map([
  ['ssh', new Set([22])],
  ['rdp', new Set([3389])],
  ['telnet', new Set([23])],
  ['vnc', new Set([5900, 5901, 5902, 5903])],
]);

interface Service {
  readonly row: FlowRow;
  readonly application: string;
  readonly clients: Set<string>;
  connections: number;
  lastUs: number;
}

export class WrongPortDetector implements Detector {
  readonly name = 'wrong-port';
  readonly #services = new Subjects<Service>(MAX_SERVICES);
  readonly #settings: DetectorSettings;

  constructor(settings: DetectorSettings) {
    this.#settings = settings;
  }

  see(row: FlowRow): void {
    const { application, destinationPort } = row;
    if (application === null || destinationPort === null || !misplaced(application, destinationPort)) return;
    // Remote control on an odd port inside is somebody's habit; across the border it is not.
    const { networks } = this.#settings;
    if (!EXPECTED.has(destinationPort) && networks.inside(row.source) && networks.inside(row.destination)) return;
    const key = `${row.destination} ${destinationPort} ${application}`;
    const service = this.#services.get(key, () => ({
      row,
      application,
      clients: new Set(),
      connections: 0,
      lastUs: 0,
    }));
    service.connections += 1;
    service.lastUs = Math.max(service.lastUs, row.timeUs);
    if (service.clients.size < 100) service.clients.add(row.source);
  }

  look(nowUs: number): readonly Finding[] {
    const findings: Finding[] = [];
    for (const [key, service] of this.#services.entries()) {
      if (nowUs - service.lastUs > KEPT_US) this.#services.delete(key);
      else findings.push(finding(service));
    }
    return findings;
  }
}

function misplaced(application: string, port: number): boolean {
  const expected = EXPECTED.get(port);
  if (expected !== undefined) return !expected.has(application);
  const home = HOME.get(application);
  return home !== undefined && !home.has(port);
}

function finding({ row, application, clients, connections }: Service): Finding {
  const usual = EXPECTED.get(row.destinationPort ?? 0);
  return {
    rule: 'flow.protocol.wrong-port',
    address: row.destination,
    part: `${row.destinationPort} ${application}`,
    state: usual === undefined ? 'notice' : 'warning',
    title: `${row.destination} speaks ${application} on port ${row.destinationPort}`,
    detail:
      usual === undefined
        ? `${application} is at home on port ${[...(HOME.get(application) ?? [])].join(', ')}, and this crosses the border of the local networks.`
        : `Port ${row.destinationPort} is for ${[...usual].join(', ')}; what was said there is ${application}.`,
    next: 'A tunnel through a firewall looks like this, and so does a service that was moved on purpose.',
    evidence: [`${connections} records of ${clients.size} clients`, `clients: ${[...clients].slice(0, 5).join(', ')}`],
    technique: 'T1571',
  };
}
