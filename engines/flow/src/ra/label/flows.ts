/** `filter="udp port 53" label="dns" cont` lines: labels by what records are. */
import type { FlowRecord } from '../../record/record.ts';
import { labelText } from '../fields/payload.ts';
import type { Predicate } from '../filter/compile.ts';
import { ClientError } from '../options/settings.ts';
import { readLines } from './address-file.ts';

const MAX_RULES = 10_000;

interface FlowRule {
  readonly filter: Predicate | null;
  readonly pattern: RegExp | null;
  readonly label: string;
  readonly goesOn: boolean;
}

/** @throws ClientError */
export async function readFlowFile(path: string, compile: (text: string) => Promise<Predicate>): Promise<FlowRule[]> {
  const lines = readLines(path).filter((line) => /^\s*(?:filter|grep|label)\s*=/.test(line));
  if (lines.length > MAX_RULES) throw new ClientError(`${path}: more than ${MAX_RULES} rules`);
  const rules: FlowRule[] = [];
  for (const line of lines) rules.push(await ruleOf(line, path, compile));
  return rules;
}

async function ruleOf(line: string, path: string, compile: (text: string) => Promise<Predicate>): Promise<FlowRule> {
  const value = (key: string): string => new RegExp(`(?:^|\\s)${key}\\s*=\\s*"([^"]*)"`).exec(line)?.[1] ?? '';
  const filter = value('filter');
  const grep = value('grep');
  try {
    return {
      filter: filter === '' ? null : await compile(filter),
      pattern: grep === '' ? null : new RegExp(grep),
      label: value('label'),
      goesOn: /\scont\b/.test(line.replace(/"[^"]*"/g, '')),
    };
  } catch (error) {
    throw new ClientError(`${path}: ${line.trim()}: ${(error as Error).message}`);
  }
}

/** Labels of the rules that a record matches, up to the first that does not go on. */
export function flowLabels(rules: readonly FlowRule[], record: FlowRecord): string[] {
  const labels: string[] = [];
  for (const { filter, pattern, label, goesOn } of rules) {
    if (filter !== null && !filter(record)) continue;
    if (pattern !== null && !pattern.test(labelText(record))) continue;
    if (label !== '') labels.push(label);
    if (!goesOn) break;
  }
  return labels;
}

export type { FlowRule };
