/** The server's kernel: the meeting point of the roles, and the platform's own health, configuration and problems. */
import { readFile } from 'node:fs/promises';
import { ConfigError } from '../config/config-error.ts';
import { UndercroftError, unavailable } from '../errors.ts';
import { CoverageBoard } from '../lifecycle/coverage-board.ts';
import type { ModuleStatus, RoleHost } from '../lifecycle/role-host.ts';
import type { Peer, PeerHandlers } from '../link/peer.ts';
import { type LinkHello, listenLink } from '../link/socket.ts';
import type { Log } from '../log/log.ts';
import type { Module, Role } from '../module.ts';
import type { ProblemReport } from '../services/alerts.ts';
import type { ConfigItem, PlatformControl, RoleStatus } from '../services/control.ts';
import type { CoverageLine } from '../services/coverage.ts';
import type { EventInput, EventRows, Events } from '../services/events.ts';
import { FOR_MODULE, type ForModule, LOCAL_SERVICES, type ServiceMap, type ServiceName } from '../services/index.ts';
import type { Severity } from '../services/values.ts';
import { DroppedEvents } from './dropped-events.ts';
import type { Boot, RoleProcess, ToRole } from './messages.ts';
import { callService, type RoleKernel, remoteService } from './role-kernel.ts';
import { say } from './role-main.ts';

const RELOAD_TIMEOUT_MS = 10_000;
const LOOK_FOR_DROPS_MS = 10_000;

export class ServerKernel implements RoleKernel {
  readonly #boot: Boot;
  readonly #modules: readonly Module[];
  readonly #log: Log;
  readonly #coverage = new CoverageBoard();
  readonly #peers = new Map<Role, Peer>();
  readonly #moduleStates = new Map<string, ModuleStatus>();
  /** Modules with an open problem. */
  readonly #failed = new Set<string>();
  readonly #seenRunning = new Set<string>();
  /** Reports that wait for the alerts to run, the latest of each subject. */
  readonly #unreported = new Map<string, ProblemReport>();
  readonly #reloads = new Map<number, (message: ToRole & { kind: 'reloaded' }) => void>();
  readonly #cpu = new Map<number, { ticks: number; atMs: number }>();
  readonly #drops = new DroppedEvents();
  /** Events that roles lost while they could not reach this process. */
  #lostByRoles = 0;
  #dropTimer: NodeJS.Timeout | undefined;
  #configItems: readonly ConfigItem[];
  #processes: readonly RoleProcess[] = [];
  #host: RoleHost | undefined;
  #link: { close(): Promise<void> } | undefined;
  #nextReload = 1;

  constructor(boot: Boot, modules: readonly Module[], log: Log) {
    this.#boot = boot;
    this.#modules = modules;
    this.#log = log;
    this.#configItems = boot.configItems;
    for (const line of boot.lost) this.#coverage.report(line);
    this.#coverage.subscribe(() => say({ kind: 'coverage', lines: this.#coverage.lines() }));
  }

  attach(host: RoleHost): void {
    this.#host = host;
  }

  async open(): Promise<void> {
    this.#link = await listenLink(this.#boot.socketPath, this.#boot.linkSecret, (hello, peer) =>
      this.#join(hello, peer),
    );
    this.#dropTimer = setInterval(() => this.#lookForDrops(), LOOK_FOR_DROPS_MS).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#dropTimer);
    await this.#link?.close();
  }

  builtIn<N extends ServiceName>(name: N): ServiceMap[N] | undefined {
    if (name === 'coverage') return this.#coverage as unknown as ServiceMap[N];
    if (name === 'platform.control') return this.#control as unknown as ServiceMap[N];
    return undefined;
  }

  remote<N extends ServiceName>(name: N, role: Role): ServiceMap[N] {
    return remoteService((method, args) => {
      const peer = this.#peers.get(role);
      if (peer === undefined)
        return Promise.reject(
          unavailable('service.absent', `The ${role} is not connected, so ${name} does not answer now.`),
        );
      return peer.call(name, method, args);
    });
  }

  moduleChanged(status: ModuleStatus): void {
    const key = `${status.role}/${status.name}`;
    this.#moduleStates.set(key, status);
    if (status.state === 'failed') {
      this.#failed.add(key);
      const { name, error = '', fix } = status;
      this.#coverage.report({
        feature: `Module ${name}`,
        state: 'failed',
        text: error,
        ...(fix === undefined ? {} : { fix }),
      });
      this.#report(moduleProblem(status, 'critical'));
      this.#tell(
        'high',
        'error',
        `${status.name} stopped working in the ${status.role}: ${status.error ?? ''}`,
        status.name,
      );
    } else if (status.state === 'running' && (this.#failed.has(key) || !this.#seenRunning.has(key))) {
      if (this.#failed.delete(key))
        this.#coverage.report({ feature: `Module ${status.name}`, state: 'ok', text: 'works again' });
      // The first time too: a problem of the last life of this process may still be open.
      this.#seenRunning.add(key);
      this.#report(moduleProblem(status, 'ok'));
    }
    if (status.name === 'alerts' && status.state === 'running') this.#flushReports();
  }

  configChanged(items: readonly ConfigItem[]): void {
    this.#configItems = items;
  }

  hear(message: ToRole): void {
    if (message.kind === 'roles') this.#rolesChanged(message.roles);
    else if (message.kind === 'reloaded') this.#reloads.get(message.id)?.(message);
  }

  async greeting(): Promise<{ url?: string; signInLink?: string; firstRun?: boolean }> {
    const http = this.#host?.provided('http');
    if (http === undefined) {
      const failed = [...this.#moduleStates.values()].find((status) => status.state === 'failed');
      throw new UndercroftError(
        'kernel.http',
        failed?.error ?? 'The listener did not start.',
        failed?.fix === undefined ? {} : { fix: failed.fix },
      );
    }
    const { url } = http.address();
    const link = await this.#host?.provided('identity')?.signInLink();
    return link === undefined ? { url } : { url, signInLink: `${url}${link.path}`, firstRun: link.firstRun };
  }

  readonly #control: PlatformControl = {
    health: () => {
      const modules = [...this.#moduleStates.values()];
      const busy = modules.some(
        (module) => module.role === 'server' && (module.state === 'waiting' || module.state === 'starting'),
      );
      const failed = modules.some((module) => module.state === 'failed');
      return {
        status: failed ? 'degraded' : busy ? 'starting' : 'ok',
        version: this.#boot.version,
        startedUs: this.#boot.startedUs,
        modules: modules.map(({ name, role, state, error }) => ({
          name,
          role,
          state,
          ...(error === undefined ? {} : { error }),
        })),
      };
    },
    configItems: () => this.#configItems,
    reload: () => this.#reload(),
    roles: () => Promise.all(this.#processes.map((role) => this.#roleStatus(role))),
  };

  #join(hello: LinkHello, peer: Peer): PeerHandlers {
    const role = hello.role as Role;
    this.#peers.get(role)?.close();
    this.#peers.set(role, peer);
    this.#log.debug({ peer: role }, 'role connected');
    const allowed = new Set(
      this.#modules
        .flatMap((module) => module.roles[role]?.requires ?? [])
        .filter((service) => !LOCAL_SERVICES.includes(service)),
    );
    return {
      call: (service, method, args) => this.#callFor(role, allowed, service as ServiceName, method, args),
      tell: (topic, data) => this.#hearPeer(role, topic, data),
      closed: () => {
        if (this.#peers.get(role) === peer) this.#peers.delete(role);
        for (const [key, status] of this.#moduleStates)
          if (status.role === role) this.#moduleStates.set(key, { ...status, state: 'waiting' });
      },
    };
  }

  /** A role may call what its modules require, and nothing else. */
  async #callFor(
    role: Role,
    allowed: ReadonlySet<ServiceName>,
    service: ServiceName,
    method: string,
    args: readonly unknown[],
  ): Promise<unknown> {
    if (!allowed.has(service))
      throw new UndercroftError('kernel.link.refused', `The ${role} has no business with ${service}.`, { status: 403 });
    if (service === 'events') {
      const [module, input] = args as [string, EventInput | EventRows];
      const events = this.#eventsOf(module);
      return method === 'writeRows' ? events?.writeRows(input as EventRows) : events?.append(input as EventInput);
    }
    const local = this.#host?.provided(service);
    if (local !== undefined) return callService(local, service, method, args);
    for (const [other, peer] of this.#peers) {
      const provides = this.#modules.some((module) => module.roles[other]?.provides?.includes(service));
      if (provides && other !== role) return peer.call(service, method, args);
    }
    throw unavailable('service.absent', `${service} is not running now.`);
  }

  #hearPeer(role: Role, topic: string, data: unknown): void {
    if (topic === 'event') {
      const [module, event] = data as [string, EventInput];
      this.#eventsOf(module)?.publish(event);
    } else if (topic === 'lost') this.#lostByRoles += data as number;
    else if (topic === 'coverage') this.#coverage.report(data as CoverageLine);
    else if (topic === 'module') this.moduleChanged({ ...(data as ModuleStatus), role });
  }

  #lookForDrops(): void {
    const dropped = this.#host?.provided('events')?.dropped?.() ?? 0;
    const report = this.#drops.look(dropped + this.#lostByRoles, performance.now());
    if (report !== undefined) this.#report(report);
  }

  #eventsOf(module: string): Events | undefined {
    const events = this.#host?.provided('events') as (Events & ForModule<Events>) | undefined;
    return events?.[FOR_MODULE]?.(module) ?? events;
  }

  #rolesChanged(roles: readonly RoleProcess[]): void {
    for (const role of roles) {
      const before = this.#processes.find((other) => other.role === role.role);
      if (role.role !== 'server' && role.state === 'waiting') {
        this.#report(roleProblem(role, 'critical'));
        this.#tell('medium', 'stop', `The ${role.role} process ended unexpectedly: ${role.lastExit ?? ''}`, role.role);
      } else if (role.state === 'running' && before?.state !== 'running') {
        this.#report(roleProblem(role, 'ok'));
        this.#tell(
          'informational',
          'start',
          `The ${role.role} process ${role.restarts > 0 ? 'runs again' : 'started'}`,
          role.role,
        );
      }
    }
    this.#processes = roles;
  }

  #tell(severity: Severity, activity: string, message: string, app: string): void {
    this.#eventsOf('kernel')?.publish({
      class: 'application_lifecycle',
      activity,
      severity,
      message,
      attributes: { 'app.name': app, 'app.version': this.#boot.version },
    });
  }

  #report(report: ProblemReport): void {
    this.#unreported.set(`${report.rule} ${report.subject}`, report);
    this.#flushReports();
  }

  #flushReports(): void {
    const alerts = this.#host?.provided('alerts');
    if (alerts === undefined || this.#unreported.size === 0) return;
    const reports = [...this.#unreported.values()];
    this.#unreported.clear();
    alerts.report(reports).catch((error: unknown) => {
      this.#log.error({ err: error }, 'a problem of the platform itself could not be reported');
    });
  }

  async #reload(): Promise<{ changed: readonly string[]; restart: readonly string[] }> {
    const id = this.#nextReload++;
    const before = new Map(this.#configItems.map((item) => [item.key, JSON.stringify(item.value)]));
    const answer = await new Promise<ToRole & { kind: 'reloaded' }>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(unavailable('kernel.reload', 'The supervisor did not answer.')),
        RELOAD_TIMEOUT_MS,
      );
      this.#reloads.set(id, (message) => {
        clearTimeout(timer);
        resolve(message);
      });
      say({ kind: 'reload', id });
    }).finally(() => this.#reloads.delete(id));
    if (answer.error !== undefined) {
      throw new ConfigError([{ where: 'configuration', mend: answer.error, code: answer.code ?? 'kernel.config' }]);
    }
    const changed = this.#configItems.filter((item) => before.get(item.key) !== JSON.stringify(item.value));
    return {
      changed: changed.map((item) => item.key),
      restart: changed.filter((item) => !item.live).map((item) => item.key),
    };
  }

  async #roleStatus(role: RoleProcess): Promise<RoleStatus> {
    const status: RoleStatus = { role: role.role, state: role.state, restarts: role.restarts };
    if (role.pid === undefined) return status;
    try {
      const [stat, statm] = await Promise.all([
        readFile(`/proc/${role.pid}/stat`, 'utf8'),
        readFile(`/proc/${role.pid}/statm`, 'utf8'),
      ]);
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const ticks = Number(fields[11]) + Number(fields[12]);
      const nowMs = performance.now();
      const last = this.#cpu.get(role.pid);
      this.#cpu.set(role.pid, { ticks, atMs: nowMs });
      const cpu =
        last === undefined || nowMs - last.atMs < 100
          ? {}
          : { cpuPercent: ((ticks - last.ticks) * 1000) / (nowMs - last.atMs) };
      return { ...status, pid: role.pid, rssBytes: Number(statm.split(' ')[1]) * 4096, ...cpu };
    } catch {
      // Not Linux, or it has just ended: what the supervisor says stands without figures.
      return { ...status, pid: role.pid };
    }
  }
}

function moduleProblem(status: ModuleStatus, state: 'ok' | 'critical'): ProblemReport {
  return {
    source: 'kernel',
    rule: 'kernel.module.failed',
    subject: `${status.role}/${status.name}`,
    state,
    title: `${status.name} stopped working in the ${status.role}`,
    detail: status.error ?? '',
    next: 'It is started again by itself; the log has the whole error.',
  };
}

function roleProblem(role: RoleProcess, state: 'ok' | 'critical'): ProblemReport {
  return {
    source: 'kernel',
    rule: 'kernel.role.ended',
    subject: role.role,
    state,
    title: `The ${role.role} process ended unexpectedly`,
    detail: role.lastExit ?? '',
    next: 'It is started again by itself; the log has the whole error.',
  };
}
