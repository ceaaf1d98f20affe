/**
 * What is remembered of one exporter: its templates by source id or observation domain, data that waits for a template,
 * sequence numbers, sampling rates, and what went wrong. Handed to the decoder with each of its messages.
 */
import {
  MAX_DOMAIN_FIELDS,
  MAX_DOMAINS,
  MAX_HELD_BYTES,
  MAX_HELD_SETS,
  MAX_SAMPLERS,
  MAX_TEMPLATES,
} from './limits.ts';
import { sameDefinition, type Template } from './template.ts';

/** What one exporter has sent and what could not be used; all of them only grow. */
export interface ExporterCounters {
  messages: number;
  bytes: number;
  /** Flow records handed on. */
  records: number;
  /** Records that speak of the exporter itself: options, counters of interfaces. */
  optionRecords: number;
  /** Steps forward of sequence numbers, and what they say was lost: flows (5, IPFIX) or packets (9, sFlow). */
  sequenceGaps: number;
  sequenceLost: number;
  /** Messages that came late. */
  reordered: number;
  /** Steps so large or so far back that the exporter must have started anew. */
  restarts: number;
  /** Data sets whose template was not known when they came. */
  unknownTemplateSets: number;
  /** Of these: decoded later; given up. */
  heldSetsReplayed: number;
  heldSetsDropped: number;
  templates: number;
  templateChanges: number;
  templateWithdrawals: number;
  /** Templates, domains and samplers that were forgotten to make room. */
  evicted: number;
  /** Messages or parts of them whose lengths do not hold. */
  malformed: number;
  /** Messages of a version or records of a kind that is not read. */
  unsupported: number;
  /** Packets that the exporter itself says it has dropped (sFlow). */
  exporterDrops: number;
}

export function noCounts(): ExporterCounters {
  return {
    messages: 0,
    bytes: 0,
    records: 0,
    optionRecords: 0,
    sequenceGaps: 0,
    sequenceLost: 0,
    reordered: 0,
    restarts: 0,
    unknownTemplateSets: 0,
    heldSetsReplayed: 0,
    heldSetsDropped: 0,
    templates: 0,
    templateChanges: 0,
    templateWithdrawals: 0,
    evicted: 0,
    malformed: 0,
    unsupported: 0,
    exporterDrops: 0,
  };
}

/** A data set that came before its template. */
export interface HeldSet {
  readonly templateId: number;
  readonly bytes: Uint8Array;
  readonly exportMs: number;
  readonly uptimeMs: number;
}

/** One source id or observation domain of an exporter, for one version of the protocol. */
export class Domain {
  readonly version: number;
  readonly id: number;
  readonly templates = new Map<number, Template>();
  readonly held: HeldSet[] = [];
  /** Sampler id to rate: one packet in so many. */
  readonly samplers = new Map<number, number>();
  /** Rate of all that names no sampler; 0 if not told. */
  samplingRate = 0;
  /** Milliseconds since 1970 at which the exporter's uptime was 0, as its options say; 0 if not told. */
  bootMs = 0;
  /** The next sequence number; -1 if none can be foreseen. */
  expected = -1;
  /** Packets dropped so far by data source, as sFlow tells them. */
  readonly drops = new Map<number, number>();
  #fields = 0;
  #heldBytes = 0;

  constructor(version: number, id: number) {
    this.version = version;
    this.id = id;
  }

  addTemplate(template: Template, counters: ExporterCounters): void {
    const before = this.templates.get(template.id);
    if (before !== undefined) {
      if (sameDefinition(before, template)) return;
      counters.templateChanges++;
      this.#forget(before);
    } else counters.templates++;
    while (this.templates.size >= MAX_TEMPLATES || this.#fields + template.lengths.length > MAX_DOMAIN_FIELDS) {
      const [oldest] = this.templates.values();
      if (oldest === undefined) return;
      this.#forget(oldest);
      counters.evicted++;
    }
    this.templates.set(template.id, template);
    this.#fields += template.lengths.length;
  }

  withdraw(id: number, counters: ExporterCounters): void {
    const template = this.templates.get(id);
    if (template === undefined) return;
    counters.templateWithdrawals++;
    this.#forget(template);
  }

  hold(set: HeldSet, counters: ExporterCounters): void {
    if (set.bytes.length > MAX_HELD_BYTES) {
      counters.heldSetsDropped++;
      return;
    }
    while (this.held.length >= MAX_HELD_SETS || this.#heldBytes + set.bytes.length > MAX_HELD_BYTES) {
      this.#heldBytes -= this.held.shift()?.bytes.length ?? 0;
      counters.heldSetsDropped++;
    }
    this.held.push(set);
    this.#heldBytes += set.bytes.length;
  }

  /** Takes out what has waited for a template. */
  release(templateId: number): HeldSet[] {
    const found = this.held.filter((set) => set.templateId === templateId);
    if (found.length === 0) return found;
    const left = this.held.filter((set) => set.templateId !== templateId);
    this.held.splice(0, this.held.length, ...left);
    for (const set of found) this.#heldBytes -= set.bytes.length;
    return found;
  }

  setSampler(id: number, rate: number, counters: ExporterCounters): void {
    if (!this.samplers.has(id) && this.samplers.size >= MAX_SAMPLERS) {
      const [oldest] = this.samplers.keys();
      if (oldest !== undefined) this.samplers.delete(oldest);
      counters.evicted++;
    }
    this.samplers.set(id, rate);
  }

  #forget(template: Template): void {
    this.templates.delete(template.id);
    this.#fields -= template.lengths.length;
  }
}

export class ExporterState {
  /** Bytes of its address in network order: 4 or 16; empty when not known (a file). */
  readonly address: Uint8Array;
  readonly counters: ExporterCounters;
  /** Multiplies counters by the sampling rate. */
  readonly scaleBySampling: boolean;
  readonly #domains = new Map<number, Domain>();

  /** @param options.counters are shared, where an exporter has several connections */
  constructor(
    options: {
      readonly address?: Uint8Array;
      readonly scaleBySampling?: boolean;
      readonly counters?: ExporterCounters;
    } = {},
  ) {
    this.counters = options.counters ?? noCounts();
    this.address = options.address ?? new Uint8Array(0);
    this.scaleBySampling = options.scaleBySampling ?? true;
  }

  domain(version: number, id: number): Domain {
    const key = version * 4_294_967_296 + id;
    const known = this.#domains.get(key);
    if (known !== undefined) {
      if (this.#domains.size > MAX_DOMAINS / 2) {
        this.#domains.delete(key);
        this.#domains.set(key, known);
      }
      return known;
    }
    if (this.#domains.size >= MAX_DOMAINS) {
      const [[oldest, evicted] = []] = this.#domains;
      if (oldest !== undefined && evicted !== undefined) {
        this.#domains.delete(oldest);
        this.counters.evicted++;
        this.counters.heldSetsDropped += evicted.held.length;
      }
    }
    const made = new Domain(version, id);
    this.#domains.set(key, made);
    return made;
  }

  get domains(): Iterable<Domain> {
    return this.#domains.values();
  }
}
