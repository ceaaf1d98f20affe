/** ragrep: records whose user data matches an expression. */
import { readFileSync } from 'node:fs';
import type { Program } from '../program.ts';
import { KIND, KIND_MANAGEMENT } from '../record/layout.ts';
import { type Matcher, payloadMatcher } from './client/grep.ts';
import { Outlet } from './client/outlet.ts';
import { type Client, type ClientContext, runClient } from './client/run.ts';
import { ClientError, type Settings, UsageError } from './options/settings.ts';

/** Of ra's letters some mean what they mean in grep(1). */
const LETTERS = 'AbB:cC:dD:E:e:f:F:GhHilLm:M:nN:Op:P:qr:R:S:s:t:T:uU:Vvw:XzZ:%';
const MAX_PATTERN_BYTES = 1024 * 1024;

export const run: Program = (argv, io) => runClient('ragrep', argv, io, startRagrep, { letters: LETTERS });

async function startRagrep(context: ClientContext): Promise<Client> {
  const { settings, out } = context;
  const has = (letter: string): boolean => (settings.flags.get(letter) ?? 0) > 0;
  const matches = matcherOf(settings, has('i') ? 'i' : '');
  const inverted = has('v');
  const isCount = has('c');
  const lists = has('l') ? 'with' : has('L') ? 'without' : null;
  const outlet = await Outlet.open(context);
  let found = 0;
  let all = 0;
  // ra's own test of user data must not choose before this one.
  settings.grep = undefined;
  return {
    record(record, source) {
      if (record.get(KIND) === KIND_MANAGEMENT || matches(record) === inverted) return true;
      found += 1;
      all += 1;
      if (settings.quiet) return false;
      if (isCount || lists !== null) return true;
      return outlet.pass(record, source);
    },
    fileEnd(path) {
      if (isCount) out.text(`${path}:${found}\n`);
      else if (lists !== null && found > 0 === (lists === 'with')) out.text(`${path}\n`);
      found = 0;
    },
    end: () => outlet.close(),
    exitCode: () => (all > 0 ? 0 : 1),
  };
}

/** @throws UsageError without a pattern @throws ClientError */
function matcherOf(settings: Settings, flags: string): Matcher {
  const patterns = settings.flowModelFile === undefined ? [] : patternsIn(settings.flowModelFile);
  const greps = patterns.map((pattern) => ({ pattern, source: true, destination: true }));
  if (settings.grep !== undefined) greps.push(settings.grep);
  else if (settings.flowModelFile === undefined) throw new UsageError();
  const matchers = greps.map((grep) => payloadMatcher({ ...settings, grep }, flags) as Matcher);
  return (record) => matchers.some((matcher) => matcher(record));
}

function patternsIn(path: string): string[] {
  try {
    const text = readFileSync(path, 'latin1').slice(0, MAX_PATTERN_BYTES);
    return text.split('\n').filter((line) => line !== '');
  } catch (error) {
    throw new ClientError(`${path}: ${(error as Error).message}`, 2);
  }
}
