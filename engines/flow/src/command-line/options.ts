/** Options that the questions share, and the addresses that they become. */
import { type CommandCall, type CommandOption, UndercroftError } from '@undercroft/kernel';

/** What narrows a question: names of the API's own parameters. */
export const FILTER_OPTIONS: Readonly<Record<string, CommandOption>> = {
  from: { type: 'string', value: 'TIME', summary: 'ISO time, or -15m, -2h, -7d; the last hour if absent' },
  to: { type: 'string', value: 'TIME', summary: 'the same; now if absent' },
  address: { type: 'string', value: 'IP', summary: 'either end' },
  source: { type: 'string', value: 'IP', summary: 'who began it' },
  destination: { type: 'string', value: 'IP', summary: 'who was called' },
  port: { type: 'string', value: 'N', summary: "either end's port" },
  protocol: { type: 'string', value: 'NAME', summary: 'tcp, udp, icmp, ...' },
  application: { type: 'string', value: 'NAME', summary: 'what was spoken: tls, dns, ssh, ...' },
  state: { type: 'string', value: 'NAME', summary: 'CON, FIN, RST, REQ, ...' },
  origin: { type: 'string', value: 'NAME', summary: 'the sensor or exporter that saw it' },
};

const MAX_ROWS = 1000;

export const LIMIT_OPTION: Readonly<Record<string, CommandOption>> = {
  limit: { type: 'string', short: 'n', value: 'N', summary: `at most so many, up to ${MAX_ROWS}`, default: '20' },
};

/** @param names of options that go along as they are, those that are absent left out */
export function questionPath(path: string, call: CommandCall, names: readonly string[]): string {
  const query = new URLSearchParams();
  for (const name of names) {
    const value = call.options[name];
    if (typeof value === 'string') query.set(name, value);
  }
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** @throws UndercroftError `cli.usage` for what is none of `choices` */
export function oneOf(call: CommandCall, name: string, choices: readonly string[], command: string): string {
  const value = String(call.options[name] ?? choices[0]);
  if (choices.includes(value)) return value;
  throw new UndercroftError('cli.usage', `--${name} takes one of ${choices.join(', ')}`, {
    fix: `undercroft flow ${command} --help`,
  });
}

const UNITS = ['', 'K', 'M', 'G', 'T', 'P'] as const;

/** 1234567 becomes 1.2M; for tables, JSON has whole numbers. */
export function short(value: number): string {
  let rest = value;
  let unit = 0;
  while (Math.abs(rest) >= 999.5 && unit < UNITS.length - 1) {
    rest /= 1000;
    unit += 1;
  }
  return unit === 0 ? String(Math.round(rest)) : `${rest.toFixed(rest < 10 ? 1 : 0)}${UNITS[unit]}`;
}

export function isJson(call: CommandCall): boolean {
  return (call.options['output'] ?? call.env['UNDERCROFT_OUTPUT']) === 'json';
}
