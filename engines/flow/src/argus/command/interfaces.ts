/** Interfaces as `-i` and ARGUS_INTERFACE name them. */
import { argusError } from '../errors.ts';

/** Packets of these interfaces are one stream: they go into one table. */
export interface InterfaceGroup {
  readonly names: readonly string[];
  /** As parseSourceId takes it. */
  readonly sourceId: string | undefined;
}

const MAX_INTERFACES = 64;

/**
 * `eth0`, `eth0/id`, `all`, `ind:a/id,b/id`, `bond:a,b/id`, `dup:a,b/id`, `dup:[bond:a,b],c/id`, `a b`.
 *
 * @param all names of what `all` means
 * @throws UndercroftError `flow.argus.interface`
 */
export function parseInterfaces(text: string, all: readonly string[]): readonly InterfaceGroup[] {
  const trimmed = text.trim();
  const kind = /^(ind|bond|dup):/.exec(trimmed)?.[1];
  const body = kind === undefined ? trimmed : trimmed.slice(kind.length + 1);
  const groups =
    kind === undefined || kind === 'ind'
      ? splitOutside(body, kind === undefined ? /[\s,]/ : /,/).flatMap((item) => independent(item, all))
      : [together(body, all)];
  const count = groups.reduce((sum, group) => sum + group.names.length, 0);
  if (count === 0) throw argusError('interface', `${JSON.stringify(text)} names no interface`);
  if (count > MAX_INTERFACES) throw argusError('interface', `more than ${MAX_INTERFACES} interfaces`);
  return groups;
}

function independent(item: string, all: readonly string[]): InterfaceGroup[] {
  const { names, sourceId } = named(item);
  if (names !== 'all') return [{ names: [names], sourceId }];
  return all.map((name) => ({ names: [name], sourceId }));
}

function together(body: string, all: readonly string[]): InterfaceGroup {
  const { names, sourceId } = named(body);
  const plain = names.replaceAll(/\[(?:bond|dup|ind):|\]/g, '');
  const list = splitOutside(plain, /,/);
  return { names: list.flatMap((name) => (name === 'all' ? all : [name])), sourceId };
}

/** The last `/` outside quotes parts the names from the id. */
function named(item: string): { names: string; sourceId: string | undefined } {
  const match = /^(.*?)\/("[^"]*"|[^/"]+)$/.exec(item.trim());
  if (match === null) return { names: item.trim(), sourceId: undefined };
  return { names: (match[1] as string).trim(), sourceId: match[2] as string };
}

function splitOutside(text: string, separator: RegExp): string[] {
  const parts: string[] = [''];
  let quoted = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    if (!quoted && separator.test(character)) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}
