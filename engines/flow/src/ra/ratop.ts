/** ratop: the flows that move most, live on a terminal; without one a sorted table, once. */
import { Writable } from 'node:stream';
import type { Program } from '../program.ts';
import { sortKeys } from './aggregate/sort.ts';
import { RecordPrinter } from './client/printer.ts';
import { type Client, type ClientContext, runClient } from './client/run.ts';
import { say } from './client/say.ts';
import type { Settings } from './options/settings.ts';
import { TopFlows } from './top/flows.ts';
import { Screen, type TerminalInput, type TerminalOutput } from './top/screen.ts';
import { TopSession } from './top/session.ts';

const DEFAULT_ORDER = ['pkts'];
const DEFAULT_IDLE_S = 60;
const MAX_HELD_CHARACTERS = 64 * 1024;

export const run: Program = async (argv, io) => {
  const stop = new AbortController();
  const abort = () => stop.abort();
  io.signal.addEventListener('abort', abort, { once: true });
  if (io.signal.aborted) abort();
  let session: TopSession | null = null;
  let held = '';
  // What is said while the screen is taken would be lost with it.
  const stderr = new Writable({
    write(chunk: Buffer, _encoding, done) {
      held = (held + chunk.toString()).slice(0, MAX_HELD_CHARACTERS);
      done();
    },
  });
  stop.signal.addEventListener('abort', () => session?.stop(), { once: true });
  try {
    return await runClient('ratop', argv, { ...io, stderr, signal: stop.signal }, (context) => {
      const words = orderOf(context.settings);
      if (!isOnTerminal(io.stdout, context.settings)) return tableClient(context, words);
      const client = terminalClient(context, words, argv, io.stdin, abort);
      session = client.session;
      return client;
    });
  } finally {
    io.signal.removeEventListener('abort', abort);
    (session as TopSession | null)?.stop();
    if (held !== '') io.stderr.write(held);
  }
};

function orderOf(settings: Settings): readonly string[] {
  const words = settings.sortFields.length > 0 ? settings.sortFields : DEFAULT_ORDER;
  sortKeys(words);
  return words;
}

function isOnTerminal(output: TerminalOutput, { modes, writes }: Settings): boolean {
  return output.isTTY === true && writes.length === 0 && !modes.some((mode) => /^nocurses/i.test(mode));
}

function terminalClient(
  context: ClientContext,
  sortWords: readonly string[],
  argv: readonly string[],
  stdin: TerminalInput,
  onQuit: () => void,
): Client & { readonly session: TopSession } {
  const { settings, io } = context;
  const flows = new TopFlows(settings);
  const readsInput =
    settings.files.includes('-') || settings.files.length + settings.folders.length + settings.remotes.length === 0;
  const screen = new Screen(io.stdout as TerminalOutput, readsInput ? null : stdin);
  const idleS = settings.remotes.length > 0 ? DEFAULT_IDLE_S : 0;
  const session = new TopSession({
    context,
    flows,
    screen,
    sortWords,
    idleS,
    title: `ratop ${argv.join(' ')}`,
    onQuit,
  });
  session.start();
  return {
    session,
    record(record) {
      flows.add(record);
      return true;
    },
    async ready() {
      session.refreshIfDue();
      // Keys are heard between pieces of input.
      await new Promise((resolve) => setImmediate(resolve));
    },
    async end() {
      session.inputEnded();
      if (!io.signal.aborted) await session.left;
    },
  };
}

function tableClient({ settings, out, io }: ClientContext, words: readonly string[]): Client {
  const flows = new TopFlows(settings);
  const printer = new RecordPrinter(settings, out);
  const isReversed = (settings.flags.get('v') ?? 0) > 0;
  const { first, last } = settings.input;
  // Of ratop, -N counts what comes out.
  settings.input = { first: 0, last: Number.POSITIVE_INFINITY };
  return {
    record(record) {
      flows.add(record);
      return true;
    },
    end() {
      const order = flows.order({ keys: sortKeys(words), isReversed, filter: null });
      for (const number of order.slice(Math.max(0, first - 1), last)) if (!printer.print(flows.at(number))) break;
      printer.end();
      if (flows.dropped > 0) say(io, 'ratop', `${flows.dropped} flows had no room`);
    },
  };
}
