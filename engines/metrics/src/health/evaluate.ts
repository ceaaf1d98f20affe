/** Evaluates the rules on what the hosts sent last, and says what has changed. No I/O but the lookups handed in. */
import type { Chart, ProblemReport, ProblemState } from '@undercroft/kernel';
import { type Expression, isTrue, parseExpression } from '../language/expression.ts';
import { type SimplePattern, simplePattern } from '../language/pattern.ts';
import type { HealthRule, Lookup } from './rules.ts';

/** Netdata's numbers of states; expressions compare with them. */
export const STATUS = { REMOVED: -2, UNINITIALIZED: -1, UNDEFINED: 0, CLEAR: 1, RAISED: 2, WARNING: 3, CRITICAL: 4 };

/** A raised problem is reported again this often, with its value of then. */
const REPEAT_S = 10;

/** Result of a lookup; NaN when too little of the window was measured. */
export type LookupOf = (host: string, chart: string, lookup: Lookup, nowS: number) => Promise<number>;

interface CompiledRule {
  readonly rule: HealthRule;
  readonly labels: readonly (readonly [string, SimplePattern])[];
  readonly calc: Expression | undefined;
  readonly warn: Expression | undefined;
  readonly crit: Expression | undefined;
}

interface Instance {
  readonly compiled: CompiledRule;
  readonly chart: Chart;
  status: number;
  /** A change that is waited out: to what, since when. */
  pending: { readonly status: number; readonly sinceS: number } | undefined;
  nextS: number;
  reportedS: number;
  reported: number;
  value: number;
}

interface HostHealth {
  readonly host: string;
  charts: readonly Chart[];
  values: Float64Array;
  secondS: number;
  readonly instances: Map<string, Instance>;
  /** Places of values by `chart.dimension`. */
  places: Map<string, number>;
  processors: number;
  /** Raised, and their charts have gone. */
  readonly gone: Instance[];
}

/** Who a host is in the inventory, to name the subject; undefined while that is not known. */
export type AssetOf = (host: string) => string | undefined;

export class Health {
  readonly #rules: readonly CompiledRule[];
  readonly #lookup: LookupOf;
  readonly #assetOf: AssetOf;
  readonly #hosts = new Map<string, HostHealth>();

  /** @throws ExpressionError if a rule has a wrong expression */
  constructor(rules: readonly HealthRule[], lookup: LookupOf, assetOf: AssetOf) {
    this.#rules = rules.map(compile);
    this.#lookup = lookup;
    this.#assetOf = assetOf;
  }

  /** Takes what a host has sent. */
  see(host: string, secondS: number, charts: readonly Chart[], values: Float64Array): void {
    let health = this.#hosts.get(host);
    if (health === undefined) {
      health = {
        host,
        charts: [],
        values,
        secondS,
        instances: new Map(),
        places: new Map(),
        processors: 0,
        gone: [],
      };
      this.#hosts.set(host, health);
    }
    health.values = values;
    health.secondS = secondS;
    if (charts !== health.charts) this.#arrange(health, charts);
  }

  /** Looks at all that is due. @returns what is to be reported */
  async evaluate(nowS: number): Promise<ProblemReport[]> {
    const reports: ProblemReport[] = [];
    for (const health of this.#hosts.values()) {
      const asset = this.#assetOf(health.host);
      if (asset === undefined) continue;
      for (const instance of health.instances.values()) {
        if (nowS < instance.nextS && instance.nextS - nowS <= instance.compiled.rule.everyS) continue;
        instance.nextS = nowS + instance.compiled.rule.everyS;
        const report = await this.#judge(health, instance, nowS, asset);
        if (report !== undefined) reports.push(report);
      }
      for (const gone of health.gone.splice(0)) reports.push(describe(health, gone, nowS, asset, 'ok'));
    }
    return reports;
  }

  /** Subjects of all rules and parts there are now, to tell stale problems from live ones. */
  subjects(): Set<string> {
    const found = new Set<string>();
    for (const health of this.#hosts.values()) {
      const asset = this.#assetOf(health.host);
      if (asset === undefined) continue;
      for (const { compiled, chart } of health.instances.values()) {
        found.add(`${compiled.rule.rule} ${subject(asset, compiled.rule, health.host, chart)}`);
      }
    }
    return found;
  }

  #arrange(health: HostHealth, charts: readonly Chart[]): void {
    health.charts = charts;
    health.places = new Map();
    health.processors = 0;
    let place = 0;
    const live = new Set<string>();
    for (const chart of charts) {
      if (chart.context === 'cpu.cpu') health.processors++;
      for (const { id, name } of chart.dimensions) {
        health.places.set(`${chart.id}.${name}`, place);
        health.places.set(`${chart.id}.${id}`, place++);
      }
      for (const compiled of this.#rules) {
        if (!applies(compiled, chart)) continue;
        const key = `${compiled.rule.rule} ${chart.id}`;
        live.add(key);
        if (!health.instances.has(key)) health.instances.set(key, open(compiled, chart));
      }
    }
    for (const [key, instance] of health.instances) {
      if (live.has(key)) continue;
      health.instances.delete(key);
      if (instance.reported >= STATUS.RAISED) health.gone.push(instance);
    }
  }

  async #judge(
    health: HostHealth,
    instance: Instance,
    nowS: number,
    asset: string,
  ): Promise<ProblemReport | undefined> {
    const { rule, calc, warn, crit } = instance.compiled;
    const { chart } = instance;
    const looked =
      rule.lookup === undefined ? Number.NaN : await this.#lookup(health.host, chart.id, rule.lookup, nowS);
    const per =
      rule.per === undefined
        ? Number.NaN
        : await this.#lookup(health.host, fill(rule.per.chart, health.host, chart, ''), rule.per, nowS);
    const variable = (name: string): number | undefined => {
      if (name === 'this') return instance.value;
      if (name === 'per') return per;
      if (name === 'status') return instance.status;
      if (name === 'now') return nowS;
      if (name === 'active_processors') return health.processors;
      if (name in STATUS) return STATUS[name as keyof typeof STATUS];
      const at = health.places.get(`${chart.id}.${name}`) ?? health.places.get(name);
      return at === undefined ? undefined : health.values[at];
    };
    instance.value = looked;
    if (calc !== undefined) instance.value = calc(variable);
    // What was not measured says nothing: the state stays.
    if (Number.isNaN(instance.value)) return undefined;
    let status = STATUS.CLEAR;
    if (warn !== undefined && isTrue(warn(variable))) status = STATUS.WARNING;
    if (crit !== undefined && isTrue(crit(variable))) status = STATUS.CRITICAL;
    settle(instance, status, nowS);
    const changed = instance.status !== instance.reported;
    const repeat = instance.status >= STATUS.RAISED && Math.abs(nowS - instance.reportedS) >= REPEAT_S;
    if (!changed && !repeat) return undefined;
    instance.reported = instance.status;
    instance.reportedS = nowS;
    return describe(health, instance, nowS, asset, problemState(instance.status));
  }
}

function compile(rule: HealthRule): CompiledRule {
  const parse = (source: string | undefined) => (source === undefined ? undefined : parseExpression(source));
  return {
    rule,
    labels: Object.entries(rule.labels ?? {}).map(([name, pattern]) => [name, simplePattern(pattern)] as const),
    calc: parse(rule.calc),
    warn: parse(rule.warn),
    crit: parse(rule.crit),
  };
}

function applies({ rule, labels }: CompiledRule, chart: Chart): boolean {
  return chart.context === rule.on && labels.every(([name, pattern]) => pattern(chart.labels?.[name] ?? ''));
}

function open(compiled: CompiledRule, chart: Chart): Instance {
  return {
    compiled,
    chart,
    status: STATUS.UNINITIALIZED,
    pending: undefined,
    nextS: 0,
    reportedS: 0,
    reported: STATUS.UNINITIALIZED,
    value: Number.NaN,
  };
}

/** Moves to a new status once it has lasted as long as the rule asks. */
function settle(instance: Instance, status: number, nowS: number): void {
  const { delay } = instance.compiled.rule;
  if (status === instance.status) {
    instance.pending = undefined;
    return;
  }
  const worse = status > Math.max(instance.status, STATUS.CLEAR);
  const waitS = (worse ? delay?.upS : instance.status === STATUS.UNINITIALIZED ? 0 : delay?.downS) ?? 0;
  if (instance.pending?.status !== status) instance.pending = { status, sinceS: nowS };
  if (nowS - instance.pending.sinceS >= waitS) {
    instance.status = status;
    instance.pending = undefined;
  }
}

function problemState(status: number): ProblemState {
  return status === STATUS.CRITICAL ? 'critical' : status === STATUS.WARNING ? 'warning' : 'ok';
}

function subject(asset: string, rule: HealthRule, host: string, chart: Chart): string {
  return rule.part === undefined ? asset : `${asset}:${fill(rule.part, host, chart, '')}`;
}

function describe(
  health: HostHealth,
  instance: Instance,
  nowS: number,
  asset: string,
  state: ProblemState,
): ProblemReport {
  const { rule } = instance.compiled;
  const { chart, value } = instance;
  const text = formatValue(value, rule.units);
  const title = fill(rule.title, health.host, chart, text);
  return {
    source: 'metrics',
    rule: rule.rule,
    subject: subject(asset, rule, health.host, chart),
    assets: asset.startsWith('host:') ? [] : [asset],
    state,
    title,
    detail: fill(rule.detail, health.host, chart, text),
    next: fill(rule.next, health.host, chart, text),
    evidence: [
      {
        timeUs: nowS * 1_000_000,
        source: 'metrics',
        text: `${chart.title}: ${text}`,
        metric: `${chart.id}.${rule.draw}`,
      },
    ],
    attributes: { chart: chart.id, host: health.host, units: rule.units, ...(Number.isFinite(value) ? { value } : {}) },
    timeUs: nowS * 1_000_000,
  };
}

function fill(template: string, host: string, chart: Chart, value: string): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (name === 'host') return host;
    if (name === 'value') return value;
    if (name === 'chart') return chart.id;
    return chart.labels?.[name] ?? '';
  });
}

/** `91 %`, `4.2 %`, `12 errors`. */
function formatValue(value: number, units: string): string {
  if (Number.isNaN(value)) return `no ${units}`;
  const rounded = Math.abs(value) >= 10 ? Math.round(value) : Math.round(value * 10) / 10;
  return `${rounded} ${units}`;
}
