/** What an ra client was asked to do, by its command line and its configuration files. */
import type { TcpFlagSides, UserDataPrinter } from '../fields/field.ts';
import { type Column, DEFAULT_COLUMNS } from '../fields/table.ts';
import { DEFAULT_TIME_FORMAT } from '../text/clock.ts';
import type { TimeRange } from '../time/range.ts';

/** Wrong use: the client prints its help and ends with 1. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** An error that the client says and ends with. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

export interface WriteTarget {
  readonly path: string;
  readonly filter: string;
}

/** A place among records, first to last, from 1; no last for all. */
export interface CountRange {
  first: number;
  last: number;
}

export interface Settings {
  files: string[];
  folders: string[];
  /** `host[:port]`, an URI or a path, as `-S` names it. */
  remotes: string[];
  columns: Column[];
  delimiter: number;
  variableWidth: boolean;
  quote: number;
  dotBeforePort: boolean;
  numeric: number;
  digits: number;
  unixTime: boolean;
  timeFormat: string;
  timeZone: string | undefined;
  abbreviated: boolean;
  tcpStates: boolean;
  tcpFlags: TcpFlagSides;
  printer: UserDataPrinter;
  cidr: 'no' | 'yes' | 'strict';
  asNumbers: 'asplain' | 'asdot' | 'asdot+';
  disa: boolean;
  quiet: boolean;
  summary: boolean;
  /** -1 labels once, 0 none, n every n records. */
  labelEvery: number;
  printManagement: boolean;
  printEvents: boolean;
  input: CountRange;
  output: CountRange;
  timeRange: TimeRange | undefined;
  runSeconds: number;
  filter: string;
  remoteFilter: string;
  writes: WriteTarget[];
  rejects: string | undefined;
  grep: { readonly pattern: string; readonly source: boolean; readonly destination: boolean } | undefined;
  labelPattern: string | undefined;
  /** `-m`, as they came. */
  masks: string[];
  /** `-M`, as they came, without those that set something above. */
  modes: string[];
  sortFields: string[];
  flowModelFile: string | undefined;
  /** `-B`, seconds. */
  holdSeconds: number;
  dumpFilter: boolean;
  xml: boolean;
  json: boolean;
  vendorsFile: string | undefined;
  showVendors: boolean;
  /** Turns records of unknown direction by their ports. */
  portDirection: { readonly services: boolean; readonly wellKnown: boolean; readonly registered: boolean };
  stripParts: string | undefined;
  flags: ReadonlyMap<string, number>;
  /** Options of single programs: `-a`, `-i`, `-v`, `-Q`, `-H` with a value ... */
  values: Map<string, string[]>;
}

export const DEFAULT_DIGITS = 6;

export function defaultSettings(): Settings {
  return {
    files: [],
    folders: [],
    remotes: [],
    columns: [...DEFAULT_COLUMNS],
    delimiter: 0,
    variableWidth: false,
    quote: 0,
    dotBeforePort: true,
    numeric: 1,
    digits: DEFAULT_DIGITS,
    unixTime: false,
    timeFormat: DEFAULT_TIME_FORMAT,
    timeZone: undefined,
    abbreviated: false,
    tcpStates: false,
    tcpFlags: '',
    printer: 'ascii',
    cidr: 'no',
    asNumbers: 'asplain',
    disa: false,
    quiet: false,
    summary: false,
    labelEvery: -1,
    printManagement: false,
    printEvents: false,
    input: { first: 0, last: Number.POSITIVE_INFINITY },
    output: { first: 0, last: Number.POSITIVE_INFINITY },
    timeRange: undefined,
    runSeconds: 0,
    filter: '',
    remoteFilter: '',
    writes: [],
    rejects: undefined,
    grep: undefined,
    labelPattern: undefined,
    masks: [],
    modes: [],
    sortFields: [],
    flowModelFile: undefined,
    holdSeconds: 0,
    dumpFilter: false,
    xml: false,
    json: false,
    vendorsFile: undefined,
    showVendors: false,
    portDirection: { services: false, wellKnown: false, registered: false },
    stripParts: undefined,
    flags: new Map(),
    values: new Map(),
  };
}
