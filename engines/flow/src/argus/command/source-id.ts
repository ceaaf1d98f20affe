/** Who a stream is from, as `-e`, `-i …/id` and ARGUS_MONITOR_ID say it. */

import { lookup } from 'node:dns/promises';
import { isIPv4 } from 'node:net';
import { hostname } from 'node:os';
import { argusError } from '../errors.ts';

export interface SourceId {
  /** As SOURCE_ID_KIND of a record. */
  readonly kind: number;
  /** The id's bytes in order, as a word of memory. */
  readonly word: number;
}

export const NO_SOURCE_ID: SourceId = { kind: 0, word: 0 };
const NUMBER = 0x20;
const CHARACTERS = 0x21;
const IPV4 = 1;

/**
 * An IPv4 address, a number, up to four characters in double quotes, or a host's name for its address.
 *
 * @throws UndercroftError `flow.argus.source-id`
 */
export async function parseSourceId(text: string): Promise<SourceId> {
  const quoted = /^"(.*)"$/.exec(text);
  if (quoted !== null) {
    const bytes = [...Buffer.from((quoted[1] as string).slice(0, 4), 'latin1')];
    return { kind: CHARACTERS, word: wordOf(bytes) };
  }
  if (/^\d+$/.test(text) && Number(text) <= 0xffffffff) {
    const value = Number(text);
    return { kind: NUMBER, word: wordOf([value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]) };
  }
  if (isIPv4(text)) return { kind: IPV4, word: wordOf(text.split('.').map(Number)) };
  if (/^uuid:|^[0-9a-f]{8}-/i.test(text)) {
    throw argusError('source-id', `${text}: records of version 3 have no room for a UUID; give a number or an address`);
  }
  const name = text === '`hostname`' ? hostname() : text;
  try {
    const { address } = await lookup(name, 4);
    return { kind: IPV4, word: wordOf(address.split('.').map(Number)) };
  } catch (error) {
    throw argusError('source-id', `${text}: neither an address, a number, "text" nor a host's name`, error);
  }
}

function wordOf(bytes: readonly number[]): number {
  return bytes.reduce((word, byte, index) => word | (byte << (index * 8)), 0) >>> 0;
}
