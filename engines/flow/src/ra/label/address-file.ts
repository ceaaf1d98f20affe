/** Files that name networks: `192.168.0.0/16 home`, `10.0.0.1 - 10.0.0.9 name`; and the registries' lists of countries. */
import { readFileSync } from 'node:fs';
import { ClientError } from '../options/settings.ts';
import { addressBytes, Networks } from './networks.ts';

const MAX_FILE_BYTES = 256 * 1024 * 1024;
const MAX_LABEL = 256;
const ADDRESS = '[0-9a-fA-F:.]+(?:/\\d+)?';
const LINE = new RegExp(`^\\s*(${ADDRESS})(?:\\s*-\\s*(${ADDRESS}))?\\s+"?([^\\s"]+)`);

/** @throws ClientError */
export function readLines(path: string): string[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new ClientError(`${path}: ${(error as Error).message}`);
  }
  if (bytes.length > MAX_FILE_BYTES) throw new ClientError(`${path} is too large`);
  return bytes
    .toString('utf8')
    .split(/\r?\n/)
    .filter((line) => !/^\s*#/.test(line));
}

/** A label is one word. Lines that name no network are left out, as ralabel does. */
export function readAddressFile(path: string): Networks<string> {
  const networks = new Networks<string>();
  for (const line of readLines(path)) {
    const [, first, last, label] = LINE.exec(line) ?? [];
    if (first === undefined || label === undefined) continue;
    const from = networkOf(first);
    const to = last === undefined ? from : networkOf(last);
    if (from === null || to === null) continue;
    const text = label.slice(0, MAX_LABEL);
    if (last === undefined) networks.add(from.bytes, from.bits, text);
    else if (from.bytes.length === 4 && to.bytes.length === 4) networks.addRange(wordOf(from.bytes), lastOf(to), text);
  }
  return networks;
}

interface Network {
  readonly bytes: Uint8Array;
  readonly bits: number;
}

function networkOf(text: string): Network | null {
  const [address = '', prefix] = text.split('/');
  const bytes = addressBytes(address);
  if (bytes === null) return null;
  const bits = prefix === undefined ? bytes.length * 8 : Number(prefix);
  return bits <= bytes.length * 8 ? { bytes, bits } : null;
}

function wordOf(bytes: Uint8Array): number {
  return bytes.reduce((word, byte) => word * 256 + byte, 0);
}

function lastOf({ bytes, bits }: Network): number {
  const size = 2 ** (32 - bits);
  return Math.floor(wordOf(bytes) / size) * size + size - 1;
}

/** `registry|CC|ipv4|start|count|date|status`, and `ipv6` with a prefix length as count. */
export function readDelegations(path: string): Networks<string> {
  const countries = new Networks<string>();
  for (const line of readLines(path)) {
    const [, country = '', type, start = '', count = ''] = line.split('|');
    const bytes = /^[A-Z]{2}$/.test(country) ? addressBytes(start) : null;
    const number = Number(count);
    if (bytes === null || !(number > 0)) continue;
    if (type === 'ipv4' && bytes.length === 4) {
      const first = wordOf(bytes);
      countries.addRange(first, Math.min(first + number, 2 ** 32) - 1, country);
    } else if (type === 'ipv6' && bytes.length === 16 && number <= 128) countries.add(bytes, number, country);
  }
  return countries;
}
