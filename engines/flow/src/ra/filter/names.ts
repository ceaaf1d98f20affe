/** Names in filters, by the machine's own files; host names beyond those are asked of the resolver first. */
import { lookup as resolve } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { readServices, type ServiceNames } from '../text/names.ts';
import { tokenize } from './lexer.ts';
import type { NameLookup } from './values.ts';
import { KEYWORDS } from './words.ts';

const MAX_NAMES = 100;

/** @param hosts addresses by name, known before */
export function machineNames(hosts: ReadonlyMap<string, readonly string[]> = new Map()): NameLookup {
  let services: ServiceNames | undefined;
  return {
    host: (name) => hosts.get(name) ?? hostsIn('/etc/hosts', name),
    port(name, protocol) {
      services ??= readServices();
      return services.ports.get(`${name}/${protocol}`) ?? null;
    },
    protocol(name) {
      const line = linesOf('/etc/protocols').find(([first, , ...aliases]) => first === name || aliases.includes(name));
      return line === undefined ? null : Number(line[1]);
    },
    mac: (name) => linesOf('/etc/ethers').find(([, host]) => host === name)?.[0] ?? null,
  };
}

function hostsIn(path: string, name: string): string[] | null {
  const found = linesOf(path).filter(([, ...names]) => names.includes(name));
  return found.length === 0 ? null : found.map(([address]) => address as string);
}

function linesOf(path: string): string[][] {
  let text = '';
  try {
    text = readFileSync(path, 'latin1');
  } catch {
    return [];
  }
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim());
  return lines.filter((line) => line !== '').map((line) => line.split(/\s+/));
}

/** Asks the resolver for every name of a filter that might be a host. */
export async function resolveHosts(text: string): Promise<Map<string, string[]>> {
  const hosts = new Map<string, string[]>();
  const names = tokenize(text, KEYWORDS).filter(({ kind, text: name }) => kind === 'id' && /[a-z]/i.test(name));
  for (const { text: name } of names.slice(0, MAX_NAMES)) {
    if (hosts.has(name)) continue;
    const addresses = await resolve(name, { all: true }).catch(() => []);
    if (addresses.length > 0)
      hosts.set(
        name,
        addresses.map(({ address }) => address),
      );
  }
  return hosts;
}
