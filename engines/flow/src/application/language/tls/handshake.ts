/** Handshake messages out of a run of TLS records: hello, certificates, and where encryption begins. */
import { be16, be24 } from '../reader.ts';

export const CLIENT_HELLO = 1;
export const SERVER_HELLO = 2;
export const CERTIFICATE = 11;
export const SERVER_KEY_EXCHANGE = 12;

const CHANGE_CIPHER = 20;
const ALERT = 21;
const HANDSHAKE = 22;
const APPLICATION_DATA = 23;
const HEARTBEAT = 24;
const RECORD_HEADER_BYTES = 5;
const MESSAGE_HEADER_BYTES = 4;
/** A record's body: 2^14 and what encryption may add. */
const MAX_RECORD_BYTES = 16384 + 2048;
const MAX_MESSAGES = 32;
/** No handshake message that is looked at is longer. */
export const MAX_MESSAGE_BYTES = 32768;

const NOTHING = new Uint8Array(0);

export interface HandshakeMessage {
  readonly type: number;
  /** Without its header. */
  readonly body: Uint8Array;
}

export interface HandshakeRun {
  readonly messages: readonly HandshakeMessage[];
  /** The description of an alert in clear. */
  readonly alert: number | null;
  /** What follows is encrypted: nothing more is to be had. */
  readonly isEncrypted: boolean;
  /** Application data was seen. */
  readonly hasData: boolean;
  /** These are not records of TLS. */
  readonly isBroken: boolean;
}

/** Do the bytes begin like a record of TLS? */
export function isTlsRecord(bytes: Uint8Array, at = 0): boolean {
  const type = bytes[at] ?? 0;
  if (bytes.length < at + 3 || type < CHANGE_CIPHER || type > HEARTBEAT) return false;
  if (bytes[at + 1] !== 3 || (bytes[at + 2] as number) > 4) return false;
  const length = be16(bytes, at + 3);
  return bytes.length < at + RECORD_HEADER_BYTES || (length > 0 && length <= MAX_RECORD_BYTES);
}

/** @param bytes of one direction from its start on, as far as they are there; messages cut off are left out */
export function readHandshake(bytes: Uint8Array): HandshakeRun {
  const messages: HandshakeMessage[] = [];
  let rest: Uint8Array = NOTHING;
  let alert: number | null = null;
  let isEncrypted = false;
  let hasData = false;
  let isBroken = false;
  let at = 0;
  while (at + RECORD_HEADER_BYTES <= bytes.length) {
    if (!isTlsRecord(bytes, at)) {
      isBroken = true;
      break;
    }
    const type = bytes[at];
    const end = at + RECORD_HEADER_BYTES + be16(bytes, at + 3);
    const body = bytes.subarray(at + RECORD_HEADER_BYTES, end);
    if (type === HANDSHAKE && !isEncrypted)
      rest = takeMessages(rest.length === 0 ? body : joined(rest, body), messages);
    else if (type === ALERT && !isEncrypted && body.length === 2) alert = body[1] ?? null;
    else if (type === CHANGE_CIPHER) isEncrypted = true;
    else if (type === APPLICATION_DATA) {
      isEncrypted = true;
      hasData = true;
    }
    at = end;
  }
  return { messages, alert, isEncrypted, hasData, isBroken };
}

/** Whole messages of a run of handshake bytes, as QUIC's CRYPTO frames carry them too. */
export function split(bytes: Uint8Array): HandshakeMessage[] {
  const messages: HandshakeMessage[] = [];
  takeMessages(bytes, messages);
  return messages;
}

/** @returns what is left: the beginning of a message that is not all there */
function takeMessages(bytes: Uint8Array, into: HandshakeMessage[]): Uint8Array {
  let at = 0;
  while (at + MESSAGE_HEADER_BYTES <= bytes.length && into.length < MAX_MESSAGES) {
    const length = be24(bytes, at + 1);
    const end = at + MESSAGE_HEADER_BYTES + length;
    if (length > MAX_MESSAGE_BYTES || end > bytes.length) break;
    into.push({ type: bytes[at] as number, body: bytes.subarray(at + MESSAGE_HEADER_BYTES, end) });
    at = end;
  }
  return at === bytes.length ? NOTHING : bytes.subarray(at);
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const whole = new Uint8Array(one.length + other.length);
  whole.set(one);
  whole.set(other, one.length);
  return whole;
}
