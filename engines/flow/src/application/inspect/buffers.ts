/** Pieces of memory that are used again: to make and drop them by the flow would cost more than to read them. */

/** Bytes of a piece, by class: a packet, a few, all that is kept of one direction. */
const SIZES = [2_048, 8_192, 24_576] as const;
/** Unused pieces kept of each class. */
const MAX_SPARE = 256;

export const MAX_BUFFER_BYTES = SIZES[2];

export class Buffers {
  readonly #spare: readonly Uint8Array[][] = SIZES.map(() => []);

  /** @param bytes at most MAX_BUFFER_BYTES @returns at least so many, with whatever they held before */
  take(bytes: number): Uint8Array {
    const index = SIZES.findIndex((size) => size >= bytes);
    return this.#spare[index]?.pop() ?? new Uint8Array(SIZES[index] ?? bytes);
  }

  give(piece: Uint8Array): void {
    const spare = this.#spare[SIZES.indexOf(piece.length as (typeof SIZES)[number])];
    if (spare !== undefined && spare.length < MAX_SPARE) spare.push(piece);
  }
}
