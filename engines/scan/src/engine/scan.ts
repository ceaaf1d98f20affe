/** A connect scan: every port of every target tried, answers sorted into hosts. All I/O is handed in. */
import type { Clock, ScannedHost, ScannedPort, ScanProgress, ScanRequest, ScanResult } from '@undercroft/kernel';
import { parsePorts } from '../language/ports.ts';
import { DEFAULT_PORTS, serviceNames } from '../language/services.ts';
import { addressesOf, countOf, outOfScope, parseTargets } from '../language/targets.ts';
import { ProbeWindow, RoundTrip } from './window.ts';

/** What one connection attempt showed. */
export interface ConnectOutcome {
  readonly state: 'open' | 'closed' | 'filtered';
  /** Nmap's word: `syn-ack`, `conn-refused`, `no-response`, `host-unreach`, … */
  readonly reason: string;
}

/** The world a scan reaches into. */
export interface ScanWorld {
  connect(address: string, port: number, timeoutMs: number, signal: AbortSignal): Promise<ConnectOutcome>;
  /** Talks to an open port to learn what it is. */
  inspect(address: string, port: number, signal: AbortSignal): Promise<Partial<ScannedPort>>;
  resolve(name: string): Promise<string>;
}

export interface ScanLimits {
  readonly maxProbes: number;
  readonly maxHosts: number;
  readonly maxInspections: number;
}

export const LIMITS: ScanLimits = { maxProbes: 256, maxHosts: 64, maxInspections: 16 };
const MAX_TIMEOUT_MS = 3_000;
/** A silent port is tried again: the first probe may have been lost. */
const TRIES = 2;
/** Tried first: a host that answers none of them and none of the rest is down. */
const LIKELY_OPEN = [80, 443, 22];

export interface ScanOptions {
  readonly id: string;
  readonly request: ScanRequest;
  readonly world: ScanWorld;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Why an address may not be scanned, undefined when it may. */
  refusal(address: string): string | undefined;
  readonly limits?: ScanLimits;
  progress(progress: ScanProgress): void;
}

/** @throws UndercroftError when targets or ports cannot be read; never for what the network does */
export async function runScan(options: ScanOptions): Promise<ScanResult> {
  const { id, request, clock, signal, limits = LIMITS } = options;
  const targets = parseTargets(request.targets);
  const ports = request.ports === undefined ? DEFAULT_PORTS : parsePorts(request.ports);
  const hostsTotal = targets.reduce((sum, target) => sum + countOf(target), 0);
  const startUs = clock.nowUs();
  const state = { probesDone: 0, hostsDone: 0 };
  const report = (): void =>
    options.progress({
      id,
      probesDone: state.probesDone,
      probesTotal: hostsTotal * ports.length,
      hostsDone: state.hostsDone,
      hostsTotal,
    });
  const run: Run = {
    ...options,
    ports,
    window: new ProbeWindow({ first: 16, least: 2, most: limits.maxProbes }),
    pace: new Pace(clock, request.maxRate),
    inspections: new Gate(() => limits.maxInspections),
    probes: new Gate(() => run.window.size),
    probed(count) {
      state.probesDone += count;
      report();
    },
  };
  const hosts: ScannedHost[] = [];
  let error: string | undefined;
  const one = async (address: string, hostnames: readonly string[]): Promise<void> => {
    const refusal = options.refusal(address);
    if (refusal === undefined) hosts.push(await scanHost(run, address, hostnames));
    else error = outOfScope(address, refusal).message;
    state.hostsDone++;
    report();
  };
  const gate = new Gate(() => limits.maxHosts);
  const pending = new Set<Promise<void>>();
  const start = async (address: string, hostnames: readonly string[]): Promise<void> => {
    await gate.enter();
    const work = one(address, hostnames).finally(() => {
      gate.leave();
      pending.delete(work);
    });
    pending.add(work);
  };
  for (const target of targets) {
    if (signal.aborted) break;
    if (target.kind === 'name') {
      try {
        await start(await options.world.resolve(target.name), [target.name]);
      } catch (cause) {
        error = `${target.name} could not be resolved: ${(cause as Error).message}`;
        state.hostsDone++;
      }
    } else {
      for (const address of addressesOf(target)) {
        if (signal.aborted) break;
        await start(address, []);
      }
    }
  }
  await Promise.all(pending);
  hosts.sort((a, b) => BY_NUMBER.compare(a.address, b.address));
  const outcome = signal.aborted ? 'cancelled' : hosts.length === 0 && error !== undefined ? 'failed' : 'finished';
  return { id, startUs, endUs: clock.nowUs(), request, hosts, outcome, ...(error === undefined ? {} : { error }) };
}

interface Run extends ScanOptions {
  readonly ports: readonly number[];
  readonly window: ProbeWindow;
  readonly pace: Pace;
  readonly probes: Gate;
  readonly inspections: Gate;
  probed(count: number): void;
}

async function scanHost(run: Run, address: string, hostnames: readonly string[]): Promise<ScannedHost> {
  const { clock, request, signal } = run;
  const startUs = clock.nowUs();
  const roundTrip = new RoundTrip({
    leastMs: 100,
    mostMs: Math.min(MAX_TIMEOUT_MS, request.timeoutMs ?? MAX_TIMEOUT_MS),
  });
  const found: { port: number; outcome: ConnectOutcome }[] = [];
  const ordered = [
    ...run.ports.filter((port) => LIKELY_OPEN.includes(port)),
    ...run.ports.filter((port) => !LIKELY_OPEN.includes(port)),
  ];
  const underWay = new Set<Promise<void>>();
  for (const port of ordered) {
    await run.probes.enter();
    if (signal.aborted) {
      run.probes.leave();
      break;
    }
    const work = probe(run, roundTrip, address, port).then((outcome) => {
      found.push({ port, outcome });
      run.probes.leave();
      run.probed(1);
      underWay.delete(work);
    });
    underWay.add(work);
  }
  await Promise.all(underWay);
  const open = found.filter((each) => each.outcome.state === 'open').sort((a, b) => a.port - b.port);
  const ports = await Promise.all(open.map(({ port, outcome }) => describe(run, address, port, outcome)));
  const answered = found.find((each) => each.outcome.state !== 'filtered');
  const count = (state: 'closed' | 'filtered'): number => found.filter((each) => each.outcome.state === state).length;
  const extraPorts = (['closed', 'filtered'] as const)
    .map((state) => ({ state, count: count(state) }))
    .filter((group) => group.count > 0);
  return {
    address,
    hostnames,
    up: answered !== undefined,
    reason: answered?.outcome.reason ?? 'no-response',
    startUs,
    endUs: clock.nowUs(),
    ports,
    extraPorts,
  };
}

async function probe(run: Run, roundTrip: RoundTrip, address: string, port: number): Promise<ConnectOutcome> {
  let outcome: ConnectOutcome = { state: 'filtered', reason: 'no-response' };
  for (let attempt = 1; attempt <= TRIES && !run.signal.aborted; attempt++) {
    await run.pace.next(run.signal);
    const startMs = run.clock.monotonicMs();
    outcome = await run.world.connect(address, port, roundTrip.timeoutMs, run.signal);
    if (outcome.reason === 'no-response') continue;
    roundTrip.sample(run.clock.monotonicMs() - startMs);
    if (attempt === 1) run.window.answered();
    else run.window.lost();
    break;
  }
  return outcome;
}

async function describe(run: Run, address: string, port: number, outcome: ConnectOutcome): Promise<ScannedPort> {
  const service = serviceNames.get(port);
  const plain: ScannedPort = {
    protocol: 'tcp',
    port,
    state: 'open',
    reason: outcome.reason,
    ...(service === undefined ? {} : { service }),
  };
  if (run.request.serviceDetection === false || run.signal.aborted) return plain;
  await run.inspections.enter();
  try {
    return { ...plain, ...(await run.world.inspect(address, port, run.signal)) };
  } finally {
    run.inspections.leave();
  }
}

/** Lets so many in at once; the bound may change while it runs. */
class Gate {
  readonly #most: () => number;
  readonly #waiting: (() => void)[] = [];
  #inside = 0;

  constructor(most: () => number) {
    this.#most = most;
  }

  async enter(): Promise<void> {
    if (this.#inside < this.#most()) {
      this.#inside++;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  leave(): void {
    this.#inside--;
    while (this.#waiting.length > 0 && this.#inside < this.#most()) {
      this.#inside++;
      this.#waiting.shift()?.();
    }
  }
}

/** At most so many probes a second. */
class Pace {
  readonly #clock: Clock;
  readonly #gapMs: number;
  #nextMs = 0;

  constructor(clock: Clock, perSecond: number | undefined) {
    this.#clock = clock;
    this.#gapMs = perSecond === undefined ? 0 : 1000 / perSecond;
  }

  async next(signal: AbortSignal): Promise<void> {
    if (this.#gapMs === 0) return;
    const now = this.#clock.monotonicMs();
    const at = Math.max(now, this.#nextMs);
    this.#nextMs = at + this.#gapMs;
    if (at > now) await this.#clock.sleep(at - now, signal).catch(() => {});
  }
}

/** One collator for all: `localeCompare` makes another at every call. */
const BY_NUMBER = new Intl.Collator('en', { numeric: true });
