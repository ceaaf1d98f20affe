/** DNS tunnelling by names: what is carried stands in long or random names below one domain, each asked for once. */
import type { DnsQuestion } from '../archive/rows.ts';
import { type Finding, Subjects, spanText } from './detector.ts';

const MAX_DOMAINS = 4_000;
const WINDOW_US = 300e6;
/** Different long names of one source below one domain, in a window. */
const MIN_NAMES = 100;
/** Counted of a domain; more are as good as these. */
const MAX_NAMES = 300;
const MIN_LABEL = 30;
/** Bits a character of what stands before the domain. */
const MIN_ENTROPY = 3.8;
/** Names are longer nowhere (RFC 1035). */
const MAX_NAME = 255;
const EXAMPLES = 3;
const EXAMPLE_LENGTH = 60;
/** Long by nature: reverse names, and services of the local network. */
const OTHER_TOPS: ReadonlySet<string> = new Set(['arpa', 'local']);

interface Domain {
  readonly source: string;
  readonly domain: string;
  startUs: number;
  queries: number;
  /** Hashes of the names. */
  readonly names: Set<number>;
  readonly examples: string[];
}

export class TunnelNames {
  readonly #domains = new Subjects<Domain>(MAX_DOMAINS);

  see({ timeUs, source, name }: DnsQuestion): void {
    if (name.length > MAX_NAME) return;
    // Resolvers vary the case of letters to tell forged answers.
    const lower = name.toLowerCase();
    const at = domainAt(lower);
    if (at <= 0) return;
    const left = lower.slice(0, at - 1);
    if (!hasLongLabel(left) && entropyOf(left) < MIN_ENTROPY) return;
    const domain = lower.slice(at);
    const seen = this.#domains.get(`${source} ${domain}`, () => ({
      source,
      domain,
      startUs: timeUs,
      queries: 0,
      names: new Set(),
      examples: [],
    }));
    if (timeUs - seen.startUs > WINDOW_US) {
      seen.startUs = timeUs;
      seen.queries = 0;
      seen.names.clear();
      seen.examples.length = 0;
    }
    seen.queries += 1;
    const hash = hashOf(left);
    if (seen.names.size >= MAX_NAMES || seen.names.has(hash)) return;
    seen.names.add(hash);
    if (seen.examples.length < EXAMPLES) seen.examples.push(shortened(lower));
  }

  look(nowUs: number): readonly Finding[] {
    const findings: Finding[] = [];
    for (const [key, seen] of this.#domains.entries()) {
      if (nowUs - seen.startUs > 2 * WINDOW_US) this.#domains.delete(key);
      else if (seen.names.size >= MIN_NAMES) findings.push(finding(seen));
    }
    return findings;
  }
}

/** Where the part that somebody registered begins: the last two labels, three below such as `co.uk`; -1 of fewer. */
function domainAt(name: string): number {
  const end = name.endsWith('.') ? name.length - 1 : name.length;
  const top = name.lastIndexOf('.', end - 1);
  if (top <= 0 || OTHER_TOPS.has(name.slice(top + 1, end))) return -1;
  const second = name.lastIndexOf('.', top - 1);
  if (second <= 0) return -1;
  const isShared = end - top === 3 && top - second <= 4;
  if (!isShared) return second + 1;
  const third = name.lastIndexOf('.', second - 1);
  return third <= 0 ? -1 : third + 1;
}

function hasLongLabel(left: string): boolean {
  let start = 0;
  for (let index = 0; index <= left.length; index++) {
    if (index < left.length && left.charCodeAt(index) !== 46) continue;
    if (index - start >= MIN_LABEL) return true;
    start = index + 1;
  }
  return false;
}

const counts = new Uint16Array(128);

/** Bits a character, dots left out. */
function entropyOf(text: string): number {
  counts.fill(0);
  let total = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 46) continue;
    counts[code & 127]! += 1;
    total += 1;
  }
  // So few characters cannot have as much.
  if (total < 2 ** MIN_ENTROPY) return 0;
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= (count / total) * Math.log2(count / total);
  return bits;
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash;
}

function shortened(name: string): string {
  return name.length <= EXAMPLE_LENGTH ? name : `${name.slice(0, EXAMPLE_LENGTH - 3)}...`;
}

function finding({ source, domain, queries, names, examples }: Domain): Finding {
  const count = names.size >= MAX_NAMES ? `${MAX_NAMES} and more` : names.size;
  return {
    rule: 'flow.dns.tunnel',
    address: source,
    part: domain,
    state: 'warning',
    title: `${source} asked for ${count} long or random names below ${domain}`,
    detail: `In ${spanText(WINDOW_US)}, ${queries} times in all. Counted are different names with a label of ${MIN_LABEL} characters, or ${MIN_ENTROPY} bits a character before the domain; ${MIN_NAMES} are a tunnel.`,
    next: 'Virus scanners and block lists ask so too. If it is none of yours, block the domain and find the process.',
    evidence: examples.map((name) => `asked for ${name}`),
    technique: 'T1071.004',
  };
}
