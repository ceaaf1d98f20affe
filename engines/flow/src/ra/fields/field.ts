/** What a column is, and what all columns share. */
import type { FlowRecord } from '../../record/record.ts';
import type { Cell } from '../text/cell.ts';
import type { ClockText } from '../text/clock.ts';
import type { ServiceNames } from '../text/names.ts';

export type UserDataPrinter = 'ascii' | 'obfuscate' | 'hex' | 'encode32' | 'encode64';
export type TcpFlagSides = '' | 's' | 'd' | 'b';

/** How values are written: what ra's options -n -p -H -z -Z -M ... ask for. */
export interface Style {
  /** Digits after the point, `-p`. */
  readonly digits: number;
  /** 1 names of ports and protocols, 2 numbers for ports, 3 numbers for protocols too; ra's count of `-n`. */
  readonly numeric: number;
  /** `-H`: 1.5K for 1500. */
  readonly abbreviated: boolean;
  /** `-z`: letters for the TCP states that were seen. */
  readonly tcpStates: boolean;
  /** `-Z`: letters for the TCP flags of these sides. */
  readonly tcpFlags: TcpFlagSides;
  readonly printer: UserDataPrinter;
  readonly clock: ClockText;
  readonly services: ServiceNames;
  readonly diffServNames: ReadonlyMap<number, string>;
  /** Addresses as prefixes: never, where they are shorter than whole, always. */
  readonly cidr: 'no' | 'yes' | 'strict';
  readonly asNumbers: 'asplain' | 'asdot' | 'asdot+';
  /** Names of makers by the first three bytes of a MAC. */
  readonly vendors: ReadonlyMap<number, string>;
  readonly showVendors: boolean;
  /** `-M rmon`: each record is told twice, from each host's side. */
  readonly rmon: boolean;
  /** Seconds since 1970, now. */
  readonly nowS: () => number;
}

/** Where a record stands in what is read and printed. */
export interface Position {
  /** Bytes from the beginning of its file. */
  offset: number;
  /** Number among the records printed, from 1. */
  rank: number;
}

export type FieldWriter = (cell: Cell, record: FlowRecord, style: Style, position: Position) => void;

export interface Field {
  readonly name: string;
  readonly header: string;
  /** Characters, without what a fraction of a second adds. */
  readonly width: number;
  readonly write: FieldWriter;
  readonly kind: FieldKind;
}

/** `time` widens by the digits of its fraction, `data` by the frame around user data; `flags` keeps its spaces. */
export type FieldKind = 'plain' | 'time' | 'data' | 'flags' | 'direction';
