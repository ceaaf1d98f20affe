/** A command line taken apart by the declaration of its command. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type Command, type CommandOption, UndercroftError } from '@undercroft/kernel';

/** Options of every command. */
export const GLOBAL_OPTIONS: Readonly<Record<string, CommandOption>> = {
  output: { type: 'string', short: 'o', value: 'table|json', summary: 'how to print: a table, or JSON for programs' },
  url: { type: 'string', value: 'URL', summary: 'the server to talk to (UNDERCROFT_URL, or where you signed in)' },
  help: { type: 'boolean', short: 'h', summary: 'this text' },
};

export interface ParsedCall {
  readonly positionals: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
}

/** @throws UndercroftError `cli.usage` that says what is wrong and where help is */
export function parseCall(command: Command, words: readonly string[], name: string): ParsedCall {
  const declared = { ...GLOBAL_OPTIONS, ...command.options };
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const [option, spec] of Object.entries(declared)) {
    options[option] = {
      type: spec.type,
      ...(spec.short === undefined ? {} : { short: spec.short }),
      ...(spec.many ? { multiple: true } : {}),
      ...(spec.default === undefined ? {} : { default: spec.default }),
    };
  }
  try {
    const { values, positionals } = parseArgs({
      args: joinNegative(words, declared),
      options,
      allowPositionals: true,
      strict: true,
      allowNegative: true,
    });
    if (values['help'] !== true) checkPositionals(command, positionals);
    const output = values['output'];
    if (output !== undefined && output !== 'table' && output !== 'json')
      throw new Error(`--output takes table or json, not ${JSON.stringify(output)}`);
    return { positionals, options: values as ParsedCall['options'] };
  } catch (error) {
    throw usage((error as Error).message.split(/\n|\. To specify/)[0] ?? '', name);
  }
}

/** `--after -600` means what it says: a negative number is the value of the option before it. */
function joinNegative(words: readonly string[], declared: Readonly<Record<string, CommandOption>>): string[] {
  const joined: string[] = [];
  for (const word of words) {
    const option = joined.at(-1) ?? '';
    const takesText = option.startsWith('--') && declared[option.slice(2)]?.type === 'string';
    if (takesText && /^-\d/.test(word)) joined[joined.length - 1] = `${option}=${word}`;
    else joined.push(word);
  }
  return joined;
}

function checkPositionals(command: Command, positionals: readonly string[]): void {
  const declared = command.positionals ?? [];
  const missing = declared.find((positional, index) => !positional.optional && positionals[index] === undefined);
  if (missing !== undefined) throw new Error(`${missing.name.toUpperCase()} is missing: ${missing.summary}`);
  if (positionals.length > declared.length && !declared.at(-1)?.many)
    throw new Error(`${JSON.stringify(positionals[declared.length])} is one word too many`);
}

export function usage(message: string, name: string): UndercroftError {
  return new UndercroftError('cli.usage', message, { fix: `${name} --help`, status: 400 });
}
