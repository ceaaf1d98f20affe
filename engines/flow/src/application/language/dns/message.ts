/** Messages of DNS, mDNS and LLMNR. */
import { addressText } from '@undercroft/packet';
import { printable, Reader } from '../reader.ts';
import { dnsTypeName } from './names.ts';

const HEADER_BYTES = 12;
const MAX_QUESTIONS = 32;
/** Kept of a message; more than one that fits into a datagram has. */
const MAX_ANSWERS = 64;
/** Jumps of one compressed name: a name has at most 127 labels. */
const MAX_JUMPS = 32;
const MAX_NAME_BYTES = 255;
const MAX_TEXT_BYTES = 1024;

const DOT = 0x2e;
const BACKSLASH = 0x5c;

const A = 1;
const NS = 2;
const CNAME = 5;
const SOA = 6;
const PTR = 12;
const MX = 15;
const TXT = 16;
const AAAA = 28;
const SRV = 33;
const DNAME = 39;
const SPF = 99;
const CAA = 257;

export interface DnsQuestion {
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

export interface DnsAnswer {
  readonly name: string;
  readonly type: number;
  readonly ttlS: number;
  /** Data as text: an address, a name; the type's name where it is not read. */
  readonly data: string;
}

export interface DnsMessage {
  readonly id: number;
  readonly isAnswer: boolean;
  readonly operation: number;
  readonly isAuthoritative: boolean;
  readonly isTruncated: boolean;
  readonly wantsRecursion: boolean;
  readonly offersRecursion: boolean;
  /** The three bits behind. */
  readonly reserved: number;
  readonly code: number;
  readonly questions: readonly DnsQuestion[];
  readonly answers: readonly DnsAnswer[];
}

/** @returns null where the bytes are no message of DNS; answers cut off are left out */
export function readDns(bytes: Uint8Array): DnsMessage | null {
  if (bytes.length < HEADER_BYTES) return null;
  const reader = new Reader(bytes);
  const id = reader.u16();
  const flags = reader.u16();
  const questionCount = reader.u16();
  const answerCount = reader.u16();
  const more = reader.u16() + reader.u16();
  if (questionCount > MAX_QUESTIONS || answerCount + more > 4096) return null;
  const questions: DnsQuestion[] = [];
  for (let index = 0; index < questionCount; index++) {
    const name = readName(reader);
    const type = reader.u16();
    const dnsClass = reader.u16();
    if (!reader.ok || name === null) return null;
    questions.push({ name, type, class: dnsClass });
  }
  const answers: DnsAnswer[] = [];
  for (let index = 0; index < Math.min(answerCount, MAX_ANSWERS); index++) {
    const answer = readAnswer(reader);
    if (answer === null) break;
    answers.push(answer);
  }
  return {
    id,
    isAnswer: (flags & 0x8000) !== 0,
    operation: (flags >> 11) & 15,
    isAuthoritative: (flags & 0x0400) !== 0,
    isTruncated: (flags & 0x0200) !== 0,
    wantsRecursion: (flags & 0x0100) !== 0,
    offersRecursion: (flags & 0x0080) !== 0,
    reserved: (flags >> 4) & 7,
    code: flags & 15,
    questions,
    answers,
  };
}

/** Is it likely DNS? For ports that say nothing: one plain question, or an answer that has one. */
export function looksLikeDns(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_BYTES + 5) return false;
  const message = readDns(bytes);
  if (message === null || message.questions.length !== 1 || message.operation > 5 || message.reserved & 4) return false;
  const [question] = message.questions;
  const isKnown = !dnsTypeName(question!.type).startsWith('TYPE') && (question!.class & 0x7fff) === 1;
  if (!isKnown || question!.name === '') return false;
  return message.isAnswer || (message.code === 0 && message.answers.length === 0);
}

function readAnswer(reader: Reader): DnsAnswer | null {
  const name = readName(reader);
  const type = reader.u16();
  reader.skip(2);
  const ttlS = reader.u32();
  const data = reader.part(reader.u16());
  if (name === null || !reader.ok) return null;
  return { name, type, ttlS, data: dataText(type, data) };
}

function dataText(type: number, data: Reader): string {
  switch (type) {
    case A:
      if (data.left === 4) return addressText(data.take(4));
      break;
    case AAAA:
      if (data.left === 16) return addressText(data.take(16));
      break;
    case NS:
    case CNAME:
    case PTR:
    case DNAME:
    case SOA:
      return readName(data) ?? dnsTypeName(type);
    case MX:
      data.skip(2);
      return readName(data) ?? dnsTypeName(type);
    case SRV:
      data.skip(6);
      return readName(data) ?? dnsTypeName(type);
    case TXT:
    case SPF:
      return textOf(data);
    case CAA: {
      data.skip(1);
      const tag = data.text(data.u8());
      return printable(`${tag} ${data.text(Math.min(data.left, MAX_TEXT_BYTES))}`);
    }
  }
  return dnsTypeName(type);
}

function textOf(data: Reader): string {
  let text = '';
  while (data.left > 0 && text.length < MAX_TEXT_BYTES) {
    const part = printable(data.text(Math.min(data.u8(), data.left)));
    text += text === '' ? part : ` ${part}`;
  }
  return text;
}

/** Where a name is put together: four characters a byte at most. */
const scratch = Buffer.alloc(4 * (MAX_NAME_BYTES + 1));

/** @returns a name without its last dot, the root being empty; null where it is broken */
export function readName(reader: Reader): string | null {
  const { bytes } = reader;
  let at = reader.at;
  let behind = -1;
  let written = 0;
  let jumps = 0;
  let length = 0;
  for (;;) {
    const count = bytes[at];
    if (count === undefined) return fail(reader);
    if (count === 0) {
      reader.at = behind === -1 ? at + 1 : behind;
      return reader.at > reader.end ? fail(reader) : scratch.toString('latin1', 0, written);
    }
    if ((count & 0xc0) === 0xc0) {
      const low = bytes[at + 1];
      const target = ((count & 0x3f) << 8) | (low ?? 0);
      // A pointer leads to an earlier name: what leads on is a loop.
      if (low === undefined || target >= at || ++jumps > MAX_JUMPS) return fail(reader);
      if (behind === -1) behind = at + 2;
      at = target;
      continue;
    }
    length += count + 1;
    if (count > 63 || length > MAX_NAME_BYTES || at + 1 + count > bytes.length) return fail(reader);
    if (written > 0) scratch[written++] = DOT;
    written = writeLabel(bytes, at + 1, count, written);
    at += 1 + count;
  }
}

/** @returns behind the last character written */
function writeLabel(bytes: Uint8Array, from: number, count: number, to: number): number {
  let written = to;
  for (let at = from; at < from + count; at++) {
    const byte = bytes[at] as number;
    const isPlain = byte > 0x20 && byte < 0x7f;
    if (isPlain && byte !== DOT && byte !== BACKSLASH) {
      scratch[written++] = byte;
      continue;
    }
    // A dot within a label is not one between labels.
    scratch[written++] = BACKSLASH;
    if (isPlain) scratch[written++] = byte;
    else written += scratch.write(String(byte).padStart(3, '0'), written, 'latin1');
  }
  return written;
}

function fail(reader: Reader): null {
  reader.ok = false;
  return null;
}
