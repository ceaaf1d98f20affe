/** Messaging, control of machines and of networks, sharing, over TCP. */
import { be16, be32, spells } from '../reader.ts';
import { hasPort, type Speech } from './speech.ts';

const MODBUS_FUNCTIONS: ReadonlySet<number> = new Set([
  1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 15, 16, 17, 20, 21, 22, 23, 24, 43, 90,
]);
const BGP_MARKER_BYTES = 16;

export function recogniseIndustry(speech: Speech): string | null {
  const { source, destination } = speech;
  if (isMqtt(source)) return 'mqtt';
  if (spells(source, 0, 'AMQP') && source.length >= 8) return 'amqp';
  if (isBgp(source) || isBgp(destination)) return 'bgp';
  if (isDnp3(source) || isDnp3(destination)) return 'dnp3';
  if (isModbus(source, speech) || (source.length === 0 && isModbus(destination, speech))) return 'modbus';
  if (isS7(source)) return 's7comm';
  if (isIec104(source, speech)) return 'iec104';
  if (spells(source, 0, '\x13BitTorrent protocol') || spells(destination, 0, '\x13BitTorrent protocol'))
    return 'bittorrent';
  if (isOpenVpn(source)) return 'openvpn';
  if (source.length >= 10 && source[0] === 0xff && source[9] === 0x7f && be32(source, 1) === 0) return 'zmtp';
  return null;
}

/** CONNECT: remaining length, the protocol's name, its version. */
function isMqtt(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x10) return false;
  let at = 1;
  while (at < 4 && ((bytes[at] ?? 0) & 0x80) !== 0) at += 1;
  at += 1;
  return (
    (be16(bytes, at) === 4 && spells(bytes, at + 2, 'MQTT')) ||
    (be16(bytes, at) === 6 && spells(bytes, at + 2, 'MQIsdp'))
  );
}

function isBgp(bytes: Uint8Array): boolean {
  if (bytes.length < 19) return false;
  for (let index = 0; index < BGP_MARKER_BYTES; index++) if (bytes[index] !== 0xff) return false;
  const type = bytes[18] as number;
  return be16(bytes, 16) >= 19 && be16(bytes, 16) <= 4096 && type >= 1 && type <= 5;
}

function isDnp3(bytes: Uint8Array): boolean {
  return bytes.length >= 10 && bytes[0] === 0x05 && bytes[1] === 0x64 && (bytes[2] as number) >= 5;
}

/** Transaction, protocol 0, a length that fits, unit, function. */
function isModbus(bytes: Uint8Array, speech: Speech): boolean {
  if (bytes.length < 8 || be16(bytes, 2) !== 0 || !hasPort(speech, 502)) return false;
  const length = be16(bytes, 4);
  return (
    length >= 2 && length <= 254 && length + 6 <= bytes.length && MODBUS_FUNCTIONS.has((bytes[7] as number) & 0x7f)
  );
}

/** COTP over TPKT to port 102: a connection with the parameters that S7 uses, or its data. */
function isS7(bytes: Uint8Array): boolean {
  if (bytes.length < 11 || bytes[0] !== 3 || bytes[1] !== 0 || be16(bytes, 2) < 11) return false;
  if (bytes[5] === 0xe0)
    return bytes.length >= 22 && bytes.subarray(11, 22).indexOf(0xc1) >= 0 && bytes.subarray(11, 22).indexOf(0xc2) >= 0;
  return bytes[5] === 0xf0 && (bytes[7] === 0x32 || bytes[7] === 0x72);
}

function isIec104(bytes: Uint8Array, speech: Speech): boolean {
  return (
    bytes.length >= 6 &&
    bytes[0] === 0x68 &&
    (bytes[1] as number) >= 4 &&
    (bytes[1] as number) + 2 <= bytes.length &&
    hasPort(speech, 2404)
  );
}

/** A hard reset of a client behind its length. */
function isOpenVpn(bytes: Uint8Array): boolean {
  const length = be16(bytes, 0);
  const operation = (bytes[2] ?? 0) >> 3;
  return (
    bytes.length >= 16 &&
    length + 2 === bytes.length &&
    length <= 1024 &&
    (operation === 7 || operation === 10 || operation === 1) &&
    isFirstOpenVpn(bytes.subarray(2))
  );
}

/** Nothing to acknowledge yet, and packet 0; with a key for authentication those stand behind it. */
export function isFirstOpenVpn(bytes: Uint8Array): boolean {
  // A session is named by eight random bytes: the numbers of other protocols are mostly zero.
  let zeros = 0;
  for (let at = 1; at < 9; at++) if (bytes[at] === 0) zeros += 1;
  if (zeros > 2) return false;
  const plain = bytes[9] === 0 && be32(bytes, 10) === 0 && bytes.length <= 86;
  // HMAC of 16 to 64 bytes, then packet id 1 and a time.
  const keyed = [16, 20, 28, 32, 48, 64].some(
    (mac) => be32(bytes, 9 + mac) === 1 && bytes[9 + mac + 8] === 0 && be32(bytes, 9 + mac + 9) === 0,
  );
  // Encrypted control channel: packet id 1 and a time in clear before the rest.
  const sealed = be32(bytes, 9) === 1 && bytes.length >= 54 && bytes.length <= 600;
  return plain || keyed || sealed;
}
