/** ranonymize.conf: what is changed, and the key that decides how. */
import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { isYes, parseConfig } from '../../argus/command/config-file.ts';
import { ClientError } from '../options/settings.ts';
import type { AddressPolicy } from './addresses.ts';
import type { PortPolicy } from './ports.ts';

const KEY_BYTES = 32;
const MIN_KEY_BYTES = 16;
const MAX_FILE_BYTES = 1024 * 1024;
const DEFAULT_NET_BITS = 24;
const MAX_SECONDS = 2 ** 28;
const MAX_MICROSECONDS = 500_000;

/** A part of the IP header: as it is, one value for all, or none. */
export type Constant = number | 'keep';

export interface AnonymizeSettings {
  readonly addresses: AddressPolicy;
  readonly ports: PortPolicy;
  /** Added to what counts upwards. */
  readonly referenceOffset: number;
  readonly sequenceOffset: number;
  readonly secondsOffset: number;
  readonly microsecondsOffset: number;
  readonly ipId: Constant;
  readonly ttl: Constant;
  readonly tos: Constant;
  readonly keepsAsNumbers: boolean;
  readonly keyOf: (purpose: string, bytes?: number) => Buffer;
  /** Nobody can do the same again. */
  readonly isRandom: boolean;
}

type Values = (key: string) => string | undefined;

/** @param keyFile of the command line @throws ClientError */
export function anonymizeSettings(configFile: string | undefined, keyFile: string | undefined): AnonymizeSettings {
  const lines = configFile === undefined ? [] : parseConfig(textOf(configFile));
  const all = (key: string): string[] => lines.filter((line) => line.key === `RANON_${key}`).map(({ value }) => value);
  const value: Values = (key) => all(key).at(-1);
  const { secret, isRandom } = secretOf(keyFile ?? value('KEY_FILE'), value('SEED'));
  const keyOf = (purpose: string, bytes = KEY_BYTES): Buffer => expanded(secret, purpose, bytes);
  const number = (purpose: string, below: number): number => keyOf(purpose, 4).readUInt32BE(0) % below;
  const constant = (key: string, below: number): Constant => constantOf(value(key), () => number(key, below), key);
  return {
    addresses: addressPolicy(value, all),
    ports: portPolicy(value, all, number),
    referenceOffset: offsetOf(value('TRANSREFNUM_OFFSET'), number('reference', 2 ** 31), 'TRANSREFNUM_OFFSET'),
    sequenceOffset: offsetOf(value('SEQNUM_OFFSET'), number('sequence', 2 ** 31), 'SEQNUM_OFFSET'),
    secondsOffset: offsetOf(value('TIME_SEC_OFFSET'), number('seconds', MAX_SECONDS), 'TIME_SEC_OFFSET'),
    microsecondsOffset: offsetOf(
      value('TIME_USEC_OFFSET'),
      number('microseconds', MAX_MICROSECONDS),
      'TIME_USEC_OFFSET',
    ),
    ipId: constant('PRESERVE_IP_ID', 65_536),
    ttl: constant('PRESERVE_IP_TTL', 256),
    tos: constant('PRESERVE_IP_TOS', 256),
    keepsAsNumbers: /^no$/i.test(value('AS_ANONYMIZATION') ?? ''),
    keyOf,
    isRandom,
  };
}

function addressPolicy(value: Values, all: (key: string) => string[]): AddressPolicy {
  const changes = (key: string): boolean => !/^no$/i.test(value(key) ?? '');
  const keeps = (key: string, otherwise: boolean): boolean => isYes(value(key) ?? (otherwise ? 'yes' : 'no'));
  const pairs = [
    ...all('SPECIFY_NET_TRANSLATION').map((text) => pairOf(text, 3)),
    ...all('SPECIFY_HOST_TRANSLATION').map((text) => pairOf(text, 4)),
  ];
  return {
    changesNets: changes('NET_ANONYMIZATION'),
    changesHosts: changes('HOST_ANONYMIZATION'),
    netBits: Math.min(32, Math.max(4, Number.parseInt(value('NETWORK_ADDRESS_LENGTH') ?? '', 10) || DEFAULT_NET_BITS)),
    keepsBroadcast: keeps('PRESERVE_BROADCAST_ADDRESS', true),
    keepsMulticast: keeps('PRESERVE_MULTICAST_ADDRESS', true),
    changesMacs: changes('ETHERNET_ANONYMIZATION'),
    keepsVendors: keeps('PRESERVE_ETHERNET_VENDOR', false),
    keepsMacBroadcast: keeps('PRESERVE_ETHERNET_BROADCAST', true),
    keepsMacMulticast: keeps('PRESERVE_ETHERNET_MULTICAST', true),
    translations: pairs,
  };
}

/** `192.168.0.64::128.2.34.5` */
function pairOf(text: string, bytes: number): readonly [Buffer, Buffer] {
  const [from = '', to = ''] = text.split('::').map((one) => one.trim());
  if (!isIPv4(from) || !isIPv4(to))
    throw new ClientError(`RANON_SPECIFY_…_TRANSLATION=${text} is no pair of addresses`);
  const bytesOf = (address: string): Buffer => Buffer.from(address.split('.').map(Number)).subarray(0, bytes);
  return [bytesOf(from), bytesOf(to)];
}

function portPolicy(
  value: Values,
  all: (key: string) => string[],
  number: (purpose: string, below: number) => number,
): PortPolicy {
  const method = (value('PORT_METHOD') ?? 'offset:random').toLowerCase();
  const keeps = (key: string): boolean => isYes(value(key) ?? 'no');
  const kept = new Set<number>();
  for (const text of [...all('PRESERVE_PORT_NUM'), ...all('PRESERVE_PORT_NUMS')]) {
    for (const [, first, last] of text.matchAll(/(\d+)(?:\s*-\s*(\d+))?/g)) {
      const end = Math.min(65_535, Number(last ?? first));
      for (let port = Number(first); port <= end; port += 1) kept.add(port);
    }
  }
  const match = /^(?:offset:(random|fixed:)?(-?\d+)?|random|shuffle|no)$/.exec(method);
  if (match === null) throw new ClientError(`RANON_PORT_METHOD=${method}: offset:random, offset:<n>, random or no`);
  const offset = match[2] === undefined ? number('ports', 65_536) : Number(match[2]);
  return {
    keepsWellKnown: isYes(value('PRESERVE_WELLKNOWN_PORT_NUMS') ?? 'yes'),
    keepsRegistered: keeps('PRESERVE_REGISTERED_PORT_NUMS'),
    keepsPrivate: keeps('PRESERVE_PRIVATE_PORT_NUMS'),
    kept,
    offset: method === 'no' ? 0 : method.startsWith('offset') ? offset : null,
  };
}

/** `random`, `fixed:<n>`, `no`, `none` */
function offsetOf(text: string | undefined, random: number, key: string): number {
  if (text === undefined || /^random$/i.test(text)) return random;
  if (/^no(?:ne)?$/i.test(text)) return 0;
  const match = /^fixed:(-?\d+)$/i.exec(text);
  if (match === null) throw new ClientError(`RANON_${key}=${text}: random, fixed:<n> or none`);
  return Number(match[1]);
}

function constantOf(text: string | undefined, random: () => number, key: string): Constant {
  if (text === undefined || isYes(text)) return 'keep';
  if (/^no$/i.test(text)) return 0;
  const match = /^(?:fixed:)?(random|\d+)$/i.exec(text);
  if (match === null) throw new ClientError(`RANON_${key}=${text}: yes, no or fixed:<n>`);
  return match[1]?.toLowerCase() === 'random' ? random() : Number(match[1]);
}

function secretOf(keyFile: string | undefined, seed: string | undefined): { secret: Buffer; isRandom: boolean } {
  if (keyFile === undefined) {
    const isRandom = seed === undefined || seed === '';
    return { secret: isRandom ? randomBytes(KEY_BYTES) : Buffer.from(seed), isRandom };
  }
  const secret = bytesOf(keyFile);
  if (secret.length < MIN_KEY_BYTES) throw new ClientError(`${keyFile}: a key has ${MIN_KEY_BYTES} bytes or more`);
  return { secret, isRandom: false };
}

/** Longer than hkdf gives, the key is the start of a stream. */
function expanded(secret: Buffer, purpose: string, bytes: number): Buffer {
  const parts: Buffer[] = [];
  const size = KEY_BYTES * 128;
  for (let at = 0; at * size < bytes; at += 1) {
    parts.push(
      Buffer.from(
        hkdfSync(
          'sha256',
          secret,
          createHash('sha256').update('ranonymize').digest(),
          `${purpose}/${at}`,
          Math.min(bytes, size),
        ),
      ),
    );
  }
  return Buffer.concat(parts).subarray(0, bytes);
}

function textOf(path: string): string {
  return bytesOf(path).toString('utf8');
}

function bytesOf(path: string): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new ClientError(`${path}: ${(error as Error).message}`);
  }
  if (bytes.length > MAX_FILE_BYTES) throw new ClientError(`${path} is too large`);
  return bytes;
}
