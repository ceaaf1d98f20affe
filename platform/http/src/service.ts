/** The `http` service, as other modules have it. */
import type { Dialect, Http } from '@undercroft/kernel';
import type { Gatekeeper } from './api/gatekeeper.ts';
import type { RouteTable } from './api/route-table.ts';
import type { LiveHub } from './live/hub.ts';

/** Prefixes of other dialects. The longest that fits wins; registered again, it replaces the earlier one. */
export class DialectTable {
  #dialects: readonly Dialect[] = [];

  add(dialect: Dialect): void {
    const others = this.#dialects.filter(({ prefix }) => prefix !== dialect.prefix);
    this.#dialects = [...others, dialect].sort((a, b) => b.prefix.length - a.prefix.length);
  }

  of(path: string): Dialect | undefined {
    return this.#dialects.find(
      ({ prefix }) =>
        path.startsWith(prefix) &&
        (prefix.endsWith('/') || path.length === prefix.length || path[prefix.length] === '/'),
    );
  }
}

export function httpService(parts: {
  readonly table: RouteTable;
  readonly dialects: DialectTable;
  readonly gatekeeper: Gatekeeper;
  readonly live: LiveHub;
  readonly address: Http['address'];
}): Http {
  return {
    routes: (routes) => parts.table.add(routes),
    dialect: (dialect) => parts.dialects.add(dialect),
    secure: (guard) => {
      parts.gatekeeper.guard = guard;
    },
    live: parts.live,
    address: parts.address,
  };
}
