/**
 * The services: how modules meet. Each is an interface declared here and provided by exactly one module. A module
 * that requires one gets the provider itself, or, when provider and user run in two processes, a proxy with the same
 * interface (methods take and give JSON values and typed arrays, and return promises).
 */
import type { Alerts } from './alerts.ts';
import type { Backup } from './backup.ts';
import type { ChecksRun } from './checks.ts';
import type { PlatformControl } from './control.ts';
import type { Coverage } from './coverage.ts';
import type { Events, EventsQuery } from './events.ts';
import type { FlowsQuery, FlowsWrite, PacketsFetch } from './flows.ts';
import type { Http } from './http.ts';
import type { Identity } from './identity.ts';
import type { Inventory } from './inventory.ts';
import type { HostInspect, MetricsQuery, MetricsWrite } from './metrics.ts';
import type { ScanRun } from './scan.ts';
import type { Store } from './store.ts';

export interface ServiceMap {
  coverage: Coverage;
  store: Store;
  backup: Backup;
  events: Events;
  'events.query': EventsQuery;
  http: Http;
  identity: Identity;
  inventory: Inventory;
  alerts: Alerts;
  'metrics.write': MetricsWrite;
  'metrics.query': MetricsQuery;
  'host.inspect': HostInspect;
  'scan.run': ScanRun;
  /** Native checks: they parse what the network sends, so they run in the sensor. */
  'checks.run': ChecksRun;
  /** Monitoring plugins: programs of this host, so they run in the agent. */
  'plugins.run': ChecksRun;
  'flows.write': FlowsWrite;
  'flows.query': FlowsQuery;
  'packets.fetch': PacketsFetch;
  'platform.control': PlatformControl;
}

export type ServiceName = keyof ServiceMap;

/** Services that live and die in the server process: their values cannot cross a process border. */
export const LOCAL_SERVICES: readonly ServiceName[] = ['store', 'backup', 'http', 'identity', 'platform.control'];

/** Calls that take as long as their work does: no time-out of the link, the callers bound them. */
export const LONG_CALLS: readonly string[] = ['scan.run/run', 'checks.run/run', 'plugins.run/run'];

/** A provider that hands each user a view of its own (events stamp their publisher's name) has this method. */
export const FOR_MODULE = Symbol('for module');

export interface ForModule<S> {
  [FOR_MODULE]?(module: string): S;
}
