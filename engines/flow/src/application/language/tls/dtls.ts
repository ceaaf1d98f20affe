/** DTLS: the records and handshake fragments of a datagram. */
import { be16, be24 } from '../reader.ts';
import { MAX_MESSAGE_BYTES } from './handshake.ts';

const HANDSHAKE = 22;
const RECORD_HEADER_BYTES = 13;
const FRAGMENT_HEADER_BYTES = 12;
const MAX_RECORDS = 16;

/** A piece of a handshake message. */
export interface DtlsFragment {
  readonly type: number;
  /** Bytes of the whole message. */
  readonly bytes: number;
  /** Number of the message within the handshake. */
  readonly message: number;
  readonly offset: number;
  readonly body: Uint8Array;
}

/** Does a datagram begin like a record of DTLS? */
export function isDtlsRecord(bytes: Uint8Array): boolean {
  const type = bytes[0] ?? 0;
  const version = be16(bytes, 1);
  if (bytes.length < RECORD_HEADER_BYTES || type < 20 || type > 26) return false;
  if (version !== 0xfeff && version !== 0xfefd && version !== 0xfefc && version !== 0x0100) return false;
  const length = be16(bytes, 11);
  return length > 0 && RECORD_HEADER_BYTES + length <= bytes.length;
}

/** @returns the fragments in clear, as far as they are whole */
export function readDtls(bytes: Uint8Array): DtlsFragment[] {
  const fragments: DtlsFragment[] = [];
  let at = 0;
  for (let record = 0; record < MAX_RECORDS && at + RECORD_HEADER_BYTES <= bytes.length; record++) {
    if (!isDtlsRecord(bytes.subarray(at))) break;
    const end = at + RECORD_HEADER_BYTES + be16(bytes, at + 11);
    const isClear = be16(bytes, at + 3) === 0;
    if (bytes[at] === HANDSHAKE && isClear) takeFragments(bytes.subarray(at + RECORD_HEADER_BYTES, end), fragments);
    at = end;
  }
  return fragments;
}

function takeFragments(bytes: Uint8Array, into: DtlsFragment[]): void {
  let at = 0;
  while (at + FRAGMENT_HEADER_BYTES <= bytes.length && into.length < MAX_RECORDS) {
    const whole = be24(bytes, at + 1);
    const offset = be24(bytes, at + 6);
    const length = be24(bytes, at + 9);
    const end = at + FRAGMENT_HEADER_BYTES + length;
    if (whole > MAX_MESSAGE_BYTES || offset + length > whole || end > bytes.length) return;
    const body = bytes.subarray(at + FRAGMENT_HEADER_BYTES, end);
    into.push({ type: bytes[at] as number, bytes: whole, message: be16(bytes, at + 4), offset, body });
    at = end;
  }
}
