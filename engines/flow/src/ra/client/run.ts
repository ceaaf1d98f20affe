/** What every ra client does: read, choose, hand on. The program says what becomes of the records it gets. */

import { readStream as readRemote } from '../../argus/net/client.ts';
import { RecordEncoder } from '../../argus/wire/encode.ts';
import type { ProgramIo } from '../../program.ts';
import { KIND, KIND_MANAGEMENT } from '../../record/layout.ts';
import { FlowRecord } from '../../record/record.ts';
import { compileFilter, FilterError, type Predicate } from '../filter/compile.ts';
import { machineNames, resolveHosts } from '../filter/names.ts';
import { isExportFile, readExportFile } from '../io/exports.ts';
import { greetingRecord } from '../io/greeting.ts';
import { filesIn, InputError, inputFile, type ReadContext, readFileRecords } from '../io/input.ts';
import { RecordFile } from '../io/output.ts';
import { type RecordHandler, type RecordSource, RecordSplitter } from '../io/records.ts';
import { parseSettings } from '../options/parse.ts';
import { ClientError, type Settings, UsageError } from '../options/settings.ts';
import { directionByPorts } from '../record/direction.ts';
import { stripper } from '../record/strip.ts';
import { isInRange } from '../time/range.ts';
import { payloadMatcher } from './grep.ts';
import { parseRemote } from './remote.ts';
import { say } from './say.ts';
import { Sink } from './sink.ts';
import { usageText } from './usage.ts';

/** A program at work. */
export interface Client {
  /** @returns false to end the reading */
  record(record: FlowRecord, source: RecordSource): boolean;
  /** A file is read, the next one begins. */
  fileEnd?(path: string): void;
  /** Instead of the usual one. */
  exitCode?(): number;
  /** All input is read. */
  end?(): void | Promise<void>;
  /** Awaited between pieces of input: resolves when the client can take more. */
  ready?(): Promise<void>;
  /** Live input: called a few times a second. */
  tick?(): void;
}

export interface ClientContext {
  readonly name: string;
  readonly settings: Settings;
  readonly io: ProgramIo;
  readonly out: Sink;
  /** Records and counters of the input so far. */
  readonly totals: InputTotals;
  readonly compile: (text: string) => Promise<Predicate>;
  /** The first record of the input, for files that are written. */
  readonly greeting: () => Uint8Array;
}

export interface InputTotals {
  records: number;
  management: number;
  flows: number;
  packets: number;
  bytes: number;
}

export interface ClientOptions {
  /** Letters that the program reads in its own way, as getopt writes them. */
  readonly letters?: string;
}

const TICK_MS = 250;

/** @returns the exit code: 0, 1 for an error or when no record was wanted, 2 for a file that is not there */
export async function runClient(
  name: string,
  argv: readonly string[],
  io: ProgramIo,
  start: (context: ClientContext) => Client | Promise<Client>,
  options: ClientOptions = {},
): Promise<number> {
  const out = new Sink(io.stdout);
  try {
    const settings = parseSettings(argv, { env: io.env, ...options });
    const compile = async (text: string) => compileFilter(text, machineNames(await resolveHosts(text)));
    const filter = await compiled(settings.filter, compile);
    if (settings.dumpFilter) {
      out.text(`${settings.filter}\n`);
      await out.drain();
      return 0;
    }
    const totals: InputTotals = { records: 0, management: 0, flows: 0, packets: 0, bytes: 0 };
    const greeting = { bytes: greetingRecord() };
    const context = { name, settings, io, out, totals, compile, greeting: () => greeting.bytes };
    const client = await start(context);
    const hasMatched = await readAll(context, filter, client, greeting);
    await client.end?.();
    await out.drain();
    return client.exitCode?.() ?? (hasMatched || io.signal.aborted ? 0 : 1);
  } catch (error) {
    return ended(error, name, io, out);
  }
}

async function ended(error: unknown, name: string, io: ProgramIo, out: Sink): Promise<number> {
  await out.drain();
  if (error instanceof UsageError) {
    out.text(usageText(name));
    await out.drain();
    return 1;
  }
  if (error instanceof ClientError || error instanceof InputError || error instanceof FilterError) {
    say(io, name, error.message);
    return 'exitCode' in error ? error.exitCode : 1;
  }
  if (error instanceof Error && 'code' in error) {
    say(io, name, error.message);
    return 1;
  }
  throw error;
}

async function compiled(text: string, compile: (text: string) => Promise<Predicate>): Promise<Predicate | null> {
  if (text === '') return null;
  try {
    return await compile(text);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const shown = text.length > 20 ? `${text.slice(0, 20)} ...` : text;
    throw new ClientError(
      `filter syntax error: '${shown}'${error.message === 'syntax error' ? '' : ` (${error.message})`}`,
    );
  }
}

/** @returns whether any record passed the filter */
async function readAll(
  { settings, io, out, totals }: ClientContext,
  filter: Predicate | null,
  client: Client,
  greeting: { bytes: Uint8Array },
): Promise<boolean> {
  const rejects = settings.rejects === undefined ? null : new RecordFile(settings.rejects, io, () => greeting.bytes);
  const choose = chooser(settings, filter, client, totals, rejects, greeting);
  const context: ReadContext = { stdin: io.stdin, signal: io.signal, breathe: () => breathe(out, client) };
  const folders = settings.folders.flatMap((folder) => filesIn(folder));
  const files = [...settings.files, ...folders];
  if (files.length === 0 && settings.remotes.length === 0) files.push('-');
  for (const file of files) {
    const goesOn = isExportFile(file)
      ? await readExportFile(file, choose.handle, context)
      : await readFileRecords(inputFile(file), choose.handle, context);
    client.fileEnd?.(file);
    if (!goesOn) break;
    if (out.isBroken) break;
  }
  await readRemotes(settings, io, choose.handle, client, out);
  await rejects?.close();
  return choose.hasMatched();
}

async function breathe(out: Sink, client: Client): Promise<void> {
  await client.ready?.();
  if (out.isFull) await out.drain();
  if (out.isBroken) throw new ClientError('nobody reads the output', 0);
}

interface Chooser {
  readonly handle: RecordHandler;
  hasMatched(): boolean;
}

/** Filter, user data, label, place and time, in ra's order. */
function chooser(
  settings: Settings,
  filter: Predicate | null,
  client: Client,
  totals: InputTotals,
  rejects: RecordFile | null,
  greeting: { bytes: Uint8Array },
): Chooser {
  const grep = payloadMatcher(settings);
  const turn = directionByPorts(settings.portDirection);
  const strip = settings.stripParts === undefined ? null : stripper(settings.stripParts);
  const { first, last } = settings.input;
  let hasMatched = false;
  let counted = 0;
  const handle: RecordHandler = (record, source) => {
    const isManagement = record.get(KIND) === KIND_MANAGEMENT;
    totals.records += 1;
    if (isManagement) totals.management += 1;
    else totals.flows += 1;
    const isGreeting = isManagement && source.offset === 0;
    if (isGreeting) greeting.bytes = source.bytes.slice(source.at, source.at + source.length);
    if (!isManagement) turn?.(record);
    if (filter !== null && !filter(record)) {
      if (rejects !== null && !isManagement) rejects.put(source.bytes, source.at, source.length);
      return true;
    }
    hasMatched = true;
    if (grep !== null && !grep(record)) return true;
    if (!isGreeting) counted += 1;
    if (counted > last) return false;
    if (!isGreeting && counted < first) return true;
    if (settings.timeRange !== undefined && !isInRange(settings.timeRange, record)) return true;
    strip?.(record);
    return client.record(record, source);
  };
  return { handle, hasMatched: () => hasMatched };
}

/** Servers, all at once, until they end or the time is over. */
async function readRemotes(
  settings: Settings,
  io: ProgramIo,
  handle: RecordHandler,
  client: Client,
  out: Sink,
): Promise<void> {
  if (settings.remotes.length === 0) return;
  const stop = new AbortController();
  const end = () => stop.abort();
  io.signal.addEventListener('abort', end, { once: true });
  const timer = settings.runSeconds > 0 ? setTimeout(end, settings.runSeconds * 1000) : undefined;
  const ticks = setInterval(() => {
    client.tick?.();
    out.flush();
  }, TICK_MS);
  const isPoll = settings.modes.some((mode) => /^poll/i.test(mode));
  try {
    const streams = settings.remotes.map(async (text) => {
      const remote = parseRemote(text, settings.remoteFilter);
      const encoder = new RecordEncoder();
      const record = new FlowRecord();
      const splitter = new RecordSplitter();
      for await (const batch of readRemote(remote, stop.signal)) {
        for (let i = 0; i < batch.count; i += 1) {
          record.at(batch, batch.address(i));
          if (!splitter.push(encoder.encode(record), handle) || isPoll) return end();
        }
        await breathe(out, client);
      }
    });
    await Promise.all(streams);
  } finally {
    clearTimeout(timer);
    clearInterval(ticks);
    io.signal.removeEventListener('abort', end);
  }
}
