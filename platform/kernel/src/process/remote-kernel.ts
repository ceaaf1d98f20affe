/** The kernel of a sensor or an agent: everything it knows goes to the server over the link. */
import type { Clock } from '../clock/clock.ts';
import { unavailable } from '../errors.ts';
import { CoverageBoard } from '../lifecycle/coverage-board.ts';
import type { ModuleStatus, RoleHost } from '../lifecycle/role-host.ts';
import type { Peer } from '../link/peer.ts';
import { connectLink } from '../link/socket.ts';
import type { Log } from '../log/log.ts';
import type { Role } from '../module.ts';
import { BoundedQueue } from '../queue/bounded-queue.ts';
import type { EventInput, Events, PlatformEvent } from '../services/events.ts';
import type { ServiceMap, ServiceName } from '../services/index.ts';
import type { Boot } from './messages.ts';
import { callService, type RoleKernel, remoteService } from './role-kernel.ts';

/** Events kept while the server is away. */
const MAX_SPOOLED_EVENTS = 20_000;
/** A server that is starting is there within a second or two; one that stays away is asked less often. */
const EAGER_TRIES = 100;
const EAGER_MS = 50;
const PATIENT_MS = 1_000;

export class RemoteKernel implements RoleKernel {
  readonly #boot: Boot;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #coverage = new CoverageBoard();
  readonly #spool = new BoundedQueue<readonly [string, EventInput]>(MAX_SPOOLED_EVENTS);
  readonly #states = new Map<string, ModuleStatus>();
  #host: RoleHost | undefined;
  #peer: Peer | undefined;
  #closing = false;
  #reportedDrops = 0;

  constructor(boot: Boot, log: Log, clock: Clock) {
    this.#boot = boot;
    this.#log = log;
    this.#clock = clock;
    for (const line of boot.lost) this.#coverage.report(line);
    this.#coverage.subscribe((line) => this.#peer?.tell('coverage', line));
  }

  attach(host: RoleHost): void {
    this.#host = host;
  }

  async open(): Promise<void> {
    await this.#connect();
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#peer?.close();
  }

  builtIn<N extends ServiceName>(name: N, module: string): ServiceMap[N] | undefined {
    if (name === 'coverage') return this.#coverage as unknown as ServiceMap[N];
    if (name === 'events') return this.#events(module) as unknown as ServiceMap[N];
    return undefined;
  }

  remote<N extends ServiceName>(name: N, _role: Role): ServiceMap[N] {
    return remoteService((method, args) => this.#call(name, method, args));
  }

  moduleChanged(status: ModuleStatus): void {
    this.#states.set(status.name, status);
    this.#peer?.tell('module', status);
  }

  configChanged(): void {}

  hear(): void {}

  async greeting(): Promise<Record<string, never>> {
    return {};
  }

  #call(service: ServiceName, method: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#peer === undefined || this.#peer.closed)
      return Promise.reject(unavailable('service.absent', 'The server is not connected.'));
    return this.#peer.call(service, method, args);
  }

  #events(module: string): Events {
    return {
      publish: (event) => {
        const stamped = { ...event, timeUs: event.timeUs ?? this.#clock.nowUs() };
        if (this.#peer?.tell('event', [module, stamped]) !== true) this.#spool.pushOut([module, stamped]);
      },
      append: async (event) => (await this.#call('events', 'append', [module, event])) as PlatformEvent,
      writeRows: async (rows) => {
        await this.#call('events', 'writeRows', [module, rows]);
      },
      subscribe: () => {
        throw unavailable('kernel.events', 'Events are followed in the server only.');
      },
    };
  }

  async #connect(): Promise<void> {
    for (let tries = 0; !this.#closing; tries++) {
      try {
        const hello = { role: this.#boot.role };
        const peer = await connectLink(this.#boot.socketPath, this.#boot.linkSecret, hello, {
          call: (service, method, args) =>
            callService(this.#host?.provided(service as ServiceName), service, method, args),
          tell: () => {},
          closed: () => {
            this.#peer = undefined;
            if (!this.#closing) void this.#connect();
          },
        });
        this.#peer = peer;
        this.#catchUp(peer);
        return;
      } catch (error) {
        const waitMs = tries < EAGER_TRIES ? EAGER_MS : PATIENT_MS;
        this.#log.debug({ err: error, waitMs }, 'the server is not there yet');
        await this.#clock.sleep(waitMs);
      }
    }
  }

  /** Tells the server what it missed, and how much of it is lost. */
  #catchUp(peer: Peer): void {
    for (const status of this.#states.values()) peer.tell('module', status);
    for (const line of this.#coverage.lines()) peer.tell('coverage', line);
    for (let item = this.#spool.shift(); item !== undefined; item = this.#spool.shift()) peer.tell('event', item);
    const lost = this.#spool.dropped - this.#reportedDrops;
    this.#reportedDrops = this.#spool.dropped;
    if (lost === 0) return;
    this.#log.warn({ lost }, 'events were lost while the server was away');
    peer.tell('lost', lost);
  }
}
