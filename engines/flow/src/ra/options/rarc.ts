/** rarc files: what a client does unless told otherwise. */
import { readFileSync } from 'node:fs';
import { selectColumns } from '../fields/table.ts';
import { parseTimeRange } from '../time/range.ts';
import { ClientError, type Settings } from './settings.ts';

const MAX_RARC_BYTES = 1024 * 1024;
/** Without options that forbid it these are read, in this order; the last only until one is found. */
const SYSTEM_FILE = '/etc/ra.conf';
const HOME_VARIABLES = ['ARGUSHOME', 'HOME'] as const;

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  '\\': '\\',
};

type Setter = (settings: Settings, value: string) => void;

const isYes = (value: string): boolean => value.toLowerCase().startsWith('yes');

const KEYS: Readonly<Record<string, Setter>> = {
  RA_ARGUS_SERVER: (s, v) => s.remotes.push(v),
  RA_INPUT_FILE: (s, v) => s.files.push(v),
  RA_NO_OUTPUT: (s, v) => {
    s.quiet = isYes(v);
  },
  RA_OUTPUT_FILE(s, v) {
    const [path = '', ...filter] = v.split(' ');
    s.writes.push({ path, filter: filter.join(' ').replaceAll('"', '') });
  },
  RA_EXCEPTION_OUTPUT_FILE: (s, v) => {
    s.rejects = v;
  },
  RA_TIMERANGE: (s, v) => {
    s.timeRange = parseTimeRange(v, s.timeZone);
  },
  RA_RUN_TIME: (s, v) => {
    s.runSeconds = whole(v);
  },
  RA_FIELD_DELIMITER(s, v) {
    const text = v.replace(/^.*?'/, '').replace(/'$/, '');
    if (text === '') return;
    s.delimiter = (text[0] === '\\' ? (ESCAPES[text[1] ?? ''] ?? '\0') : text).charCodeAt(0);
    s.variableWidth = true;
  },
  RA_FIELD_QUOTED: (s, v) => {
    s.quote = v.toLowerCase().startsWith('double') ? 34 : v.toLowerCase().startsWith('single') ? 39 : s.quote;
  },
  RA_FIELD_WIDTH: (s, v) => {
    s.variableWidth = v.toLowerCase().startsWith('var');
  },
  RA_TIME_FORMAT: (s, v) => {
    s.timeFormat = v;
  },
  RA_TZ: (s, v) => {
    s.timeZone = v;
  },
  RA_USEC_PRECISION: (s, v) => {
    s.digits = whole(v);
  },
  RA_PRINT_SUMMARY: (s, v) => {
    s.summary = isYes(v);
  },
  RA_PRINT_NAMES(s, v) {
    const level = ['all', 'port', 'proto', 'none'].findIndex((word) => v.toLowerCase().startsWith(word));
    if (level >= 0) s.numeric = level;
  },
  RA_CIDR_ADDRESS_FORMAT: (s, v) => {
    s.cidr = isYes(v) ? 'yes' : v.toLowerCase().startsWith('str') ? 'strict' : 'no';
  },
  RA_ASN_PRINT_FORMAT: (s, v) => {
    s.asNumbers = v.startsWith('asdot+') ? 'asdot+' : v.startsWith('asdot') ? 'asdot' : 'asplain';
  },
  RA_FLOW_MODEL: (s, v) => {
    s.flowModelFile = v;
  },
  RA_PRINT_MAN_RECORDS: (s, v) => {
    s.printManagement = isYes(v);
  },
  RA_PRINT_EVENT_RECORDS: (s, v) => {
    s.printEvents = isYes(v);
  },
  RA_PRINT_LABELS: (s, v) => {
    s.labelEvery = labelEvery(v);
  },
  RA_PRINT_UNIX_TIME: (s, v) => {
    s.unixTime = isYes(v);
  },
  RA_PRINT_TCPSTATES: (s, v) => {
    s.tcpStates = isYes(v);
  },
  RA_PRINT_TCPFLAGS: (s, v) => {
    s.tcpFlags = v[0] === 's' || v[0] === 'd' || v[0] === 'b' ? v[0] : '';
  },
  RAMON_MODE: (s, v) => s.modes.push(v),
  RA_NUMBER: (s, v) => {
    s.input = { first: 0, last: whole(v) };
  },
  RA_USERDATA_ENCODE: (s, v) => {
    s.printer = printerOf(v) ?? 'encode64';
  },
  RA_FILTER: (s, v) => {
    s.filter = v.replaceAll('"', '');
  },
  RA_FIELD_SPECIFIER: (s, v) => {
    s.columns = selectColumns([v], s.columns);
  },
  RA_SORT_ALGORITHMS: (s, v) => {
    s.sortFields = v.split(/[ ,]+/).filter((word) => word !== '');
  },
  RA_PRINT_ETHERNET_VENDORS: (s, v) => {
    s.showVendors = isYes(v);
  },
  RA_ETHERNET_VENDORS: (s, v) => {
    s.vendorsFile = v;
  },
  RA_PORT_DIRECTION: (s, v) => {
    s.portDirection = {
      services: v.includes('services'),
      wellKnown: v.includes('wellknown'),
      registered: v.includes('registered'),
    };
  },
  RA_SEPARATE_ADDR_FROM_PORT_WITH_PERIOD: (s, v) => {
    s.dotBeforePort = isYes(v);
  },
};

/** Keys of other programs and of parts that Undercroft does elsewhere: known, and without effect here. */
const IGNORED = /^(?:RA_|RADIUM_|ARGUS_|RAHISTO_|RASQL_|RALABEL_|RANON_|MYSQL_|RATOP_|RACLUSTER_|RAMON_)[A-Z0-9_]*=/;

function whole(text: string): number {
  const value = Number.parseInt(text, 10);
  return Number.isNaN(value) ? 0 : value;
}

/** `-L`: 0 once, -1 never. */
export function labelEvery(text: string): number {
  const value = whole(text);
  return value === 0 ? -1 : value === -1 ? 0 : value;
}

export function printerOf(text: string): Settings['printer'] | null {
  const word = text.toLowerCase();
  if (word.startsWith('hex')) return 'hex';
  if (word.startsWith('ascii')) return 'ascii';
  if (word.startsWith('ob')) return 'obfuscate';
  if (word.startsWith('encode64')) return 'encode64';
  return word.startsWith('encode32') ? 'encode32' : null;
}

/** @throws ClientError when the file cannot be read or a line is none of ours */
export function readRarc(settings: Settings, path: string): void {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').slice(0, MAX_RARC_BYTES);
  } catch (error) {
    throw new ClientError(`${path}: ${(error as Error).message}`);
  }
  for (const [at, line] of text.split('\n').entries()) applyLine(settings, line.trim(), path, at + 1);
}

function applyLine(settings: Settings, line: string, path: string, number: number): void {
  if (line === '' || line.startsWith('#') || line.startsWith('!')) return;
  const at = line.indexOf('=');
  const setter = at < 0 ? undefined : KEYS[line.slice(0, at)];
  if (setter === undefined) {
    if (IGNORED.test(line)) return;
    throw new ClientError(`${path}: syntax error line ${number}`);
  }
  const value = line
    .slice(at + 1)
    .replace(/^"+/, '')
    .replace(/"+$/, '');
  if (value !== '') setter(settings, value);
}

/** The files that count when none are named: /etc/ra.conf, then the first .rarc of ARGUSPATH or of the homes. */
export function readDefaultRarc(settings: Settings, env: Readonly<Record<string, string | undefined>>): void {
  readIfThere(settings, SYSTEM_FILE);
  if (env.ARGUSHOME !== undefined) readIfThere(settings, `${env.ARGUSHOME}/ra.conf`);
  const homes = env.ARGUSPATH?.split(':') ?? HOME_VARIABLES.flatMap((name) => env[name] ?? []);
  for (const home of homes) if (readIfThere(settings, `${home}/.rarc`)) return;
}

function readIfThere(settings: Settings, path: string): boolean {
  try {
    readFileSync(path);
  } catch {
    return false;
  }
  readRarc(settings, path);
  return true;
}
