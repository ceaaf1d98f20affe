/** Starts the listener in the server process. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Context, type Http, type Running, toEdge } from '@undercroft/kernel';
import { API_ROOT, Dispatcher } from './api/dispatcher.ts';
import { Gatekeeper } from './api/gatekeeper.ts';
import { RouteTable } from './api/route-table.ts';
import { findConsole } from './console/console.ts';
import { eventRoutes } from './events/routes.ts';
import { parseListen, urlOf } from './listener/address.ts';
import { passThrough } from './listener/front.ts';
import { type Listening, listen } from './listener/listener.ts';
import { LiveHub } from './live/hub.ts';
import { liveRoutes, mayFollow } from './live/routes.ts';
import type { HttpConfig } from './module.ts';
import { openApiDocument } from './openapi/document.ts';
import { type HostPolicy, hostPolicy } from './security/hosts.ts';
import { DialectTable, httpService } from './service.ts';
import { systemRoutes } from './system/routes.ts';
import { givenKeyPair, type KeyPair } from './tls/key-pair.ts';
import { ownKeyPair } from './tls/own-key-pair.ts';

const HEARTBEAT_MS = 15_000;
const RECHECK_MS = 5_000;
const RENEWAL_CHECK_MS = 3_600_000;

export async function start(context: Context<HttpConfig>): Promise<Running> {
  const { config, clock, log } = context;
  const control = context.service('platform.control');
  const coverage = context.service('coverage');
  const table = new RouteTable();
  const dialects = new DialectTable();
  // What a reload may change is read from here each time.
  const current = { limits: config.limits, hosts: hostsOf(config) };
  const gatekeeper = new Gatekeeper(clock, () => current.limits);
  const live = new LiveHub({ clock, log, maxListeners: () => current.limits.liveConnections });
  let listening: Listening | undefined;

  table.add([
    ...systemRoutes({
      control,
      coverage,
      backup: context.service('backup'),
      dataDir: context.dataDir,
      version: context.version,
      document: documentOf(context, table),
      counters: () => ({
        routes: Object.fromEntries(table.endpoints().map(({ key, counters }) => [key, counters])),
        rateLimited: gatekeeper.limited,
        connections: listening?.connections() ?? 0,
        live: live.stats(),
      }),
    }),
    ...liveRoutes(live, gatekeeper),
    ...eventRoutes({ events: context.service('events.query'), clock, modules: context.modules }),
  ]);
  const dispatcher = new Dispatcher({
    table,
    gatekeeper,
    hosts: () => current.hosts,
    clock,
    log,
    limits: () => current.limits,
    isStarting: () => control.health().status === 'starting',
  });
  const loadKeyPair = () => keyPairOf(context);
  const keyPair = await loadKeyPair();
  listening = await listen({
    config,
    dispatcher,
    hosts: () => current.hosts,
    dialectOf: (path) => dialects.of(path),
    consoleDir: findConsole(config.consoleDir),
    front: passThrough,
    keyPair,
    clock,
    log,
  });
  const address = listenedAddress(listening, keyPair);
  log.info({ ...address() }, 'listening');

  const unsubscribe = followSpine(context, live);
  context.scheduler.every('live.heartbeat', HEARTBEAT_MS, () => live.heartbeat());
  context.scheduler.every('live.recheck', RECHECK_MS, () =>
    live.recheck((who, topic) => mayFollow(gatekeeper, who, topic)),
  );
  if (config.tls.mode === 'own') {
    context.scheduler.every('tls.renew', RENEWAL_CHECK_MS, async () => {
      const pair = await loadKeyPair();
      if (pair !== undefined) listening?.renew(pair);
    });
  }
  context.provide('http', httpService({ table, dialects, gatekeeper, live, address }));
  return {
    async reconfigure(next: HttpConfig) {
      current.limits = next.limits;
      current.hosts = hostsOf(next);
    },
    async stop() {
      unsubscribe();
      live.close();
      await listening?.close();
    },
  };
}

function hostsOf({ listen: address, publicUrl, allowedHosts }: HttpConfig): HostPolicy {
  return hostPolicy({ listenHost: parseListen(address).host, publicUrl, allowedHosts });
}

/** Events and coverage go to those who follow them live. */
function followSpine(context: Context<HttpConfig>, live: LiveHub): () => void {
  const stopEvents = context.service('events').subscribe((event) => {
    live.send('events', live.wants('events') ? toEdge(event) : undefined, { tenant: event.tenant });
  });
  const stopCoverage = context
    .service('coverage')
    .subscribe((line) => live.send('coverage', line, { key: line.feature }));
  return () => {
    stopEvents();
    stopCoverage();
  };
}

function keyPairOf(context: Context<HttpConfig>): Promise<KeyPair> | undefined {
  const { tls, listen: address, publicUrl, allowedHosts } = context.config;
  const listenHost = parseListen(address).host;
  if (tls.mode === 'off') return undefined;
  if (tls.mode === 'given') return givenKeyPair(tls.certificate, tls.key);
  const names = ['localhost', '127.0.0.1', hostname(), ...allowedHosts];
  if (listenHost !== '0.0.0.0' && listenHost !== '::') names.push(listenHost);
  if (publicUrl !== undefined) names.push(new URL(publicUrl).hostname);
  return ownKeyPair({ folder: join(context.dataDir, 'http'), names: [...new Set(names)], clock: context.clock });
}

function listenedAddress(listening: Listening, keyPair: KeyPair | undefined): Http['address'] {
  const url = urlOf(keyPair === undefined ? 'http' : 'https', listening.address);
  return () => ({ ...listening.address, url });
}

/** The document, written again only after routes have come. */
function documentOf(context: Context<HttpConfig>, table: RouteTable): () => string {
  let made = { version: -1, text: '' };
  return () => {
    if (made.version !== table.version) {
      const permissions = Object.assign({}, ...context.modules.map((module) => module.permissions ?? {}));
      const document = openApiDocument({
        endpoints: table.endpoints(),
        root: API_ROOT,
        version: context.version,
        permissions,
      });
      made = { version: table.version, text: JSON.stringify(document) };
    }
    return made.text;
  };
}
