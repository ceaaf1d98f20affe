/** Columns of TCP: windows, sequence numbers, round trips, gaps, options. */
import { SIDE_SEQUENCE_BASE, TCP_DESTINATION, TCP_OPTIONS, TCP_SOURCE } from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import {
  ackData,
  DESTINATION,
  gap,
  hasTcpState,
  packets,
  roundTrip,
  type Side,
  SOURCE,
  synAck,
  tcpMax,
  windowBytes,
} from '../record/measures.ts';
import { type Cell, RIGHT_CLIP } from '../text/cell.ts';
import type { Field, FieldWriter, Style } from './field.ts';
import { writeCount, writeMeasure } from './numbers.ts';
import { isManagement } from './times.ts';

/** Letters of the options by their bit, from 0x100000 up. */
const OPTION_LETTERS = 'MwsSeETcNOSD';
const OPTIONS_SHIFT = 20;

function plain(name: string, header: string, width: number, write: FieldWriter): Field {
  return { name, header, width, write, kind: 'plain' };
}

function windowField(name: string, header: string, side: Side): Field {
  return plain(name, header, 6, (cell, record, style) => {
    const speaks = packets(record, SOURCE) > 0 && packets(record, side) > 0;
    if (hasTcpState(record) && speaks) writeCount(cell, windowBytes(record, side), style);
  });
}

function baseField(name: string, header: string, words: number): Field {
  return plain(name, header, 12, (cell, record) => {
    if (hasTcpState(record) && record.get(words + SIDE_SEQUENCE_BASE) !== 0) {
      cell.whole(record.get(words + SIDE_SEQUENCE_BASE));
    }
  });
}

function secondsField(name: string, header: string, width: number, seconds: (record: FlowRecord) => number): Field {
  return plain(name, header, width, (cell, record, style) =>
    writeMeasure(cell, isManagement(record) ? 0 : seconds(record), style),
  );
}

const MAX_INT32 = 0x7fffffff;
/** What ra shows of a gap that is more than an int. */
const MIN_INT32 = -0x80000000;

function gapField(name: string, header: string, side: Side): Field {
  return plain(name, header, 8, (cell: Cell, record: FlowRecord, style: Style) => {
    const bytes = isManagement(record) ? -1 : gap(record, side);
    if (bytes >= 0) writeCount(cell, bytes > MAX_INT32 ? MIN_INT32 : bytes, style);
  });
}

const options: FieldWriter = (cell, record) => {
  cell.align = RIGHT_CLIP;
  const seen = !isManagement(record) && hasTcpState(record) ? record.get(TCP_OPTIONS) >>> OPTIONS_SHIFT : 0;
  for (let bit = 0; bit < OPTION_LETTERS.length; bit += 1) {
    cell.byte((seen >> bit) & 1 ? OPTION_LETTERS.charCodeAt(bit) : 32);
  }
};

export const TCP_FIELDS: readonly Field[] = [
  windowField('swin', 'SrcWin', SOURCE),
  windowField('dwin', 'DstWin', DESTINATION),
  baseField('stcpb', 'SrcTCPBase', TCP_SOURCE),
  baseField('dtcpb', 'DstTCPBase', TCP_DESTINATION),
  secondsField('tcprtt', 'TcpRtt', 12, roundTrip),
  secondsField('synack', 'SynAck', 12, synAck),
  secondsField('ackdat', 'AckDat', 12, ackData),
  secondsField('stcpmax', 'STcpMax', 10, (record) => tcpMax(record, SOURCE)),
  secondsField('dtcpmax', 'DTcpMax', 10, (record) => tcpMax(record, DESTINATION)),
  gapField('sgap', 'SrcGap', SOURCE),
  gapField('dgap', 'DstGap', DESTINATION),
  plain('tcpopt', 'TcpOpt', 12, options),
  plain('tcpext', '', 12, () => {}),
];
