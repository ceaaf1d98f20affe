/** Port lists as Nmap writes them: `22,80,8000-8100`, `-` for all, open ends (`-1024`, `60000-`), service names. */
import { badRequest, type UndercroftError } from '@undercroft/kernel';
import { serviceNames } from './services.ts';

const LAST_PORT = 65_535;

/** @returns sorted, each once @throws UndercroftError `scan.ports` naming the piece that cannot be read */
export function parsePorts(text: string): readonly number[] {
  const found = new Set<number>();
  for (const piece of text.split(',').map((part) => part.trim())) {
    const match = /^(?:T:)?(?:(\d{1,5})|(\d{0,5})-(\d{0,5})|([a-z][a-z0-9-]*))$/.exec(piece);
    if (match === null) throw unreadable(piece);
    const [, single, from, to, name] = match;
    if (name !== undefined) {
      const ports = [...serviceNames].filter(([, service]) => service === name).map(([port]) => port);
      if (ports.length === 0) throw unreadable(piece);
      for (const port of ports) found.add(port);
      continue;
    }
    const low = single !== undefined ? Number(single) : from === '' || from === undefined ? 1 : Number(from);
    const high = single !== undefined ? Number(single) : to === '' || to === undefined ? LAST_PORT : Number(to);
    if (low > high || high > LAST_PORT) throw unreadable(piece);
    for (let port = low; port <= high; port++) found.add(port);
  }
  return [...found].sort((a, b) => a - b);
}

/** `1-1024,8080`: the shortest way to write a sorted list. */
export function formatPorts(ports: readonly number[]): string {
  const ranges: string[] = [];
  for (let i = 0; i < ports.length; ) {
    let end = i;
    while (ports[end + 1] === (ports[end] as number) + 1) end++;
    ranges.push(end === i ? `${ports[i]}` : `${ports[i]}-${ports[end]}`);
    i = end + 1;
  }
  return ranges.join(',');
}

function unreadable(piece: string): UndercroftError {
  return badRequest(
    'scan.ports',
    `${JSON.stringify(piece)} is no port.`,
    'Want numbers from 0 to 65535, ranges (8000-8100), names (ssh), or - for all.',
  );
}
