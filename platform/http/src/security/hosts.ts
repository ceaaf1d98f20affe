/**
 * Against DNS rebinding and requests forged by other sites: a request must name this host as its own, and one that
 * changes something must come from a page of ours. Literal addresses pass, since rebinding needs a name.
 */

import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { UndercroftError } from '@undercroft/kernel';

export interface HostPolicy {
  /** @throws UndercroftError `http.host` (421) */
  checkHost(host: string | undefined): void;
  /** @throws UndercroftError `http.origin` (403) if a browser says that another site sent it */
  checkOrigin(headers: RequestOrigin): void;
}

export interface RequestOrigin {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  readonly 'sec-fetch-site'?: string | string[] | undefined;
}

/** @param names host names that are ours beside the loopback's and this machine's */
export function hostPolicy(options: {
  readonly listenHost: string;
  readonly publicUrl?: string | undefined;
  readonly allowedHosts: readonly string[];
}): HostPolicy {
  const publicOrigin = options.publicUrl === undefined ? undefined : new URL(options.publicUrl);
  const names = new Set(
    ['localhost', hostname(), options.listenHost, publicOrigin?.hostname ?? 'localhost', ...options.allowedHosts].map(
      (name) => name.toLowerCase().replace(/\.$/, ''),
    ),
  );
  return {
    checkHost(host) {
      const name = nameOf(host ?? '');
      if (name !== undefined && (isIP(name) !== 0 || names.has(name) || name.endsWith('.localhost'))) return;
      throw new UndercroftError('http.host', `This listener is not ${JSON.stringify(host ?? '')}.`, {
        status: 421,
        fix: 'Use the address it listens on, or add the name to `http.allowedHosts` in undercroft.yaml.',
      });
    },
    checkOrigin(headers) {
      const { origin, host = '' } = headers;
      const site = headers['sec-fetch-site'];
      if (origin === undefined ? site !== 'cross-site' && site !== 'same-site' : isOurs(origin, host, publicOrigin))
        return;
      throw new UndercroftError('http.origin', `A page of ${origin ?? 'another site'} may not do this.`, {
        status: 403,
        fix: 'Open the console at this address, or set `http.publicUrl` to the address that people use.',
      });
    },
  };
}

function isOurs(origin: string, host: string, publicOrigin: URL | undefined): boolean {
  if (origin === publicOrigin?.origin) return true;
  if (!URL.canParse(origin)) return false;
  const { protocol, host: originHost } = new URL(origin);
  // The Host header leaves out the default port of its scheme just as an origin does.
  return (protocol === 'http:' || protocol === 'https:') && originHost === host.toLowerCase();
}

/** `name:port`, `1.2.3.4:port`, `[::1]:port`. @returns undefined if it is none of these */
function nameOf(host: string): string | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+))(?::\d{1,5})?$/.exec(host);
  return (match?.[1] ?? match?.[2])?.toLowerCase().replace(/\.$/, '');
}
