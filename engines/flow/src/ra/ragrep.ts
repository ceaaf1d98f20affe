/** ragrep: records whose user data or labels match an expression. */
import type { Program } from '../program.ts';
import { KIND, KIND_MANAGEMENT } from '../record/layout.ts';
import { type Matcher, payloadMatcher } from './client/grep.ts';
import { RecordPrinter } from './client/printer.ts';
import { type Client, type ClientContext, runClient } from './client/run.ts';
import { RecordFiles } from './client/writer.ts';
import { readLines } from './label/address-file.ts';
import { LETTERS } from './options/parse.ts';
import { ClientError, type Settings } from './options/settings.ts';

/** Here `-c` counts. */
const GREP_LETTERS = LETTERS.replace('c:', 'c');

export const run: Program = async (argv, io) => {
  const found = { count: 0 };
  const code = await runClient('ragrep', argv, io, (context) => startRagrep(context, found), { letters: GREP_LETTERS });
  return code === 0 && found.count === 0 ? 1 : code;
};

async function startRagrep(context: ClientContext, found: { count: number }): Promise<Client> {
  const { settings, out } = context;
  const matches = matcherOf(settings);
  const isInverted = settings.flags.has('v');
  const isCounted = settings.flags.has('c');
  // ragrep prints no names of columns unless -L asks for them again and again.
  if (settings.labelEvery < 0) settings.labelEvery = 0;
  const printer = new RecordPrinter(settings, out);
  const files = await RecordFiles.open(context);
  return {
    record(record, source) {
      if (record.get(KIND) === KIND_MANAGEMENT) {
        files?.writeSource(record, source);
        return true;
      }
      if (matches(record) === isInverted) return true;
      found.count += 1;
      if (isCounted) return true;
      if (files === null) return printer.print(record, source.offset);
      files.writeSource(record, source);
      return true;
    },
    async end() {
      if (isCounted) out.text(`${found.count}\n`);
      else printer.end();
      await files?.close();
    },
  };
}

/** The expressions, which are then no longer the client's own to choose records by. @throws ClientError */
function matcherOf(settings: Settings): Matcher {
  const flags = settings.flags.has('i') ? 'i' : '';
  if (settings.flowModelFile !== undefined) {
    const pattern = readLines(settings.flowModelFile)
      .filter((line) => line !== '')
      .map((line) => `(?:${line})`)
      .join('|');
    if (pattern === '') return () => false;
    settings.grep = { pattern, source: true, destination: true };
  }
  const matches = payloadMatcher(settings, flags);
  if (matches === null) throw new ClientError('no expression: -e, -f or -M label=');
  settings.grep = undefined;
  settings.labelPattern = undefined;
  return matches;
}
