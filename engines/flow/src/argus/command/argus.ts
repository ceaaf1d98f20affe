/** `undercroft flow argus`: argus' command line, with our capture, our table, and its record format. */
import { access, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UndercroftError } from '@undercroft/kernel';
import { type CaptureSource, disassemble, openCapture } from '@undercroft/packet';
import { readFlowFile } from '../../netflow/file.ts';
import type { Program, ProgramIo } from '../../program.ts';
import { argusError } from '../errors.ts';
import type { FilterCompiler } from '../write/output.ts';
import { RecordOutputs } from '../write/outputs.ts';
import { parseArgusCommandLine, SYSTEM_CONFIG } from './argus-options.ts';
import { ARGUS_USAGE } from './argus-usage.ts';
import { readConfig } from './config-file.ts';
import { runLive } from './live.ts';
import { say } from './message.ts';
import type { FlowMeter, MeterFactory } from './meter.ts';
import { clientCount, openOutputs } from './open-outputs.ts';
import { Pace } from './pace.ts';
import { PacketFilter } from './packet-filter.ts';
import { changeUser, startDetached } from './privileges.ts';
import type { ArgusSettings } from './settings.ts';
import { untilSignalled } from './signals.ts';
import { NO_SOURCE_ID, parseSourceId } from './source-id.ts';

export interface ArgusDependencies {
  readonly openMeter: MeterFactory;
  readonly compileFilter: FilterCompiler;
  readonly nowUs: () => number;
  readonly monotonicMs: () => number;
  /** Where the system's configuration is; read only where it exists. */
  readonly systemConfig: string;
}

export const run: Program = async (argv, io) => {
  const { ARGUS_DEPENDENCIES } = await import('./dependencies.ts');
  return untilSignalled(io, (signalled) =>
    runArgus(argv, signalled, { ...ARGUS_DEPENDENCIES, systemConfig: SYSTEM_CONFIG }),
  );
};

/** @returns 0 when all was done, 1 when something could not be */
export async function runArgus(argv: readonly string[], io: ProgramIo, given: ArgusDependencies): Promise<number> {
  try {
    const systemConfig = (await exists(given.systemConfig)) ? await readConfig(given.systemConfig) : [];
    const line = await parseArgusCommandLine(argv, systemConfig);
    if (line.kind === 'help' || line.kind === 'version') {
      io.stdout.write(line.kind === 'help' ? ARGUS_USAGE : ARGUS_USAGE.slice(0, ARGUS_USAGE.indexOf('\n') + 1));
      return 0;
    }
    if (line.kind === 'usage') {
      io.stderr.write(`argus: option -${line.letter} is not understood\n${ARGUS_USAGE}`);
      return 1;
    }
    for (const { key, line: number } of line.unknownKeys) {
      say(io, 'Warning', `line ${number}: ${key} is no key of argus.conf`, given.nowUs());
    }
    return await perform(line.settings, argv, io, given);
  } catch (error) {
    if (!(error instanceof UndercroftError)) throw error;
    say(io, 'Error', error.message, given.nowUs());
    return 1;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function perform(
  settings: ArgusSettings,
  argv: readonly string[],
  io: ProgramIo,
  given: ArgusDependencies,
): Promise<number> {
  for (const [key, why] of settings.notDone) say(io, 'Warning', `${key}: ${why}`, given.nowUs());
  const filter = new PacketFilter({
    expression: settings.filter,
    first: settings.firstPacket,
    last: settings.lastPacket,
  });
  if (settings.dumpFilter) {
    const program = filter.programFor(1);
    io.stdout.write(program === null ? '(000) ret      #262144\n' : `${disassemble(program)}\n`);
    return 0;
  }
  const offline = settings.files.length > 0;
  if (settings.daemon && !offline && io.env['UNDERCROFT_FLOW_DETACHED'] === undefined) {
    startDetached([...process.argv.slice(1, process.argv.length - argv.length), ...argv]);
    return 0;
  }
  const pidFile = settings.daemon && settings.setPid ? await writePidFile(settings) : undefined;
  const source = settings.sourceId === undefined ? NO_SOURCE_ID : await parseSourceId(settings.sourceId);
  const outputs = new RecordOutputs(
    {
      idKind: source.kind,
      id: source.word,
      flowIntervalS: Math.round(settings.flowIntervalUs / 1e6),
      managementIntervalS: settings.managementIntervalS,
      startUs: given.nowUs(),
    },
    given.nowUs,
  );
  const servers = await openOutputs(
    outputs,
    {
      outputs: settings.outputs,
      // A file read at once is over before anybody could connect.
      port: offline && settings.timeScale === 0 && !settings.follow ? 0 : settings.port,
      bindAddresses: settings.bindAddresses,
      compileFilter: given.compileFilter,
      nowUs: given.nowUs,
      monotonicMs: given.monotonicMs,
    },
    io,
  );
  const status = setInterval(() => {
    outputs.status(clientCount(servers));
    outputs.flush().catch((error: Error) => say(io, 'Error', error.message, given.nowUs()));
  }, settings.managementIntervalS * 1000);
  try {
    if (offline) {
      changeUser(settings.user, settings.group, settings.chroot);
      const meter = await given.openMeter({ settings, source, live: false });
      return await readFiles(settings, filter, meter, outputs, io, given);
    }
    return await runLive(settings, source, outputs, io, given);
  } finally {
    clearInterval(status);
    await outputs.close(clientCount(servers));
    if (pidFile !== undefined) await rm(pidFile, { force: true });
  }
}

/** @returns its path: `argus.<interface>.<number>.pid` */
async function writePidFile({ pidPath, interfaces }: ArgusSettings): Promise<string> {
  const name = (interfaces[0] ?? 'any').replace(/[^A-Za-z0-9_.-]/g, '_');
  const path = join(pidPath, `argus.${name}.0.pid`);
  try {
    await writeFile(path, `${process.pid}\n`);
  } catch (error) {
    throw argusError('write', `${path}: ${(error as Error).message}`, error);
  }
  return path;
}

/** @returns 1 when a file could not be read; the others are */
async function readFiles(
  settings: ArgusSettings,
  filter: PacketFilter,
  meter: FlowMeter,
  outputs: RecordOutputs,
  io: ProgramIo,
  given: ArgusDependencies,
): Promise<number> {
  if (settings.timeSequence) throw argusError('option', '-t: time sequence headers are not read');
  let failed = false;
  for (const { path } of settings.files.filter(({ netflow }) => netflow)) {
    for await (const batch of readFlowFile(path, { stdin: io.stdin })) {
      outputs.publish(batch);
      await outputs.flush();
    }
  }
  const captures = settings.files.filter(({ netflow }) => !netflow);
  if (captures.length === 0) return 0;
  const pace = new Pace(settings.timeScale, given.monotonicMs);
  const capture = openCapture(
    captures.map(({ path }): CaptureSource => (path === '-' ? { name: '-', stream: io.stdin } : path)),
    {
      skipBad: true,
      follow: settings.follow,
      signal: io.signal,
      onWarning({ kind, text }) {
        if (kind === 'file') failed = true;
        say(io, kind === 'file' ? 'Error' : 'Warning', text, given.nowUs());
      },
    },
  );
  for await (const block of capture) {
    const wanted = filter.apply(block);
    if (wanted !== null) {
      await pace.until(wanted, io.signal);
      meter.addBlock(wanted, (batch) => outputs.publish(batch));
      await outputs.flush();
    }
    if (filter.done || io.signal.aborted) break;
  }
  meter.finish((batch) => outputs.publish(batch));
  return failed ? 1 : 0;
}
