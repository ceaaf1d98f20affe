/** SSH's identification line and first packet: who speaks, and what it offers. */
import { latin1Text, printable, Reader, spells } from '../reader.ts';
import { md5 } from '../tls/ja3.ts';

const MAX_LINE = 255;
/** Lines that a server may send before its identification. */
const MAX_LINES = 20;
const KEXINIT = 20;
const COOKIE_BYTES = 16;
const MAX_PACKET_BYTES = 35_000;
/** Kept of a list of names. */
const LISTS = 8;

export interface SshHello {
  /** `SSH-2.0-OpenSSH_9.6`. */
  readonly banner: string;
  /** MD5 of what is offered each way, as a client and as a server is known by it; null before the packet is there. */
  readonly hassh: string | null;
  readonly hasshServer: string | null;
}

/** @param bytes of one direction from its start @returns null before the line is whole */
export function readSsh(bytes: Uint8Array): SshHello | null {
  let at = 0;
  for (let line = 0; line < MAX_LINES && !spells(bytes, at, 'SSH-'); line++) {
    const next = bytes.indexOf(0x0a, at);
    if (next < 0 || next - at > 1024) return null;
    at = next + 1;
  }
  if (!spells(bytes, at, 'SSH-')) return null;
  const end = bytes.indexOf(0x0a, at);
  if (end < 0 || end - at > MAX_LINE) return null;
  const banner = printable(latin1Text(bytes, at, end).trimEnd());
  const lists = readLists(bytes, end + 1);
  if (lists === null) return { banner, hassh: null, hasshServer: null };
  const [kex, , cipherOut, cipherIn, macOut, macIn, compressionOut, compressionIn] = lists;
  return {
    banner,
    hassh: md5(`${kex};${cipherOut};${macOut};${compressionOut}`),
    hasshServer: md5(`${kex};${cipherIn};${macIn};${compressionIn}`),
  };
}

/** Key exchange, host keys, ciphers, MACs and compressions each way. */
function readLists(bytes: Uint8Array, at: number): readonly string[] | null {
  const reader = new Reader(bytes, at);
  const length = reader.u32();
  reader.skip(1);
  if (reader.u8() !== KEXINIT || length > MAX_PACKET_BYTES || !reader.ok) return null;
  reader.skip(COOKIE_BYTES);
  const lists: string[] = [];
  for (let index = 0; index < LISTS; index++) lists.push(reader.text(reader.u32()));
  return reader.ok ? lists : null;
}
