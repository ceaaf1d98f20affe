/** argus.conf and radium.conf: `KEY=value` lines, values in quotes or not, `#` and `//` comments. */
import { readFile } from 'node:fs/promises';
import { argusError } from '../errors.ts';

const MAX_CONFIG_BYTES = 1024 * 1024;

export interface ConfigLine {
  readonly key: string;
  readonly value: string;
  /** As it stands, with its quotes: they tell text from numbers in ids. */
  readonly raw: string;
  readonly line: number;
}

/** @throws UndercroftError `flow.argus.config` when it cannot be read */
export async function readConfig(path: string): Promise<readonly ConfigLine[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw argusError('config', `${path}: ${(error as Error).message}`, error);
  }
  if (text.length > MAX_CONFIG_BYTES) throw argusError('config', `${path} is larger than any configuration`);
  return parseConfig(text);
}

export function parseConfig(text: string): readonly ConfigLine[] {
  const lines: ConfigLine[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const match = /^\s*([A-Z][A-Z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line);
    if (match === null) continue;
    const raw = stripComment(match[2] as string);
    lines.push({ key: match[1] as string, raw, value: unquote(raw), line: index + 1 });
  }
  return lines;
}

/** A comment begins outside quotes, behind a space. */
function stripComment(value: string): string {
  const quoted = /^("[^"]*"(?:\s+"[^"]*")*)/.exec(value);
  if (quoted !== null) return quoted[1] as string;
  return value.replace(/\s+(?:#|\/\/).*$/, '');
}

function unquote(raw: string): string {
  const quoted = /^"([^"]*)"$/.exec(raw);
  return quoted === null ? raw : (quoted[1] as string);
}

/** Yes and no as the configuration files spell them. */
export function isYes(value: string): boolean {
  return /^(?:yes|y|on|true|1)$/i.test(value.trim());
}
