/** How much: columns of packets, bytes, rates, loads and losses. */
import {
  DESTINATION_SIZE_MAX,
  DESTINATION_SIZE_MIN,
  HAS_METRIC,
  HAS_PACKET_SIZE,
  MANAGEMENT,
  MAR_BUFFER_BYTES,
  MAR_BUFFERS,
  MAR_BYTES,
  MAR_DROPPED,
  MAR_PACKETS,
  MAR_QUEUE,
  SOURCE_SIZE_MAX,
  SOURCE_SIZE_MIN,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import {
  appBytes,
  bytes,
  DESTINATION,
  load,
  loss,
  packets,
  percentLoss,
  producerConsumerRatio,
  rate,
  type Side,
  SOURCE,
  totalLoad,
  totalLoss,
  totalPercentLoss,
  totalRate,
} from '../record/measures.ts';
import type { Field, FieldWriter } from './field.ts';
import { writeCount, writeMeasure } from './numbers.ts';
import { isManagement } from './times.ts';

type Figure = (record: FlowRecord) => number;

function plain(name: string, header: string, width: number, write: FieldWriter): Field {
  return { name, header, width, write, kind: 'plain' };
}

/** @param management what a management record tells in this column */
function countField(name: string, header: string, width: number, figure: Figure, management: Figure): Field {
  return plain(name, header, width, (cell, record, style) => {
    if (isManagement(record)) cell.whole(management(record));
    else if (record.has(HAS_METRIC)) writeCount(cell, figure(record), style);
  });
}

function measureField(name: string, header: string, width: number, figure: Figure): Field {
  return plain(name, header, width, (cell, record, style) =>
    writeMeasure(cell, isManagement(record) ? 0 : figure(record), style),
  );
}

function fixedField(name: string, header: string, width: number, figure: Figure): Field {
  return plain(name, header, width, (cell, record, style) => cell.fixed(figure(record), style.digits));
}

/** Nothing but flows has these. */
function ratioField(name: string, header: string, width: number, figure: Figure): Field {
  return plain(name, header, width, (cell, record, style) => {
    if (!isManagement(record)) cell.fixed(figure(record), style.digits);
  });
}

const wide = (word: number) => (record: FlowRecord) => record.getWide(MANAGEMENT + word);
const narrow = (word: number) => (record: FlowRecord) => record.get(MANAGEMENT + word);
const none = () => 0;
const both = (figure: (record: FlowRecord, side: Side) => number) => (record: FlowRecord) =>
  figure(record, SOURCE) + figure(record, DESTINATION);
const of = (figure: (record: FlowRecord, side: Side) => number, side: Side) => (record: FlowRecord) =>
  figure(record, side);

const lossOf = (figure: Figure, management: Figure) => (record: FlowRecord) =>
  isManagement(record) ? management(record) : figure(record);
const percentOf = (figure: Figure) => (record: FlowRecord) => (isManagement(record) ? 0 : figure(record));

function lossField(name: string, header: string, figure: Figure, management: Figure): Field {
  const value = lossOf(figure, management);
  return plain(name, header, 10, (cell, record) => cell.whole(value(record) | 0));
}

function meanSize(side: Side): Figure {
  return (record) => {
    const count = packets(record, side);
    return count > 0 ? Math.fround(bytes(record, side) / count) : 0;
  };
}

function sizeField(name: string, header: string, word: number): Field {
  return plain(name, header, 12, (cell, record) => {
    if (record.has(HAS_PACKET_SIZE) && record.get(word) > 0) cell.whole(record.get(word));
  });
}

/** Application bytes of all bytes. */
function efficiency(app: Figure, all: Figure): Figure {
  return (record) => (all(record) > 0 ? Math.fround(app(record) / all(record)) : -0);
}

/** What argus of version 3 has no figures for but for UDT. */
const UNMEASURED = ['retrans', 'nacks', 'solo', 'first'] as const;
const UNMEASURED_HEADERS = {
  retrans: ['Retrans', 'SrcRetrans', 'DstRetrans', 'pRetrans', 'pSrcRetrans', 'pDstRetrans'],
  nacks: ['Nacks', 'SrcNacks', 'DstNacks', 'pNacks', 'pSrcNacks', 'pDstNacks'],
  solo: ['Solo', 'SrcSolo', 'DstSolo', 'pSolo', 'pSrcSolo', 'pDstSolo'],
  first: ['First', 'SrcFirst', 'DstFirst', 'pFirst', 'pSrcFirst', 'pDstFirst'],
} as const;

function unmeasuredFields(name: (typeof UNMEASURED)[number]): Field[] {
  const headers = UNMEASURED_HEADERS[name];
  return ['', 's', 'd', 'p', 'sp', 'dp'].map((prefix, at) =>
    plain(prefix + name, headers[at] as string, at % 3 === 0 ? 7 : 8, (cell, _record, style) => {
      if (at < 3) cell.whole(0);
      else cell.fixed(0, style.digits);
    }),
  );
}

export const COUNTER_FIELDS: readonly Field[] = [
  countField('bytes', 'TotBytes', 10, both(bytes), wide(MAR_BYTES)),
  countField('sbytes', 'SrcBytes', 12, of(bytes, SOURCE), wide(MAR_BYTES)),
  countField('dbytes', 'DstBytes', 12, of(bytes, DESTINATION), none),
  countField('appbytes', 'TotAppByte', 10, both(appBytes), narrow(MAR_BUFFER_BYTES)),
  countField('sappbytes', 'SAppBytes', 12, of(appBytes, SOURCE), narrow(MAR_BUFFERS)),
  countField('dappbytes', 'DAppBytes', 12, of(appBytes, DESTINATION), narrow(MAR_QUEUE)),
  countField('pkts', 'TotPkts', 8, both(packets), wide(MAR_PACKETS)),
  countField('spkts', 'SrcPkts', 8, of(packets, SOURCE), wide(MAR_PACKETS)),
  countField('dpkts', 'DstPkts', 8, of(packets, DESTINATION), none),
  measureField('load', 'Load', 8, totalLoad),
  measureField('sload', 'SrcLoad', 8, of(load, SOURCE)),
  measureField('dload', 'DstLoad', 8, of(load, DESTINATION)),
  measureField('rate', 'Rate', 12, totalRate),
  measureField('srate', 'SrcRate', 12, of(rate, SOURCE)),
  measureField('drate', 'DstRate', 12, of(rate, DESTINATION)),
  lossField('loss', 'Loss', totalLoss, narrow(MAR_DROPPED)),
  lossField('sloss', 'SrcLoss', of(loss, SOURCE), none),
  lossField('dloss', 'DstLoss', of(loss, DESTINATION), none),
  fixedField('ploss', 'pLoss', 8, percentOf(totalPercentLoss)),
  fixedField('sploss', 'pSrcLoss', 10, percentOf(of(percentLoss, SOURCE))),
  fixedField('dploss', 'pDstLoss', 10, percentOf(of(percentLoss, DESTINATION))),
  ...UNMEASURED.flatMap(unmeasuredFields),
  sizeField('smaxsz', 'sMaxPktSz', SOURCE_SIZE_MAX),
  sizeField('sminsz', 'sMinPktSz', SOURCE_SIZE_MIN),
  sizeField('dmaxsz', 'dMaxPktSz', DESTINATION_SIZE_MAX),
  sizeField('dminsz', 'dMinPktSz', DESTINATION_SIZE_MIN),
  measureField('smeansz', 'sMeanPktSz', 12, meanSize(SOURCE)),
  measureField('dmeansz', 'dMeanPktSz', 12, meanSize(DESTINATION)),
  ratioField('abr', 'ABRatio', 10, producerConsumerRatio),
  ratioField('pcr', 'PCRatio', 10, producerConsumerRatio),
  ratioField('tf', 'TF', 12, efficiency(both(appBytes), both(bytes))),
  ratioField('stf', 'STF', 12, efficiency(of(appBytes, SOURCE), of(bytes, SOURCE))),
  ratioField('dtf', 'DTF', 12, efficiency(of(appBytes, DESTINATION), of(bytes, DESTINATION))),
];
