/** The options of each kind of check as a form asks for them, to and from the JSON of the API. Pure. */
import type { JsonObject, JsonValue } from '../api/types.ts';
import type { CheckKind } from './data.ts';

export interface OptionField {
  readonly key: string;
  readonly label: string;
  readonly type: 'text' | 'number' | 'list' | 'flag' | 'command';
  readonly required?: boolean;
  readonly placeholder?: string;
  readonly hint?: string;
}

const LIMITS_MS: readonly OptionField[] = [
  { key: 'warnMs', label: 'Warn above, ms', type: 'number' },
  { key: 'critMs', label: 'Critical above, ms', type: 'number' },
];

export const KIND_WORDS: Readonly<Record<CheckKind, string>> = {
  http: 'Web page',
  tcp: 'TCP port',
  tls: 'Certificate',
  dns: 'Name',
  ping: 'Ping',
  plugin: 'Monitoring plugin',
};

export const KIND_OPTIONS: Readonly<Record<CheckKind, readonly OptionField[]>> = {
  http: [
    { key: 'url', label: 'Address', type: 'text', required: true, placeholder: 'https://example.net/' },
    { key: 'expect', label: 'The page must contain', type: 'text' },
    {
      key: 'status',
      label: 'Accepted answers',
      type: 'list',
      placeholder: '200, 301',
      hint: 'Any below 400 if empty.',
    },
    ...LIMITS_MS,
    { key: 'insecure', label: 'Accept any certificate', type: 'flag' },
  ],
  tcp: [
    { key: 'host', label: 'Host', type: 'text', required: true, placeholder: '10.0.0.5' },
    { key: 'port', label: 'Port', type: 'number', required: true, placeholder: '22' },
    { key: 'send', label: 'Send', type: 'text' },
    { key: 'expect', label: 'The answer must contain', type: 'text', placeholder: 'SSH-2.0' },
    ...LIMITS_MS,
  ],
  tls: [
    { key: 'host', label: 'Host', type: 'text', required: true, placeholder: 'mail.example.net' },
    { key: 'port', label: 'Port', type: 'number', placeholder: '443' },
    { key: 'name', label: 'Name in the certificate', type: 'text', hint: 'The host if empty.' },
    { key: 'warnDays', label: 'Warn below, days', type: 'number' },
    { key: 'critDays', label: 'Critical below, days', type: 'number' },
    { key: 'selfSigned', label: 'Accept a self-signed certificate', type: 'flag' },
  ],
  dns: [
    { key: 'name', label: 'Name', type: 'text', required: true, placeholder: 'example.net' },
    { key: 'type', label: 'Type', type: 'text', placeholder: 'A' },
    { key: 'server', label: 'Server', type: 'text', hint: 'The system’s if empty.' },
    { key: 'expect', label: 'Among the answers', type: 'list', placeholder: '203.0.113.7' },
    ...LIMITS_MS,
  ],
  ping: [
    { key: 'host', label: 'Host', type: 'text', required: true, placeholder: '10.0.0.5' },
    { key: 'count', label: 'Packets', type: 'number', placeholder: '5' },
    ...LIMITS_MS,
    { key: 'warnLossPercent', label: 'Warn above, % lost', type: 'number' },
    { key: 'critLossPercent', label: 'Critical above, % lost', type: 'number' },
  ],
  plugin: [
    {
      key: 'command',
      label: 'Command',
      type: 'command',
      required: true,
      placeholder: '/usr/lib/nagios/plugins/check_disk -w 10% -c 5% /',
      hint: 'Exit code 0 is well, 1 warns, 2 is critical, 3 unknown.',
    },
  ],
};

export type OptionTexts = Readonly<Record<string, string>>;

export function optionTexts(kind: CheckKind, options: JsonObject): OptionTexts {
  return Object.fromEntries(KIND_OPTIONS[kind].map((field) => [field.key, textOf(options[field.key], field)]));
}

export interface OptionsRead {
  readonly options: JsonObject;
  /** By field; empty when all is well. */
  readonly errors: Readonly<Record<string, string>>;
}

export function readOptions(kind: CheckKind, texts: OptionTexts): OptionsRead {
  const options: Record<string, JsonValue> = {};
  const errors: Record<string, string> = {};
  for (const field of KIND_OPTIONS[kind]) {
    const text = (texts[field.key] ?? '').trim();
    if (text === '') {
      if (field.required === true) errors[field.key] = `${field.label} is needed.`;
      continue;
    }
    if (field.type === 'number') {
      const value = Number(text);
      if (Number.isFinite(value)) options[field.key] = value;
      else errors[field.key] = 'A number is needed here.';
    } else if (field.type === 'list') {
      const parts = text.split(/[\s,]+/).filter((part) => part !== '');
      options[field.key] = field.key === 'status' ? parts.map(Number) : parts;
      if (field.key === 'status' && parts.some((part) => !/^[1-5]\d\d$/.test(part))) {
        errors[field.key] = 'Numbers from 100 to 599, with commas between.';
      }
    } else if (field.type === 'flag') {
      if (text === 'true') options[field.key] = true;
    } else {
      options[field.key] = text;
    }
  }
  return { options, errors };
}

/** The command or the address in one line, as a list shows it. */
export function optionsLine(kind: CheckKind, options: JsonObject): string {
  const [main, second] = KIND_OPTIONS[kind];
  const first = textOf(options[main?.key ?? ''], main);
  const port = kind === 'tcp' || kind === 'tls' ? textOf(options['port'], second) : '';
  return port === '' ? first : `${first}:${port}`;
}

function textOf(value: JsonValue | undefined, field: OptionField | undefined): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) {
    return field?.type === 'command' ? value.map((word) => shellWord(String(word))).join(' ') : value.join(', ');
  }
  return String(value);
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
