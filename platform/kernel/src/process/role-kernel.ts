import type { ModuleStatus, RoleHost } from '../lifecycle/role-host.ts';
import type { Role } from '../module.ts';
import type { ConfigItem } from '../services/control.ts';
import type { ServiceMap, ServiceName } from '../services/index.ts';
import type { ToRole } from './messages.ts';

/** What a role process has around its modules: the services of the kernel and the link to the other roles. */
export interface RoleKernel {
  attach(host: RoleHost): void;
  open(): Promise<void>;
  close(): Promise<void>;
  builtIn<N extends ServiceName>(name: N, module: string): ServiceMap[N] | undefined;
  remote<N extends ServiceName>(name: N, role: Role): ServiceMap[N];
  moduleChanged(status: ModuleStatus): void;
  configChanged(items: readonly ConfigItem[]): void;
  hear(message: ToRole): void;
  greeting(): Promise<{ readonly url?: string; readonly signInLink?: string; readonly firstRun?: boolean }>;
}

/** A service of another process: each method is a call over the link. */
export function remoteService<S extends object>(
  call: (method: string, args: readonly unknown[]) => Promise<unknown>,
): S {
  return new Proxy({} as S, {
    get(_target, method) {
      // A promise would ask for `then`; a service is not one.
      if (typeof method !== 'string' || method === 'then') return undefined;
      return (...args: readonly unknown[]) => call(method, args);
    },
  });
}

/** Calls a method of a local service for another process. Only own or inherited functions, nothing of Object's. */
export async function callService(
  service: object | undefined,
  name: string,
  method: string,
  args: readonly unknown[],
): Promise<unknown> {
  const target = service as Record<string, unknown> | undefined;
  const fn = target?.[method];
  if (typeof fn !== 'function' || method in Object.prototype) throw new TypeError(`${name} has no method ${method}.`);
  return (fn as (...args: readonly unknown[]) => unknown).apply(service, args as unknown[]);
}
