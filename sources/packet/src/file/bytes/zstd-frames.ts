/**
 * Cuts a zstd stream into its frames without decoding them: a frame's header and its blocks' headers say how long they
 * are. Skippable frames are left out.
 *
 * @see RFC 8878, sections 3.1.1 and 3.1.2
 */

const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const MAX_HEADER_BYTES = 14;
const CHECKSUM_BYTES = 4;

/**
 * @param onDamage called where the stream ends inside a frame, or goes on with what is no frame
 * @returns the frames in order; each has to be read to its end before the next is asked for
 */
export async function* zstdFrames(
  input: AsyncIterable<Uint8Array>,
  onDamage: (text: string) => void,
): AsyncGenerator<AsyncIterable<Uint8Array>> {
  const reader = new ChunkReader(input);
  for (;;) {
    const magic = await reader.peek(4);
    if (magic.length === 0) return;
    const number = magic.length < 4 ? 0 : uint32(magic);
    if ((number & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) {
      const head = await reader.take(8);
      for await (const chunk of reader.stream(uint32(head.subarray(4)))) void chunk;
    } else if (number === FRAME_MAGIC) {
      yield frameOf(reader, onDamage);
    } else {
      onDamage('what follows the last frame is no zstd');
      return;
    }
  }
}

async function* frameOf(reader: ChunkReader, onDamage: (text: string) => void): AsyncGenerator<Uint8Array> {
  const head = await reader.peek(MAX_HEADER_BYTES);
  const descriptor = head[4] ?? 0;
  const singleSegment = (descriptor & 0x20) !== 0;
  const sizeBytes = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] as number;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] as number;
  yield await reader.take(5 + (singleSegment ? 0 : 1) + dictionaryBytes + sizeBytes);
  for (;;) {
    const block = await reader.take(3);
    if (block.length < 3) return onDamage('it is cut: a block is missing');
    yield block;
    const bits = (block[0] as number) | ((block[1] as number) << 8) | ((block[2] as number) << 16);
    const runLength = ((bits >> 1) & 3) === 1;
    let left = runLength ? 1 : bits >> 3;
    for await (const chunk of reader.stream(left)) {
      left -= chunk.length;
      yield chunk;
    }
    if (left > 0) return onDamage('it is cut inside a block');
    if ((bits & 1) === 1) break;
  }
  if ((descriptor & 4) !== 0) yield await reader.take(CHECKSUM_BYTES);
}

function uint32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
}

/** Bytes by count out of chunks of any size. */
class ChunkReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** @returns the next bytes, fewer at the end, without consuming them */
  async peek(count: number): Promise<Uint8Array> {
    while (this.#rest.length < count) {
      const next = await this.#chunks.next();
      if (next.done) break;
      const joined = new Uint8Array(this.#rest.length + next.value.length);
      joined.set(this.#rest);
      joined.set(next.value, this.#rest.length);
      this.#rest = joined;
    }
    return this.#rest.subarray(0, count);
  }

  async take(count: number): Promise<Uint8Array> {
    const bytes = await this.peek(count);
    this.#rest = this.#rest.subarray(bytes.length);
    return bytes;
  }

  /** The next `count` bytes as they come. */
  async *stream(count: number): AsyncGenerator<Uint8Array> {
    let left = count;
    while (left > 0) {
      if (this.#rest.length === 0 && (await this.peek(1)).length === 0) return;
      const chunk = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(chunk.length);
      left -= chunk.length;
      yield chunk;
    }
  }
}
