/** Listening sockets, from `/proc/net/{tcp,tcp6,udp,udp6}`. */
import { ByteCursor } from '../language/bytes.ts';

export interface ListeningSocket {
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
  readonly uid: number;
  readonly inode: number;
}

/** Listening sockets of one file beyond this are left out. */
export const MAX_LISTENERS = 4096;
const TCP_LISTEN = 0x0a;
/** A bound UDP socket that is not connected. */
const UDP_UNCONNECTED = 0x07;
const COLON = 58;

/**
 * The kernel lists listening TCP sockets before all others, so that reading stops at the first that is not one; with
 * ten thousand connections only the listeners cost time.
 * @see proc_pid_net(5)
 */
export function parseSockets(buffer: Uint8Array, length: number, protocol: 'tcp' | 'udp'): ListeningSocket[] {
  const cursor = new ByteCursor(buffer, length);
  const wanted = protocol === 'tcp' ? TCP_LISTEN : UDP_UNCONNECTED;
  const sockets: ListeningSocket[] = [];
  cursor.skipLine();
  for (; !cursor.done && sockets.length < MAX_LISTENERS; cursor.skipLine()) {
    cursor.skipWord();
    cursor.skipSpaces();
    const start = cursor.position;
    const colon = buffer.indexOf(COLON, start);
    if (colon < 0 || colon >= length) break;
    cursor.position = colon + 1;
    const port = cursor.hex();
    cursor.skipWord();
    const state = cursor.hex();
    if (state !== wanted) {
      if (protocol === 'tcp') break;
      continue;
    }
    cursor.skipWords(3);
    const uid = cursor.number();
    cursor.skipWord();
    const inode = cursor.number();
    const address = parseAddress(buffer, start, colon);
    if (address === undefined || Number.isNaN(port) || Number.isNaN(inode)) continue;
    sockets.push({ protocol, address, port, uid, inode });
  }
  return sockets;
}

/** 8 or 32 hexadecimal digits: 32-bit words in the machine's byte order, which is little-endian where we run. */
function parseAddress(buffer: Uint8Array, start: number, stop: number): string | undefined {
  const digits = stop - start;
  if (digits !== 8 && digits !== 32) return undefined;
  const bytes: number[] = [];
  const cursor = new ByteCursor(buffer, stop);
  for (let word = start; word < stop; word += 8) {
    const quad: number[] = [];
    for (let at = word; at < word + 8; at += 2) {
      cursor.position = at;
      cursor.end = at + 2;
      const value = cursor.hex();
      if (Number.isNaN(value) || cursor.position !== at + 2) return undefined;
      quad.unshift(value);
    }
    bytes.push(...quad);
  }
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255) {
    return bytes.slice(12).join('.');
  }
  return shortenIpv6(bytes);
}

/** @see RFC 5952 */
function shortenIpv6(bytes: readonly number[]): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[i * 2]! << 8) | bytes[i * 2 + 1]!).toString(16));
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at++) {
    let run = 0;
    while (at + run < 8 && groups[at + run] === '0') run++;
    if (run > best.length) best = { at, length: run };
  }
  if (best.at < 0) return groups.join(':');
  return `${groups.slice(0, best.at).join(':')}::${groups.slice(best.at + best.length).join(':')}`;
}
