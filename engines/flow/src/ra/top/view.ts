/** The lines of ratop's screen. */
import type { FlowRecord } from '../../record/record.ts';
import type { Position } from '../fields/field.ts';
import type { RowWriter } from '../fields/row.ts';

export interface ViewState {
  readonly title: string;
  readonly clock: string;
  readonly status: string;
  /** The last line: keys, a question or an error. */
  readonly prompt: string;
  readonly isError: boolean;
  readonly sortHeader: string;
  readonly firstRow: number;
  readonly firstColumn: number;
  /** Numbers of the flows in order. */
  readonly order: readonly number[];
  readonly at: (number: number) => FlowRecord;
}

/** Lines that are not flows: title, names, status, keys. */
export const FRAME_LINES = 4;

const REVERSE = '\x1b[7m';
const BOLD = '\x1b[1m';
const DIM = '\x1b[2m';
const RED = '\x1b[31m';
const UNDERLINE = '\x1b[4m';
const PLAIN = '\x1b[0m';

export function viewLines(state: ViewState, rows: RowWriter, width: number, height: number): string[] {
  const body = Math.max(0, height - FRAME_LINES);
  const room = Math.max(0, width - state.clock.length - 2);
  const lines = [`${BOLD}${cut(state.title, room).padEnd(room)}${PLAIN}  ${state.clock}`];
  lines.push(namesLine(rows.header(), state, width));
  const position: Position = { offset: 0, rank: 0 };
  for (let i = 0; i < body; i += 1) {
    const number = state.order[state.firstRow + i];
    if (number === undefined) {
      lines.push('');
      continue;
    }
    position.rank = state.firstRow + i + 1;
    const count = rows.write(state.at(number), position);
    lines.push(
      printable(rows.line.toString('latin1', 0, count - 1)).slice(state.firstColumn, state.firstColumn + width),
    );
  }
  lines.push(`${DIM}${cut(state.status, width)}`);
  lines.push(state.isError ? `${RED}${cut(state.prompt, width)}` : cut(state.prompt, width));
  return lines.slice(-height);
}

/** Names in reverse, the one that is sorted by underlined. */
function namesLine(header: string, { sortHeader, firstColumn }: ViewState, width: number): string {
  const shown = header.slice(firstColumn, firstColumn + width).padEnd(width);
  const found = new RegExp(`(?<=^|\\s)${sortHeader.replace(/[^\w]/g, '\\$&')}(?=\\s|$)`).exec(shown);
  if (sortHeader === '' || found === null) return `${REVERSE}${shown}`;
  const end = found.index + sortHeader.length;
  return `${REVERSE}${shown.slice(0, found.index)}${BOLD}${UNDERLINE}${sortHeader}${PLAIN}${REVERSE}${shown.slice(end)}`;
}

/** User data and labels must not move the terminal's cursor. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, '.');
}

function cut(text: string, width: number): string {
  const clean = printable(text);
  return clean.length <= width ? clean : `${clean.slice(0, Math.max(0, width - 1))}>`;
}
