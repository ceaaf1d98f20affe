/** What a plugin printed and how it ended, as Nagios reads it. */
import type { CheckResult, PerfDatum } from '@undercroft/kernel';
import { MAX_PERFDATA, parsePerfdata } from './perfdata.ts';

const STATES = ['ok', 'warning', 'critical', 'unknown'] as const;

export interface PluginEnd {
  readonly stdout: string;
  readonly stderr: string;
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal?: string | null;
}

export type PluginReading = Pick<CheckResult, 'state' | 'output' | 'longOutput' | 'perfdata'>;

/** Text up to `|` is output, then performance data; later lines are long output, and behind another `|` more data. */
export function readPlugin(end: PluginEnd): PluginReading {
  const state = STATES[end.exitCode ?? -1];
  const { output, longOutput, perfdata } = splitOutput(end.stdout);
  if (end.exitCode === null)
    return {
      state: 'unknown',
      output: `(Plugin was ended by ${end.signal ?? 'a signal'})${stderrOf(end)}`,
      longOutput,
      perfdata,
    };
  const text = output !== '' ? output : `(No output on stdout)${stderrOf(end)}`;
  if (state !== undefined) return { state, output: text, longOutput, perfdata };
  const reason =
    end.exitCode === 126
      ? 'it may not be executed'
      : end.exitCode === 127
        ? 'there is no such plugin'
        : 'out of bounds';
  return {
    state: 'critical',
    output: `(Return code of ${end.exitCode}: ${reason})${output === '' ? stderrOf(end) : ` ${output}`}`,
    longOutput,
    perfdata,
  };
}

function splitOutput(stdout: string): { output: string; longOutput: string; perfdata: readonly PerfDatum[] } {
  const lines = stdout.replace(/\r\n/g, '\n').split('\n');
  const first = lines[0] ?? '';
  const bar = first.indexOf('|');
  const data = [bar === -1 ? '' : first.slice(bar + 1)];
  const long: string[] = [];
  let inData = false;
  for (const line of lines.slice(1)) {
    const cut = inData ? 0 : line.indexOf('|');
    if (inData) data.push(line);
    else if (cut === -1) long.push(line);
    else {
      if (cut > 0) long.push(line.slice(0, cut));
      data.push(line.slice(cut + 1));
      inData = true;
    }
  }
  return {
    output: (bar === -1 ? first : first.slice(0, bar)).trim(),
    longOutput: long.join('\n').trim(),
    perfdata: parsePerfdata(data.join(' ')).slice(0, MAX_PERFDATA),
  };
}

function stderrOf(end: PluginEnd): string {
  const text = end.stderr.trim().slice(0, 500);
  return text === '' ? '' : ` stderr: ${text}`;
}
