/** Columns of what was said (user data) and of what others said about it (labels, countries, systems). */
import {
  DESTINATION_ASN,
  DESTINATION_COUNTRY,
  DESTINATION_DATA_AT,
  DESTINATION_KEYSTROKES,
  HAS_ASN,
  HAS_COUNTRY,
  HAS_DESTINATION_DATA,
  HAS_KEYSTROKES,
  HAS_LABEL,
  HAS_SOURCE_DATA,
  LABEL_AT,
  LABEL_BYTES,
  SOURCE_ASN,
  SOURCE_COUNTRY,
  SOURCE_DATA_AT,
  SOURCE_KEYSTROKES,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { type Cell, LEFT_CLIP } from '../text/cell.ts';
import type { Field, FieldWriter, Style } from './field.ts';

const DOT = 46;
const SPACE = 32;
const LAST_PRINTABLE = 126;
/** The frame `s[16]=` around data. */
const FRAME_CHARACTERS = 8;
const PASSWORD = 'PASS';

function plain(name: string, header: string, width: number, write: FieldWriter): Field {
  return { name, header, width, write, kind: 'plain' };
}

/** Characters that a column of data of this width takes. */
export function dataColumnWidth(width: number, style: Style): number {
  const encoded = style.printer === 'encode32' || style.printer === 'encode64' ? width * 2 : width;
  return encoded + FRAME_CHARACTERS + (width >= 10 ? 1 : 0) + (width >= 100 ? 1 : 0);
}

/** Bytes of user data that a column of this width shows. */
export function shownData(record: FlowRecord, isSource: boolean, width: number): Uint8Array {
  if (!record.has(isSource ? HAS_SOURCE_DATA : HAS_DESTINATION_DATA)) return new Uint8Array();
  const word = isSource ? SOURCE_DATA_AT : DESTINATION_DATA_AT;
  const at = record.get(word);
  return record.bytes.subarray(at, at + Math.min(record.get(word + 1), width));
}

function dataField(name: string, isSource: boolean): Field {
  const letter = isSource ? 's' : 'd';
  const write: FieldWriter = (cell, record, style) => {
    cell.align = LEFT_CLIP;
    const width = cell.width;
    cell.width = dataColumnWidth(width, style);
    const data = shownData(record, isSource, width);
    if (data.length === 0 || style.printer === 'hex') return;
    const text = encodeData(data, style);
    cell.text(
      `${letter}[${style.printer === 'encode32' || style.printer === 'encode64' ? text.length : data.length}]=`,
    );
    cell.text(text);
  };
  return { name, header: isSource ? 'srcUdata' : 'dstUdata', width: 16, write, kind: 'data' };
}

function encodeData(data: Uint8Array, style: Style): string {
  const buffer = Buffer.from(data.buffer, data.byteOffset, data.length);
  if (style.printer === 'encode64') return buffer.toString('base64');
  if (style.printer === 'encode32') return buffer.toString('hex').toUpperCase();
  const text = Buffer.alloc(data.length);
  for (let i = 0; i < data.length; i += 1) {
    const byte = data[i] as number;
    text[i] = byte >= SPACE && byte <= LAST_PRINTABLE ? byte : DOT;
  }
  const plainText = text.toString('latin1');
  return style.printer === 'obfuscate' ? hidePasswords(plainText) : plainText;
}

/** What follows PASS up to the next space or dot. */
function hidePasswords(text: string): string {
  let hidden = text;
  for (let at = text.indexOf(PASSWORD); at >= 0; at = hidden.indexOf(PASSWORD, at + PASSWORD.length)) {
    const from = at + PASSWORD.length + 1;
    const word = /^[^ .]*/.exec(hidden.slice(from))?.[0] ?? '';
    hidden = hidden.slice(0, from) + 'x'.repeat(word.length) + hidden.slice(from + word.length);
  }
  return hidden;
}

export function labelText(record: FlowRecord): string {
  if (!record.has(HAS_LABEL)) return '';
  const at = record.get(LABEL_AT);
  return Buffer.from(record.bytes.buffer, record.bytes.byteOffset + at, record.get(LABEL_BYTES)).toString('latin1');
}

const label: FieldWriter = (cell, record) => {
  if (record.has(HAS_LABEL)) cell.copy(record.bytes, record.get(LABEL_AT), record.get(LABEL_BYTES));
};

function countryField(name: string, header: string, word: number): Field {
  return plain(name, header, 3, (cell, record) => {
    if (!record.has(HAS_COUNTRY)) return;
    const at = (record.base + word) * 4;
    for (let i = 0; i < 2 && record.bytes[at + i] !== 0; i += 1) cell.byte(record.bytes[at + i] as number);
  });
}

function systemField(name: string, header: string, word: number): Field {
  return plain(name, header, 6, (cell: Cell, record: FlowRecord, style: Style) => {
    const number = record.has(HAS_ASN) ? record.get(word) : 0;
    if (number === 0) return;
    const isSplit = style.asNumbers === 'asdot+' || (style.asNumbers === 'asdot' && number > 0xffff);
    if (isSplit) cell.text(`${number >>> 16}.${number & 0xffff}`);
    else cell.whole(number);
  });
}

function keystrokeField(name: string, header: string, count: (record: FlowRecord) => number): Field {
  return plain(name, header, 9, (cell, record) => {
    if (record.has(HAS_KEYSTROKES)) cell.whole(count(record));
  });
}

const nothing: FieldWriter = () => {};
const DELTAS = [
  ['dldur', 'dlDur'],
  ['dlstime', 'dlsTime'],
  ['dlltime', 'dllTime'],
  ['dspkts', 'dsPkts'],
  ['ddpkts', 'ddPkts'],
  ['dsbytes', 'dsBytes'],
  ['ddbytes', 'ddBytes'],
  ['pdspkts', 'pdsPkt'],
  ['pddpkts', 'pddPkt'],
  ['pdsbytes', 'pdsByte'],
  ['pddbytes', 'pddByte'],
] as const;

export const PAYLOAD_FIELDS: readonly Field[] = [
  dataField('suser', true),
  dataField('duser', false),
  plain('label', 'Label', 5, label),
  countryField('sco', 'sCo', SOURCE_COUNTRY),
  countryField('dco', 'dCo', DESTINATION_COUNTRY),
  plain('ico', 'iCo', 3, nothing),
  systemField('sas', 'sAS', SOURCE_ASN),
  systemField('das', 'dAS', DESTINATION_ASN),
  plain('ias', 'iAS', 5, nothing),
  keystrokeField('nstroke', 'NStrok', (r) => r.get(SOURCE_KEYSTROKES) + r.get(DESTINATION_KEYSTROKES)),
  keystrokeField('snstroke', 'sNStrok', (r) => r.get(SOURCE_KEYSTROKES)),
  keystrokeField('dnstroke', 'dNStrok', (r) => r.get(DESTINATION_KEYSTROKES)),
  plain('cor', 'Cor', 12, nothing),
  plain('dlspkt', 'dsPkts', 6, nothing),
  plain('dldpkt', 'ddPkts', 6, nothing),
  ...DELTAS.map(([name, header]) => plain(name, header, 12, nothing)),
  plain('spktsz', 'sPktSz', 12, nothing),
  plain('dpktsz', 'dPktSz', 12, nothing),
];
