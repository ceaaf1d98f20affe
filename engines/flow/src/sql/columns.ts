/** ra's fields as columns: their types in SQL, and their values. What has no value of its type is null. */
import { isIP } from 'node:net';
import { styleOf } from '../ra/client/style.ts';
import type { Position, Style } from '../ra/fields/field.ts';
import { type Column, FIELDS } from '../ra/fields/table.ts';
import type { Settings } from '../ra/options/settings.ts';
import { Cell } from '../ra/text/cell.ts';
import type { FlowRecord } from '../record/record.ts';

export type SqlType = 'timestamptz' | 'inet' | 'macaddr' | 'bigint' | 'double precision' | 'text';

export interface SqlColumn {
  readonly name: string;
  readonly type: SqlType;
}

const TIMES = 'stime ltime sstime sltime dstime dltime';
const ADDRESSES = 'saddr daddr snet dnet laddr raddr lnet rnet inode';
const MACS = 'smac dmac';
const WHOLE = `seq trans sport dport icmpid svlan dvlan svid dvid svpri dvpri stos dtos sttl dttl shops dhops sipid dipid
  bytes sbytes dbytes appbytes sappbytes dappbytes pkts spkts dpkts loss sloss dloss retrans sretrans dretrans
  nacks snacks dnacks solo ssolo dsolo first sfirst dfirst smaxsz sminsz dmaxsz dminsz swin dwin stcpb dtcpb
  stcpmax dtcpmax sgap dgap sas das ias nstroke snstroke dnstroke bins binnum`;
const FRACTIONS = `dur sdur ddur mean min max sum runtime stddev idle load sload dload rate srate drate
  ploss sploss dploss pretrans spretrans dpretrans pnacks spnacks dpnacks psolo spsolo dpsolo pfirst spfirst dpfirst
  smeansz dmeansz abr pcr tf stf dtf tcprtt synack ackdat
  sintpkt dintpkt sintpktact dintpktact sintpktidl dintpktidl sintpktmax sintpktmin dintpktmax dintpktmin
  sintpktactmax sintpktactmin dintpktactmax dintpktactmin sintpktidlmax sintpktidlmin dintpktidlmax dintpktidlmin
  sjit djit sjitact djitact sjitidl djitidl`;

const TYPES: ReadonlyMap<string, SqlType> = new Map(
  (
    [
      [TIMES, 'timestamptz'],
      [ADDRESSES, 'inet'],
      [MACS, 'macaddr'],
      [WHOLE, 'bigint'],
      [FRACTIONS, 'double precision'],
    ] as const
  ).flatMap(([names, type]) => names.split(/\s+/).map((name) => [name, type] as const)),
);

/** Columns that a table has anyway, or that say where a record lay and not what it is. */
const OWN = new Set(['autoid', 'offset', 'rank']);
/** By these `rasql -t` finds its records. */
const NEEDED = ['stime', 'ltime'];

/** @param selected of `-s` @param keys columns that must be there too */
export function sqlColumns(selected: readonly Column[], keys: readonly string[]): readonly SqlColumn[] {
  const names = new Set([...NEEDED, ...keys, ...selected.map(({ field }) => field.name)]);
  return [...names].filter((name) => FIELDS.has(name) && !OWN.has(name)).map((name) => ({ name, type: typeOf(name) }));
}

function typeOf(name: string): SqlType {
  return TYPES.get(name) ?? 'text';
}

const MICROSECOND_DIGITS = 6;
/** Numbers for ports and protocols. */
const NUMERIC = 2;

export class ColumnValues {
  readonly #style: Style;
  readonly #cell = new Cell();
  readonly #position: Position = { offset: 0, rank: 0 };

  constructor(settings: Settings) {
    const exact = { unixTime: true, digits: MICROSECOND_DIGITS, numeric: NUMERIC, abbreviated: false };
    this.#style = styleOf({ ...settings, ...exact });
  }

  /** @returns the value as PostgreSQL reads it */
  of({ name, type }: SqlColumn, record: FlowRecord): string | null {
    const field = FIELDS.get(name);
    if (field === undefined) return null;
    const cell = this.#cell;
    cell.start(field.width);
    field.write(cell, record, this.#style, this.#position);
    return READERS[type](cell.toString().trim());
  }
}

const READERS: Readonly<Record<SqlType, (text: string) => string | null>> = {
  timestamptz(text) {
    const [, seconds, fraction = ''] = /^(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
    if (seconds === undefined || Number(seconds) === 0) return null;
    return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${fraction.padEnd(6, '0')}Z`;
  },
  inet: (text) => (isIP(text.split('/')[0] ?? '') > 0 ? text : null),
  macaddr: (text) => (/^[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5}$/.test(text) ? text : null),
  bigint(text) {
    if (/^-?\d+$/.test(text)) return text;
    return /^0x[0-9a-f]+$/.test(text) ? String(Number.parseInt(text, 16)) : null;
  },
  'double precision': (text) => (text !== '' && Number.isFinite(Number(text)) ? text : null),
  text: (text) => (text === '' ? null : text.replaceAll('\0', '')),
};
