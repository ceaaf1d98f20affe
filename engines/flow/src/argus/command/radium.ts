/** `undercroft flow radium`: collects records, filters them, stores and serves them. */
import { access } from 'node:fs/promises';
import { UndercroftError } from '@undercroft/kernel';
import type { Program, ProgramIo } from '../../program.ts';
import { Collection } from '../radium/collect.ts';
import { type ExportListener, fileInput, remoteInput } from '../radium/input.ts';
import type { FilterCompiler } from '../write/output.ts';
import { RecordOutputs } from '../write/outputs.ts';
import { readConfig } from './config-file.ts';
import { say } from './message.ts';
import { clientCount, openOutputs } from './open-outputs.ts';
import { changeUser, startDetached } from './privileges.ts';
import { parseRadiumCommandLine, RADIUM_CONFIG, type RadiumSettings } from './radium-options.ts';
import { untilSignalled } from './signals.ts';
import { NO_SOURCE_ID, parseSourceId } from './source-id.ts';

const USAGE = `undercroft flow radium, with the command line of Radium 3.0.8
usage: radium [options] [- filter]

  -B <addr>   listen for clients on these addresses (127.0.0.1; any)
  -C <port>   listen for NetFlow there
  -d          run apart from the terminal
  -e <id>     source id of this radium
  -f <file>   read radium.conf
  -g, -u      change to this group, user
  -M <secs>   management records this often (60)
  -P <port>   serve clients on this TCP port (off; 561 is usual)
  -r <file>   read record files; - is standard input
  -S <host>   collect from host[:port], argus-udp://host:port, cisco://any:port; may be repeated
  -w <to>     append records to a file, - or argus-udp://host[:port]; a filter may follow
  -X          forget the configuration read so far
`;

export interface RadiumDependencies {
  readonly compileFilter: FilterCompiler;
  readonly listenForExports?: ExportListener;
  readonly nowUs: () => number;
  readonly monotonicMs: () => number;
  /** Where the system's configuration is; read only where it exists. */
  readonly systemConfig: string;
}

export const run: Program = async (argv, io) => {
  const { ARGUS_DEPENDENCIES } = await import('./dependencies.ts');
  const { exportInput } = await import('../radium/exports.ts');
  return untilSignalled(io, (signalled) =>
    runRadium(argv, signalled, {
      ...ARGUS_DEPENDENCIES,
      listenForExports: exportInput,
      systemConfig: RADIUM_CONFIG,
    }),
  );
};

/** @returns 0 when all inputs ended or it was asked to end, 1 when it could not begin */
export async function runRadium(argv: readonly string[], io: ProgramIo, given: RadiumDependencies): Promise<number> {
  try {
    const present = await access(given.systemConfig).then(
      () => true,
      () => false,
    );
    const line = await parseRadiumCommandLine(argv, present ? await readConfig(given.systemConfig) : []);
    if (line.kind === 'help') {
      io.stdout.write(USAGE);
      return 0;
    }
    if (line.kind === 'usage') {
      io.stderr.write(`radium: option -${line.letter} is not understood\n${USAGE}`);
      return 1;
    }
    for (const { key, line: number } of line.unknownKeys) {
      say(io, 'Warning', `line ${number}: ${key} is no key of radium.conf`, given.nowUs());
    }
    return await perform(line.settings, argv, io, given);
  } catch (error) {
    if (!(error instanceof UndercroftError)) throw error;
    say(io, 'Error', error.message, given.nowUs());
    return 1;
  }
}

async function perform(
  settings: RadiumSettings,
  argv: readonly string[],
  io: ProgramIo,
  given: RadiumDependencies,
): Promise<number> {
  if (settings.daemon && io.env['UNDERCROFT_FLOW_DETACHED'] === undefined) {
    startDetached([...process.argv.slice(1, process.argv.length - argv.length), ...argv]);
    return 0;
  }
  if (settings.classifierFile !== undefined) {
    say(io, 'Warning', 'RADIUM_CLASSIFIER_FILE: labels are not put on here', given.nowUs());
  }
  const source = settings.sourceId === undefined ? NO_SOURCE_ID : await parseSourceId(settings.sourceId);
  const filter = settings.filter === '' ? undefined : given.compileFilter(settings.filter);
  const inputs = [
    ...settings.files.map((file) => fileInput(file, io.stdin)),
    ...settings.servers.map((server) => remoteInput(server, settings.filter, given.listenForExports)),
  ];
  const outputs = new RecordOutputs(
    {
      idKind: source.kind,
      id: source.word,
      flowIntervalS: 5,
      managementIntervalS: settings.managementIntervalS,
      startUs: given.nowUs(),
    },
    given.nowUs,
  );
  const servers = await openOutputs(outputs, { ...settings, ...given }, io);
  const status = setInterval(() => {
    outputs.status(clientCount(servers));
    outputs.flush().catch((error: Error) => say(io, 'Error', error.message, given.nowUs()));
  }, settings.managementIntervalS * 1000);
  try {
    changeUser(settings.user, settings.group, settings.chroot);
    const collection = new Collection(outputs, {
      ...(filter === undefined ? {} : { filter }),
      onTrouble: (input, text) => say(io, 'Warning', `${input.name}: ${text}`, given.nowUs()),
    });
    await collection.run(inputs, io.signal);
  } finally {
    clearInterval(status);
    await outputs.close(clientCount(servers));
  }
  return 0;
}
