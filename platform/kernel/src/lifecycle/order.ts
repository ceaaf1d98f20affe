/** In which order the modules of one role start, from what they require and provide. */
import { UndercroftError } from '../errors.ts';
import type { Module, Role } from '../module.ts';
import type { ServiceName } from '../services/index.ts';

export interface Plan {
  /** Providers before users; otherwise the order of the list. */
  readonly modules: readonly Module[];
  /** Which module of this role provides a service. */
  readonly providers: ReadonlyMap<ServiceName, string>;
  /** Services that this role gets from another process. */
  readonly remote: ReadonlyMap<ServiceName, Role>;
  /** Modules to stop before this one may: its users, direct and indirect. */
  dependents(module: string): ReadonlySet<string>;
}

/** @throws UndercroftError when a service is missing, provided twice, or required in a circle */
export function planRole(role: Role, all: readonly Module[], builtIn: readonly ServiceName[]): Plan {
  const modules = all.filter((module) => module.roles[role] !== undefined);
  const providers = new Map<ServiceName, string>();
  for (const module of modules) {
    for (const service of module.roles[role]?.provides ?? []) {
      const other = providers.get(service);
      if (other !== undefined) throw wrong(`${service} is provided by both ${other} and ${module.name}`);
      providers.set(service, module.name);
    }
  }
  const remote = new Map<ServiceName, Role>();
  const needs = new Map<string, Set<string>>();
  for (const module of modules) {
    const mine = new Set<string>();
    needs.set(module.name, mine);
    for (const service of module.roles[role]?.requires ?? []) {
      const provider = providers.get(service);
      if (provider !== undefined) mine.add(provider);
      else if (!builtIn.includes(service)) remote.set(service, elsewhere(service, role, all, module.name));
    }
  }
  const sorted: Module[] = [];
  const state = new Map<string, 'visiting' | 'done'>();
  const visit = (name: string, trail: readonly string[]): void => {
    if (state.get(name) === 'done') return;
    if (state.get(name) === 'visiting')
      throw wrong(`modules require each other in a circle: ${[...trail, name].join(' -> ')}`);
    state.set(name, 'visiting');
    for (const need of needs.get(name) ?? []) visit(need, [...trail, name]);
    state.set(name, 'done');
    sorted.push(modules.find((module) => module.name === name) as Module);
  };
  for (const module of modules) visit(module.name, []);
  return {
    modules: sorted,
    providers,
    remote,
    dependents(name) {
      const found = new Set<string>();
      const add = (of: string): void => {
        for (const [user, required] of needs) {
          if (required.has(of) && !found.has(user)) {
            found.add(user);
            add(user);
          }
        }
      };
      add(name);
      return found;
    },
  };
}

function elsewhere(service: ServiceName, role: Role, all: readonly Module[], user: string): Role {
  for (const module of all) {
    for (const [other, part] of Object.entries(module.roles)) {
      if (other !== role && part?.provides?.includes(service)) return other as Role;
    }
  }
  throw wrong(`${user} requires ${service}, which no module provides`);
}

function wrong(message: string): UndercroftError {
  return new UndercroftError('kernel.modules', `The module list does not fit together: ${message}.`);
}
