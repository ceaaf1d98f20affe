/** DNS tunnelling: far more goes through name queries than names need. */
import type { DnsQuestion, FlowRow } from '../archive/rows.ts';
import { bytesText, type Detector, type DetectorSettings, type Finding, Subjects, spanText } from './detector.ts';
import { TunnelNames } from './tunnel-names.ts';

const MAX_HOSTS = 20_000;
const WINDOW_US = 300e6;
const MIN_QUERIES = 100;
/** Mean bytes of a query on the wire, headers included; a usual one has 70 to 85. */
const MIN_QUERY_BYTES = 130;
/** What a host sends in queries in one window, whatever their size. */
const MIN_BYTES = 2e6;

interface Pair {
  readonly source: string;
  readonly server: string;
  startUs: number;
  queries: number;
  bytesOut: number;
  bytesIn: number;
}

export class DnsTunnelDetector implements Detector {
  readonly name = 'dns-tunnel';
  readonly #pairs = new Subjects<Pair>(MAX_HOSTS);
  readonly #names = new TunnelNames();
  readonly #settings: DetectorSettings;

  constructor(settings: DetectorSettings) {
    this.#settings = settings;
  }

  see(row: FlowRow): void {
    if (row.destinationPort !== 53 || row.protocol !== 'udp' || this.#settings.networks.special(row.destination))
      return;
    const pair = this.#pairs.get(`${row.source} ${row.destination}`, () => ({
      source: row.source,
      server: row.destination,
      ...empty(row.timeUs),
    }));
    if (row.timeUs - pair.startUs > WINDOW_US) Object.assign(pair, empty(row.timeUs));
    pair.queries += row.packetsOut;
    pair.bytesOut += row.bytesOut;
    pair.bytesIn += row.bytesIn;
  }

  seeQuestion(question: DnsQuestion): void {
    this.#names.see(question);
  }

  look(nowUs: number): readonly Finding[] {
    const findings = [...this.#names.look(nowUs)];
    for (const [key, pair] of this.#pairs.entries()) {
      if (nowUs - pair.startUs > 2 * WINDOW_US) this.#pairs.delete(key);
      else if (
        pair.queries >= MIN_QUERIES &&
        (pair.bytesOut / pair.queries >= MIN_QUERY_BYTES || pair.bytesOut >= MIN_BYTES)
      )
        findings.push(finding(pair));
    }
    return findings;
  }
}

function empty(startUs: number) {
  return { startUs, queries: 0, bytesOut: 0, bytesIn: 0 };
}

function finding({ source, server, queries, bytesOut, bytesIn }: Pair): Finding {
  const mean = Math.round(bytesOut / queries);
  return {
    rule: 'flow.dns.tunnel',
    address: source,
    part: server,
    state: 'warning',
    title: `${source} moves data through DNS: ${queries} queries of ${mean} bytes to ${server}`,
    detail: `In ${spanText(WINDOW_US)}: at least ${MIN_QUERIES} queries of ${MIN_QUERY_BYTES} bytes on average, or ${bytesText(MIN_BYTES)} in queries, are a tunnel.`,
    next: 'See the names that were asked for: long random labels below one domain. Block the domain and find the process.',
    evidence: [
      `${queries} queries, ${bytesText(bytesOut)} out, ${bytesText(bytesIn)} back`,
      `mean query ${mean} bytes on the wire`,
    ],
    technique: 'T1071.004',
  };
}
