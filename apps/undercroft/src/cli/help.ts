/** Help texts, made from the declarations. */
import type { Command, CommandEntry, CommandOption } from '@undercroft/kernel';
import { GLOBAL_OPTIONS } from './parse.ts';

export function helpForAll(commands: readonly CommandEntry[], version: string): string {
  return [
    `undercroft ${version}: secures and monitors Infrastructure as a Service`,
    '',
    'Usage: undercroft COMMAND [OPTIONS]',
    '',
    'Commands:',
    ...columns(commands.map((command) => [command.name, sentence(command.summary)])),
    '',
    'Examples:',
    ...columns([
      ['undercroft up', 'start everything on this machine'],
      ['undercroft status', 'is it running, and how well'],
      ['undercroft problems', 'what needs somebody'],
      ['undercroft COMMAND --help', 'options and examples of a command'],
    ]),
    '',
  ].join('\n');
}

export function helpFor(command: Command, name: string): string {
  const positionals = (command.positionals ?? []).map((positional) => {
    const word = `${positional.name.toUpperCase()}${positional.many ? '...' : ''}`;
    return positional.optional ? `[${word}]` : word;
  });
  const lines = [
    command.summary,
    '',
    `Usage: ${[name, ...(command.subcommands === undefined ? [] : ['COMMAND']), '[OPTIONS]', ...positionals].join(' ')}`,
    '',
  ];
  if (command.description !== undefined) lines.push(command.description, '');
  if (command.subcommands !== undefined)
    lines.push('Commands:', ...columns(command.subcommands.map((sub) => [sub.name, sentence(sub.summary)])), '');
  if ((command.positionals ?? []).length > 0)
    lines.push(
      'Arguments:',
      ...columns((command.positionals ?? []).map((positional) => [positional.name.toUpperCase(), positional.summary])),
      '',
    );
  lines.push(
    'Options:',
    ...columns(
      Object.entries({ ...command.options, ...GLOBAL_OPTIONS }).map(([option, spec]) => [
        spelling(option, spec),
        spec.summary,
      ]),
    ),
    '',
  );
  if (command.examples !== undefined)
    lines.push('Examples:', ...columns(command.examples.map((example) => [example.line, example.does])), '');
  return lines.join('\n');
}

/** In a list a sentence needs neither capital nor full stop. */
function sentence(summary: string): string {
  return summary.replace(/\.$/, '').replace(/^[A-Z](?![A-Z])/, (letter) => letter.toLowerCase());
}

function spelling(name: string, option: CommandOption): string {
  return `${option.short === undefined ? '    ' : `-${option.short}, `}--${name}${option.type === 'string' ? ` ${option.value ?? 'VALUE'}` : ''}`;
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.min(44, Math.max(...rows.map(([left]) => left.length)));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
