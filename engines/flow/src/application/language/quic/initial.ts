/** Opens Initial packets of a client: their keys come of the connection id that is in clear. */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { Reader } from '../reader.ts';
import { type InitialPacket, variable } from './packet.ts';
import { quicVersion } from './versions.ts';

const TAG_BYTES = 16;
const SAMPLE_BYTES = 16;
const MAX_FRAMES = 256;

const PADDING = 0x00;
const PING = 0x01;
const ACK = 0x02;
const ACK_ECN = 0x03;
const CRYPTO = 0x06;

export interface CryptoFrame {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export interface InitialKeys {
  readonly key: Buffer;
  readonly iv: Buffer;
  readonly header: Buffer;
}

/**
 * @param bytes the datagram
 * @returns the CRYPTO frames; none where the packet is not the client's own, or is damaged
 */
export function openInitial(bytes: Uint8Array, packet: InitialPacket, keys: InitialKeys): CryptoFrame[] {
  if (packet.end - packet.number < 4 + SAMPLE_BYTES) return [];
  const sample = bytes.subarray(packet.number + 4, packet.number + 4 + SAMPLE_BYTES);
  const mask = createCipheriv('aes-128-ecb', keys.header, null).update(sample);
  const first = (bytes[packet.start] as number) ^ ((mask[0] as number) & 0x0f);
  const numberBytes = (first & 3) + 1;
  const header = Uint8Array.from(bytes.subarray(packet.start, packet.number + numberBytes));
  header[0] = first;
  const nonce = Buffer.from(keys.iv);
  for (let index = 0; index < numberBytes; index++) {
    const at = packet.number - packet.start + index;
    header[at] = (header[at] as number) ^ (mask[1 + index] as number);
    const place = nonce.length - numberBytes + index;
    nonce[place] = (nonce[place] as number) ^ (header[at] as number);
  }
  const sealed = bytes.subarray(packet.number + numberBytes, packet.end);
  const decipher = createDecipheriv('aes-128-gcm', keys.key, nonce);
  decipher.setAAD(header);
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const clear = decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES));
  try {
    decipher.final();
  } catch {
    // A server's packet, or a client's under another id: not to be read so.
    return [];
  }
  return cryptoFrames(clear);
}

function cryptoFrames(clear: Uint8Array): CryptoFrame[] {
  const frames: CryptoFrame[] = [];
  const reader = new Reader(clear);
  for (let count = 0; count < MAX_FRAMES && reader.left > 0 && reader.ok; count++) {
    const type = reader.u8();
    if (type === PADDING) {
      while (reader.left > 0 && clear[reader.at] === PADDING) reader.at += 1;
    } else if (type === CRYPTO) {
      const offset = variable(reader);
      const bytes = reader.take(variable(reader));
      if (reader.ok) frames.push({ offset, bytes });
    } else if (type === ACK || type === ACK_ECN) {
      passAck(reader, type === ACK_ECN);
    } else if (type !== PING) {
      break;
    }
  }
  return frames;
}

function passAck(reader: Reader, hasEcn: boolean): void {
  variable(reader);
  variable(reader);
  const ranges = variable(reader);
  variable(reader);
  for (let index = 0; index < ranges && reader.ok; index++) {
    variable(reader);
    variable(reader);
  }
  if (hasEcn) for (let index = 0; index < 3; index++) variable(reader);
}

/** @param id connection id that the client chose first, or, after a Retry, the server @returns null for unknown versions */
export function clientKeys(versionNumber: number, id: Uint8Array): InitialKeys | null {
  const version = quicVersion(versionNumber);
  if (version === undefined) return null;
  const initial = createHmac('sha256', version.salt).update(id).digest();
  const client = expand(initial, 'client in', 32);
  return {
    key: expand(client, `${version.label} key`, 16),
    iv: expand(client, `${version.label} iv`, 12),
    header: expand(client, `${version.label} hp`, 16),
  };
}

/** HKDF-Expand-Label of TLS 1.3 with no context; one round is enough for 32 bytes. */
function expand(secret: Uint8Array, label: string, bytes: number): Buffer {
  const text = `tls13 ${label}`;
  const info = Buffer.alloc(2 + 1 + text.length + 1 + 1);
  info.writeUInt16BE(bytes);
  info[2] = text.length;
  info.write(text, 3, 'latin1');
  info[info.length - 1] = 1;
  return createHmac('sha256', secret).update(info).digest().subarray(0, bytes);
}
