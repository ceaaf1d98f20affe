/** From words to a command that has run. Errors end as one line on standard error that says what to do. */
import { type Command, type CommandEntry, didYouMean, UndercroftError } from '@undercroft/kernel';
import { VERSION } from '../version.ts';
import { connectClient } from './client.ts';
import { EXIT } from './exit-codes.ts';
import { helpFor, helpForAll } from './help.ts';
import { type ParsedCall, parseCall, usage } from './parse.ts';
import { record, table } from './print.ts';

interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
  readonly env: NodeJS.ProcessEnv;
}

/** @returns the exit code */
export async function dispatch(
  commands: readonly CommandEntry[],
  words: readonly string[],
  streams: Streams,
): Promise<number> {
  // A reader that goes away (`| head`) is no error.
  streams.stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed),
  );
  const first = words[0];
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    streams.stdout.write(helpForAll(commands, VERSION));
    return first === undefined ? EXIT.usage : EXIT.ok;
  }
  try {
    const { command, name, rest } = await findCommand(commands, words);
    // A group by itself, and any --help, explain.
    if (command.run === undefined) {
      if (rest[0] !== undefined && !rest[0].startsWith('-'))
        throw usage(
          `there is no "${rest[0]}"${didYouMean(
            rest[0],
            (command.subcommands ?? []).map((sub) => sub.name),
          )}`,
          name,
        );
      streams.stdout.write(helpFor(command, name));
      return rest[0] === '--help' || rest[0] === '-h' ? EXIT.ok : EXIT.usage;
    }
    const call = command.raw === true ? { positionals: rest, options: {} } : parseCall(command, rest, name);
    if (call.options['help'] === true) {
      streams.stdout.write(helpFor(command, name));
      return EXIT.ok;
    }
    return (await run(command, call, streams)) ?? EXIT.ok;
  } catch (error) {
    return explain(error, streams.stderr);
  }
}

async function findCommand(
  commands: readonly CommandEntry[],
  words: readonly string[],
): Promise<{ command: Command; name: string; rest: readonly string[] }> {
  let entries: readonly CommandEntry[] | undefined = commands;
  let command: Command | undefined;
  let name = 'undercroft';
  let depth = 0;
  for (; entries !== undefined && depth < words.length; depth++) {
    const word = words[depth] as string;
    const entry: CommandEntry | undefined = entries.find((candidate) => candidate.name === word);
    if (entry === undefined) {
      if (command === undefined)
        throw usage(
          `there is no command "${word}"${didYouMean(
            word,
            commands.map((candidate) => candidate.name),
          )}`,
          name,
        );
      break;
    }
    command = (await entry.load()).command;
    name = `${name} ${word}`;
    entries = command.subcommands;
  }
  return { command: command as Command, name, rest: words.slice(depth) };
}

async function run(command: Command, call: ParsedCall, streams: Streams): Promise<number | undefined> {
  const { stdout } = streams;
  const json =
    call.options['output'] === 'json' ||
    (call.options['output'] === undefined && streams.env['UNDERCROFT_OUTPUT'] === 'json');
  const colour = stdout.isTTY === true && streams.env['NO_COLOR'] === undefined;
  const abort = new AbortController();
  const interrupt = (): void => abort.abort(new UndercroftError('cli.interrupted', 'interrupted'));
  process.once('SIGINT', interrupt);
  try {
    return await command.run?.({
      ...call,
      ...streams,
      signal: abort.signal,
      client: connectClient(streams.env, call.options['url'] as string | undefined, abort.signal),
      freshClient: () =>
        connectClient(streams.env, call.options['url'] as string | undefined, new AbortController().signal),
      print(rows, columns) {
        if (json) stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
        else if (rows.length > 0)
          stdout.write(
            table(rows, columns ?? Object.keys(rows[0] ?? {}), {
              colour,
              ...(stdout.isTTY ? { width: stdout.columns } : {}),
            }),
          );
        else streams.stderr.write('nothing to show\n');
      },
      printOne: (value) => void stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : record(value)),
    });
  } finally {
    process.off('SIGINT', interrupt);
  }
}

function explain(error: unknown, stderr: NodeJS.WriteStream): number {
  if (!(error instanceof UndercroftError)) {
    stderr.write(`undercroft: ${(error as Error)?.stack ?? String(error)}\n`);
    return EXIT.internal;
  }
  const fix = error.fix === undefined ? '' : ` (${error.code === 'cli.usage' ? `see ${error.fix}` : error.fix})`;
  stderr.write(`undercroft: ${error.message}${fix}\n`);
  if (error.code === 'cli.interrupted') return 130;
  if (error.code === 'cli.usage') return EXIT.usage;
  if (error.code === 'cli.unreachable') return EXIT.unavailable;
  if (error.code === 'kernel.config') return EXIT.config;
  return error.status === 401 || error.status === 403 ? EXIT.denied : EXIT.failed;
}
