/** Which record: columns of its maker, number, cause and place. */
import {
  CAUSE,
  CAUSE_ERROR,
  CAUSE_SHUTDOWN,
  CAUSE_START,
  CAUSE_STATUS,
  CAUSE_STOP,
  CAUSE_TIMEOUT,
  HAS_TRANSPORT,
  MANAGEMENT,
  MAR_NEXT,
  SEQUENCE,
  SOURCE_ID,
  SOURCE_ID_KIND,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { transactions } from '../record/measures.ts';
import { writeIpv4, writeIpv6 } from '../text/address.ts';
import type { Cell } from '../text/cell.ts';
import type { Field, FieldWriter } from './field.ts';
import { isManagement } from './times.ts';

const ID_NUMBER = 0x20;
const ID_STRING = 0x21;
const ID_UUID = 0x22;
const ID_IPV6 = 2;

const CAUSES = new Map([
  [CAUSE_START, 'Start'],
  [CAUSE_STATUS, 'Status'],
  [CAUSE_STOP, 'Stop'],
  [CAUSE_SHUTDOWN, 'Shutdown'],
  [CAUSE_TIMEOUT, 'Timeout'],
  [CAUSE_ERROR, 'Error'],
]);

export function writeSourceId(cell: Cell, record: FlowRecord): void {
  const at = (record.base + SOURCE_ID) * 4;
  const { bytes } = record;
  switch (record.get(SOURCE_ID_KIND)) {
    case ID_NUMBER:
      cell.whole(bigEndian(bytes, at) | 0);
      return;
    case ID_STRING:
      for (let i = 0; i < 4 && bytes[at + i] !== 0; i += 1) cell.byte(bytes[at + i] as number);
      return;
    case ID_IPV6:
      writeIpv6(cell, bytes, at);
      return;
    case ID_UUID:
      for (let i = 0; i < 16; i += 1) {
        if (i === 4 || i === 6 || i === 8 || i === 10) cell.text('-');
        cell.hex(bytes[at + i] as number, 2);
      }
      return;
    default:
      writeIpv4(cell, bytes, at);
  }
}

function bigEndian(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

const sourceId: FieldWriter = (cell, record) => {
  if (isManagement(record) || record.has(HAS_TRANSPORT)) writeSourceId(cell, record);
};

const sequence: FieldWriter = (cell, record) => {
  if (isManagement(record)) cell.whole(record.get(MANAGEMENT + MAR_NEXT));
  else if (record.has(HAS_TRANSPORT)) cell.whole(record.get(SEQUENCE));
};

const nothing: FieldWriter = () => {};

function plain(name: string, header: string, width: number, write: FieldWriter): Field {
  return { name, header, width, write, kind: 'plain' };
}

export const IDENTITY_FIELDS: readonly Field[] = [
  plain('srcid', 'SrcId', 18, sourceId),
  plain('seq', 'Seq', 12, sequence),
  plain('trans', 'Trans', 6, (cell, record) => {
    if (!isManagement(record)) cell.whole(transactions(record));
  }),
  plain('cause', 'Cause', 7, (cell, record) => cell.text(CAUSES.get(record.get(CAUSE)) ?? 'Unknown')),
  plain('rank', 'Rank', 6, (cell, _record, _style, position) => {
    if (position.rank > 0) cell.whole(position.rank);
  }),
  plain('autoid', 'AutoId', 6, (cell) => cell.whole(0)),
  plain('offset', 'Offset', 12, (cell, _record, _style, position) => cell.whole(position.offset)),
  plain('bins', 'Bins', 6, nothing),
  plain('binnum', 'Bin', 6, nothing),
  plain('srng', 'SRange', 6, nothing),
  plain('erng', 'ERange', 6, nothing),
  plain('jdelay', 'JDelay', 12, nothing),
  plain('ldelay', 'LDelay', 12, nothing),
];
