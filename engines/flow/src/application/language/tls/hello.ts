/** ClientHello and ServerHello of TLS and DTLS: what fingerprints and names are made of. Bounded by their own bytes. */
import { printable, Reader } from '../reader.ts';

/** Extensions beyond are not looked at; no hello has so many. */
const MAX_EXTENSIONS = 256;
const MAX_NAMES = 64;
const MAX_NAME_BYTES = 255;

const SERVER_NAME = 0;
const SUPPORTED_GROUPS = 10;
const POINT_FORMATS = 11;
const SIGNATURE_ALGORITHMS = 13;
const ALPN = 16;
const SUPPORTED_VERSIONS = 43;
const KEY_SHARE = 51;
/** What a ServerHello has in place of chance when it asks for another hello (RFC 8446, section 4.1.3). */
const HELLO_RETRY_RANDOM = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');

export interface ClientHello {
  /** As the hello itself says, not the extension. */
  readonly legacyVersion: number;
  readonly ciphers: readonly number[];
  /** Types in their order. */
  readonly extensions: readonly number[];
  readonly serverName: string | null;
  readonly hasServerName: boolean;
  readonly protocols: readonly string[];
  readonly versions: readonly number[];
  readonly groups: readonly number[];
  readonly pointFormats: readonly number[];
  readonly signatureAlgorithms: readonly number[];
  readonly sessionId: Uint8Array;
  readonly isDtls: boolean;
}

export interface ServerHello {
  readonly legacyVersion: number;
  /** What was agreed upon. */
  readonly version: number;
  readonly cipher: number;
  readonly extensions: readonly number[];
  readonly protocol: string | null;
  readonly group: number | null;
  readonly sessionId: Uint8Array;
  readonly isRetry: boolean;
}

/** Values that clients strew in so that servers stay used to the unknown (RFC 8701). */
export function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);
}

/**
 * @param body of the handshake message, without its header
 * @returns null where it is not a hello or is cut
 */
export function readClientHello(body: Uint8Array, isDtls = false): ClientHello | null {
  const reader = new Reader(body);
  const legacyVersion = reader.u16();
  reader.skip(32);
  const sessionId = reader.take(reader.u8()).slice();
  if (isDtls) reader.skip(reader.u8());
  const ciphers = numbers(reader.part(reader.u16()), 2);
  reader.skip(reader.u8());
  if (!reader.ok || !isVersion(legacyVersion)) return null;
  const hello = {
    legacyVersion,
    ciphers,
    extensions: [] as number[],
    serverName: null as string | null,
    hasServerName: false,
    protocols: [] as string[],
    versions: [] as number[],
    groups: [] as number[],
    pointFormats: [] as number[],
    signatureAlgorithms: [] as number[],
    sessionId,
    isDtls,
  };
  if (reader.left < 2) return hello;
  const extensions = reader.part(reader.u16());
  while (extensions.left >= 4 && hello.extensions.length < MAX_EXTENSIONS) {
    const type = extensions.u16();
    const data = extensions.part(extensions.u16());
    hello.extensions.push(type);
    switch (type) {
      case SERVER_NAME:
        hello.hasServerName = true;
        hello.serverName = readServerName(data);
        break;
      case SUPPORTED_GROUPS:
        hello.groups = numbers(data.part(data.u16()), 2);
        break;
      case POINT_FORMATS:
        hello.pointFormats = numbers(data.part(data.u8()), 1);
        break;
      case SIGNATURE_ALGORITHMS:
        hello.signatureAlgorithms = numbers(data.part(data.u16()), 2);
        break;
      case ALPN:
        hello.protocols = readNames(data.part(data.u16()));
        break;
      case SUPPORTED_VERSIONS:
        hello.versions = numbers(data.part(data.u8()), 2);
        break;
    }
  }
  return reader.ok ? hello : null;
}

/** @param body as above @returns null where it is not a hello or is cut */
export function readServerHello(body: Uint8Array): ServerHello | null {
  const reader = new Reader(body);
  const legacyVersion = reader.u16();
  const random = reader.take(32);
  const sessionId = reader.take(reader.u8()).slice();
  const cipher = reader.u16();
  reader.skip(1);
  if (!reader.ok || !isVersion(legacyVersion)) return null;
  let version = legacyVersion;
  let protocol: string | null = null;
  let group: number | null = null;
  const types: number[] = [];
  const extensions = reader.left >= 2 ? reader.part(reader.u16()) : new Reader(body, body.length);
  while (extensions.left >= 4 && types.length < MAX_EXTENSIONS) {
    const type = extensions.u16();
    const data = extensions.part(extensions.u16());
    types.push(type);
    if (type === SUPPORTED_VERSIONS && data.left >= 2) version = data.u16();
    else if (type === ALPN) protocol = readNames(data.part(data.u16()))[0] ?? null;
    else if (type === KEY_SHARE && data.left >= 2) group = data.u16();
  }
  const isRetry = legacyVersion === 0x0303 && Buffer.compare(random, HELLO_RETRY_RANDOM) === 0;
  return reader.ok ? { legacyVersion, version, cipher, extensions: types, protocol, group, sessionId, isRetry } : null;
}

/** Of TLS, of DTLS, and the one that DTLS had before it was one. */
function isVersion(version: number): boolean {
  return version >> 8 === 3 || version >> 8 === 0xfe || version === 0x0100;
}

function readServerName(data: Reader): string | null {
  const list = data.part(data.u16());
  while (list.left >= 3) {
    const kind = list.u8();
    const bytes = list.u16();
    const name = list.text(Math.min(bytes, list.left));
    if (kind === 0) return name.length > 0 && name.length <= MAX_NAME_BYTES ? printable(name) : null;
  }
  return null;
}

function readNames(list: Reader): string[] {
  const names: string[] = [];
  while (list.left >= 1 && names.length < MAX_NAMES) names.push(list.text(list.u8()));
  return names;
}

function numbers(list: Reader, width: 1 | 2): number[] {
  const values: number[] = [];
  while (list.left >= width) values.push(width === 2 ? list.u16() : list.u8());
  return values;
}
