/** The one block that `up` prints. */
import { styleText } from 'node:util';
import type { CoverageLine } from '@undercroft/kernel';
import type { Started } from '@undercroft/kernel/runtime';

export interface GreetingFacts {
  readonly server: Started;
  readonly coverage: readonly CoverageLine[];
  readonly dataDir: string;
  readonly terminal: boolean;
  readonly version: string;
}

export function greeting(facts: GreetingFacts): string {
  const { server, coverage, terminal } = facts;
  const bold = (text: string): string =>
    terminal && process.env['NO_COLOR'] === undefined ? styleText('bold', text) : text;
  const dim = (text: string): string =>
    terminal && process.env['NO_COLOR'] === undefined ? styleText('dim', text) : text;
  const lines = [
    '',
    `  ${bold('Undercroft')} ${facts.version} is running`,
    '',
    `  Console    ${bold(server.url ?? '')}`,
  ];
  // A link that signs in belongs on a terminal; in a log it is only shown where nobody could sign in without it.
  if (server.signInLink !== undefined && (terminal || server.firstRun)) {
    lines.push(
      `  Sign in    ${bold(server.signInLink)}`,
      `             ${dim(server.firstRun ? 'works once: it makes you the owner' : 'works once, for the owner, for 15 minutes')}`,
    );
  }
  const watched = coverage.filter((line) => line.state === 'ok' || line.state === 'warning');
  const not = coverage.filter((line) => line.state === 'off' || line.state === 'failed');
  if (watched.length > 0) lines.push('', ...entries('Watching', watched, dim));
  if (not.length > 0) lines.push('', ...entries('Not', not, dim));
  lines.push('', `  ${dim(`State is kept in ${facts.dataDir}. Ctrl-C stops everything.`)}`, '', '');
  return lines.join('\n');
}

function entries(title: string, lines: readonly CoverageLine[], dim: (text: string) => string): string[] {
  const width = Math.max(...lines.map((line) => line.feature.length));
  return lines.flatMap((line, index) => {
    const head = (index === 0 ? title : '').padEnd(11);
    const first = `  ${head}${line.feature.padEnd(width)}  ${line.text}`;
    return line.fix === undefined ? [first] : [first, `  ${' '.repeat(11 + width)}  ${dim(line.fix)}`];
  });
}

/** Why a role cannot start yet. */
export function trouble(role: string, message: string, fix: string | undefined): string {
  return `\n  The ${role} cannot start: ${message}\n${fix === undefined ? '' : `  ${fix}\n`}  Trying again until it works; Ctrl-C ends.\n`;
}
