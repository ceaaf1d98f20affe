/**
 * Frames of the link between roles: `u32 length, u32 header length, header JSON, attachments`. Typed arrays travel as
 * attachments, named in the header by their place; everything else is JSON, so that hostile bytes meet a JSON parser
 * and nothing cleverer.
 */
import { UndercroftError } from '../errors.ts';

export const MAX_FRAME_BYTES = 64 * 1024 * 1024;
const MAX_ATTACHMENTS = 1024;
const ATTACHMENT = '$bytes';

const TYPES = {
  Float64Array,
  Float32Array,
  Uint8Array,
  Uint16Array,
  Uint32Array,
  Int32Array,
  BigInt64Array,
  BigUint64Array,
} as const;
type TypeName = keyof typeof TYPES;

/** @param message JSON values and typed arrays */
export function encodeFrame(message: unknown): Buffer {
  const attachments: Buffer[] = [];
  const header = Buffer.from(
    JSON.stringify(message, function attach(this: Record<string, unknown>, key, value) {
      // What the holder has, not `value`: a Buffer's own toJSON has already spelt that out byte by byte.
      const raw = this[key];
      if (!ArrayBuffer.isView(raw)) return value;
      attachments.push(Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength));
      const type = Buffer.isBuffer(raw) ? 'Uint8Array' : raw.constructor.name;
      return { [ATTACHMENT]: attachments.length - 1, type, bytes: raw.byteLength };
    }),
  );
  const total = 4 + header.length + attachments.reduce((sum, part) => sum + part.length, 0);
  if (total > MAX_FRAME_BYTES) {
    throw new UndercroftError(
      'kernel.link.too-large',
      `A message of ${total} bytes is over the link's limit of ${MAX_FRAME_BYTES}.`,
    );
  }
  const head = Buffer.allocUnsafe(8);
  head.writeUInt32LE(total, 0);
  head.writeUInt32LE(header.length, 4);
  return Buffer.concat([head, header, ...attachments]);
}

/** Takes bytes as they come and gives whole messages. @throws UndercroftError `kernel.link.frame` on a broken stream */
export class FrameReader {
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  *push(chunk: Buffer): Generator<unknown> {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    while (this.#pendingBytes >= 4) {
      const total = this.#peek(4).readUInt32LE(0);
      if (total < 4 || total > MAX_FRAME_BYTES) throw broken(`a frame of ${total} bytes`);
      if (this.#pendingBytes < 4 + total) return;
      const frame = this.#peek(4 + total);
      this.#pending =
        frame.length === 4 + total ? this.#pending.slice(1) : [frame.subarray(4 + total), ...this.#pending.slice(1)];
      this.#pendingBytes -= 4 + total;
      yield decodeFrame(frame.subarray(4, 4 + total));
    }
  }

  /** The first pending buffer, grown to at least `bytes`. */
  #peek(bytes: number): Buffer {
    let first = this.#pending[0] as Buffer;
    if (first.length < bytes) {
      first = Buffer.concat(this.#pending);
      this.#pending = [first];
    }
    return first;
  }
}

function decodeFrame(frame: Buffer): unknown {
  const headerBytes = frame.readUInt32LE(0);
  if (headerBytes > frame.length - 4) throw broken('a header longer than its frame');
  const places: number[] = [];
  let offset = 4 + headerBytes;
  let message: unknown;
  try {
    message = JSON.parse(frame.toString('utf8', 4, 4 + headerBytes), (_key, value) => {
      if (value === null || typeof value !== 'object' || !Object.hasOwn(value, ATTACHMENT)) return value;
      const place = value as { [ATTACHMENT]: unknown; type: unknown; bytes: unknown };
      const array = TYPES[place.type as TypeName];
      const bytes = place.bytes as number;
      if (
        !Object.hasOwn(TYPES, String(place.type)) ||
        !Number.isInteger(bytes) ||
        bytes < 0 ||
        bytes % array.BYTES_PER_ELEMENT !== 0
      )
        throw broken('an attachment of an unknown kind');
      if (place[ATTACHMENT] !== places.length || places.length >= MAX_ATTACHMENTS)
        throw broken('attachments out of order');
      if (offset + bytes > frame.length) throw broken('an attachment past the end');
      places.push(offset);
      const copy = new Uint8Array(bytes);
      copy.set(frame.subarray(offset, offset + bytes));
      offset += bytes;
      return new array(copy.buffer, 0, bytes / array.BYTES_PER_ELEMENT);
    });
  } catch (error) {
    if (error instanceof UndercroftError) throw error;
    throw broken((error as Error).message);
  }
  return message;
}

function broken(what: string): UndercroftError {
  return new UndercroftError('kernel.link.frame', `The link sent ${what}.`);
}
