/** Databases and caches over TCP. */
import { be16, be32, le16, le32, spells } from '../reader.ts';
import { hasPort, type Speech } from './speech.ts';

const POSTGRES_VERSION_3 = 196608;
/** Codes in place of a version: SSL, GSS encryption, cancel. */
const POSTGRES_REQUESTS: ReadonlySet<number> = new Set([80877103, 80877104, 80877102]);
const MONGO_OPERATIONS: ReadonlySet<number> = new Set([1, 2001, 2002, 2004, 2005, 2006, 2007, 2010, 2011, 2012, 2013]);
const MONGO_REPLY = 1;
const MONGO_MAX_BYTES = 48_000_000;
const TDS_TYPES: ReadonlySet<number> = new Set([0x01, 0x02, 0x03, 0x04, 0x06, 0x07, 0x0e, 0x10, 0x11, 0x12]);

export function recogniseDatabase(speech: Speech): string | null {
  const { source, destination } = speech;
  if (isPostgres(source)) return 'postgresql';
  if (isMysqlGreeting(destination)) return 'mysql';
  if (isRedis(source, destination, speech)) return 'redis';
  if (isMongo(source) || isMongo(destination)) return 'mongodb';
  if (isTds(source)) return 'mssql';
  if (isMemcached(source)) return 'memcached';
  if (isOracle(source)) return 'oracle';
  if (isCassandra(source, speech)) return 'cassandra';
  return null;
}

function isPostgres(bytes: Uint8Array): boolean {
  if (bytes.length < 8) return false;
  const length = be32(bytes, 0);
  const code = be32(bytes, 4);
  if (POSTGRES_REQUESTS.has(code)) return length === 8 || length === 16;
  return (
    code >= POSTGRES_VERSION_3 && code < POSTGRES_VERSION_3 + 16 && length >= 9 && length < 10_000 && bytes[8] !== 0
  );
}

/** Length, sequence 0, protocol 10, then a version that begins with a digit; or an error in its place. */
function isMysqlGreeting(bytes: Uint8Array): boolean {
  if (bytes.length < 8 || bytes[3] !== 0) return false;
  const length = le16(bytes, 0);
  if (bytes[2] !== 0 || length < 5 || length > 1024) return false;
  if (bytes[4] === 0xff) return length + 4 <= bytes.length + 4 && le16(bytes, 5) >= 1000 && le16(bytes, 5) < 5000;
  if (bytes[4] !== 10 && bytes[4] !== 9) return false;
  const digit = bytes[5] as number;
  return digit >= 0x30 && digit <= 0x39 && bytes.subarray(5, 64).indexOf(0) > 1;
}

function isRedis(asked: Uint8Array, told: Uint8Array, speech: Speech): boolean {
  // Arrays of bulk strings: "*1\r\n$4\r\n".
  const dollar = asked.subarray(0, 16).indexOf(0x24);
  if (asked[0] === 0x2a && dollar >= 4 && asked[dollar - 1] === 0x0a && isDigit(asked[1])) return true;
  if (!hasPort(speech, 6379)) return false;
  return spells(told, 0, '+PONG') || spells(told, 0, '-ERR') || spells(told, 0, '-NOAUTH') || spells(told, 0, '$');
}

function isMongo(bytes: Uint8Array): boolean {
  if (bytes.length < 16) return false;
  const length = le32(bytes, 0);
  const operation = le32(bytes, 12);
  if (length < 16 || length > MONGO_MAX_BYTES || length < bytes.length || !MONGO_OPERATIONS.has(operation))
    return false;
  // An answer says what it answers, and few flags.
  return operation !== MONGO_REPLY || (bytes.length >= 36 && le32(bytes, 8) !== 0 && le32(bytes, 16) < 16);
}

function isTds(bytes: Uint8Array): boolean {
  if (bytes.length < 8 || !TDS_TYPES.has(bytes[0] as number) || (bytes[1] as number) > 1) return false;
  const length = be16(bytes, 2);
  if (bytes[7] !== 0 || length < 8 || length > 32768) return false;
  // A prelogin has a table of options; a login of version 7 says its own length.
  if (bytes[0] === 0x12) return length === bytes.length && bytes[8] === 0 && be16(bytes, 9) < length;
  if (bytes[0] === 0x10) return le32(bytes, 8) <= length && (bytes[15] ?? 0) >= 0x70;
  return bytes[0] === 0x02 && length === 512;
}

function isMemcached(bytes: Uint8Array): boolean {
  if (bytes.length >= 24 && bytes[0] === 0x80 && bytes[5] === 0 && (bytes[1] as number) < 0x40) {
    return be32(bytes, 8) < 1_048_576 && be16(bytes, 6) === 0 && be32(bytes, 8) + 24 === bytes.length;
  }
  return (
    ['stats\r\n', 'stats ', 'version\r\n', 'gets ', 'flush_all'].some((word) => spells(bytes, 0, word)) ||
    isStorage(bytes)
  );
}

/** `get key`, `set key 0 60 5`. */
function isStorage(bytes: Uint8Array): boolean {
  if (!['get ', 'set ', 'add ', 'incr ', 'decr ', 'delete '].some((word) => spells(bytes, 0, word))) return false;
  const end = bytes.subarray(0, 512).indexOf(0x0d);
  return end > 4 && bytes[end + 1] === 0x0a;
}

/** A connect packet of TNS. */
function isOracle(bytes: Uint8Array): boolean {
  return (
    bytes.length > 34 &&
    be16(bytes, 0) >= 58 &&
    be16(bytes, 2) === 0 &&
    bytes[4] === 1 &&
    bytes[5] === 0 &&
    be16(bytes, 8) >= 300 &&
    be16(bytes, 8) < 400
  );
}

function isCassandra(bytes: Uint8Array, speech: Speech): boolean {
  const version = bytes[0] ?? 0;
  return (
    bytes.length >= 9 && version >= 1 && version <= 5 && hasPort(speech, 9042) && (bytes[4] === 1 || bytes[4] === 5)
  );
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
