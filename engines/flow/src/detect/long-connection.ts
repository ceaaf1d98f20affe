/** Connections that stay open for hours to somewhere outside: tunnels, remote control, forgotten sessions. */
import type { FlowRow } from '../archive/rows.ts';
import { bytesText, type Detector, type DetectorSettings, type Finding, Subjects, spanText } from './detector.ts';

const MAX_CONNECTIONS = 50_000;
const MIN_LENGTH_US = 4 * 3600e6;
const GONE_US = 900e6;

interface Connection {
  readonly first: FlowRow;
  readonly startUs: number;
  lastUs: number;
  bytes: number;
  application: string | null;
}

export class LongConnectionDetector implements Detector {
  readonly name = 'long-connection';
  readonly #connections = new Subjects<Connection>(MAX_CONNECTIONS);
  readonly #settings: DetectorSettings;

  constructor(settings: DetectorSettings) {
    this.#settings = settings;
  }

  see(row: FlowRow): void {
    const { networks } = this.#settings;
    if (networks.inside(row.source) === networks.inside(row.destination)) return;
    if (networks.special(row.destination) || row.packetsIn === 0) return;
    const key = `${row.source} ${row.sourcePort} ${row.destination} ${row.destinationPort} ${row.protocol}`;
    const connection = this.#connections.get(key, () => begin(row));
    if (row.timeUs - connection.lastUs > GONE_US) Object.assign(connection, begin(row));
    connection.lastUs = Math.max(connection.lastUs, row.timeUs + row.durationUs);
    connection.bytes += row.bytesOut + row.bytesIn;
    connection.application ??= row.application;
  }

  look(nowUs: number): readonly Finding[] {
    const findings: Finding[] = [];
    for (const [key, connection] of this.#connections.entries()) {
      if (nowUs - connection.lastUs > GONE_US) this.#connections.delete(key);
      else if (connection.lastUs - connection.startUs >= MIN_LENGTH_US) findings.push(finding(connection));
    }
    return findings;
  }
}

function begin(row: FlowRow): Connection {
  return { first: row, startUs: row.timeUs, lastUs: row.timeUs, bytes: 0, application: row.application };
}

function finding({ first, startUs, lastUs, bytes, application }: Connection): Finding {
  const span = spanText(lastUs - startUs);
  return {
    rule: 'flow.connection.long',
    address: first.source,
    part: `${first.destination}:${first.destinationPort}`,
    state: 'notice',
    title: `${first.source} has been connected to ${first.destination} port ${first.destinationPort} for ${span}`,
    detail: `Connections across the border of the local networks are told after ${spanText(MIN_LENGTH_US)}.`,
    next: 'A VPN, a chat or a database may well stay connected. If it is none you know, find the process.',
    evidence: [
      `open since ${new Date(startUs / 1000).toISOString()}`,
      `${bytesText(bytes)} moved, ${first.protocol}${application === null ? '' : `, ${application}`}`,
    ],
    technique: 'T1571',
  };
}
