/** How records are gathered: by the keys of the command line, or by the rules of a file (`-f`). */
import { readFileSync } from 'node:fs';
import type { ClientContext } from '../client/run.ts';
import type { Predicate } from '../filter/compile.ts';
import { ClientError, type Settings } from '../options/settings.ts';
import { type KeySpec, keySpec } from './keys.ts';
import { type SortKey, sortKey } from './sort.ts';

const MAX_RULES_BYTES = 1024 * 1024;

/** One way of gathering: which records, by what key, and when they are told. */
export interface ClusterRule {
  readonly filter: Predicate | null;
  readonly label: RegExp | null;
  readonly addLabel: string;
  readonly spec: KeySpec;
  /** Seconds that a record may span, and that it may rest; 0 for no limit. */
  readonly statusSeconds: number;
  readonly idleSeconds: number;
  /** Records go on to the next rule too. */
  readonly goesOn: boolean;
}

/** @throws ClientError */
export async function rulesOf({ settings, compile }: ClientContext): Promise<ClusterRule[]> {
  const plain: ClusterRule = {
    filter: null,
    label: null,
    addLabel: '',
    spec: keySpec(settings.masks),
    statusSeconds: 0,
    idleSeconds: 0,
    goesOn: false,
  };
  if (settings.flowModelFile === undefined) return [plain];
  const rules: ClusterRule[] = [];
  for (const line of ruleLines(settings.flowModelFile)) rules.push(await ruleOf(line, compile));
  return rules;
}

function ruleLines(path: string): string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').slice(0, MAX_RULES_BYTES);
  } catch (error) {
    throw new ClientError(`${path}: ${(error as Error).message}`);
  }
  const lines = text.replaceAll('\\\n', ' ').split('\n');
  return lines
    .map((line) => line.trim())
    .filter((line) => /^(?:filter|model|grep|label|status|idle|cont)\b/.test(line));
}

/** `filter="udp" model="saddr daddr" status=120 idle=3600 label="x" cont` */
async function ruleOf(line: string, compile: (text: string) => Promise<Predicate>): Promise<ClusterRule> {
  const value = (key: string): string => {
    const match = new RegExp(`(?:^|\\s)${key}\\s*=\\s*(?:"([^"]*)"|(\\S+))`).exec(line);
    return match?.[1] ?? match?.[2] ?? '';
  };
  const filter = value('filter');
  const grep = value('grep');
  const model = value('model');
  return {
    filter: filter === '' ? null : await compile(filter),
    label: grep === '' ? null : new RegExp(grep),
    addLabel: value('label'),
    spec: keySpec(model === '' ? [] : [model]),
    statusSeconds: Number.parseFloat(value('status')) || 0,
    idleSeconds: Number.parseFloat(value('idle')) || 0,
    goesOn: /(?:^|\s)cont(?:\s|$)/.test(line),
  };
}

/** What is gathered by is sorted by, as far as it is an order. */
export function sortOrder(settings: Settings): SortKey[] {
  const words = settings.masks.flatMap((mask) => mask.split(/[ ,]+/));
  return words.flatMap((word) => sortKey(word.replace(/^[+-]/, '')) ?? []);
}
