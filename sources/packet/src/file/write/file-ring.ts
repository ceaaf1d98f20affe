/** Names of files that follow each other, and which of them are kept: those of runs before count too. */
import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const NUMBER_DIGITS = 5;
/** Between stem and extension: the number and the time. */
const MIDDLE = /^_(\d{5,})_\d{8}T\d{6}$/;
/** `.pcap`, `.pcapng.zst`. */
const EXTENSIONS = /(\.[a-z]+){1,2}$/;

export class FileRing {
  readonly #path: string;
  readonly #keep: number;
  readonly #files: string[];
  #number: number;

  /**
   * @param path `captures/edge.pcap` gives `captures/edge_00001_20260131T235959.pcap` and so on
   * @param keep at most so many finished files; 0 keeps all
   */
  constructor(path: string, keep: number) {
    this.#path = path;
    this.#keep = keep;
    const [stem, extension] = partsOf(path);
    const numbered = readdirSync(dirname(path)).flatMap((name) => {
      if (!name.startsWith(stem) || !name.endsWith(extension)) return [];
      const number = MIDDLE.exec(name.slice(stem.length, name.length - extension.length))?.[1];
      return number === undefined ? [] : [{ name, number: Number(number) }];
    });
    numbered.sort((a, b) => a.number - b.number);
    this.#files = numbered.map(({ name }) => join(dirname(path), name));
    this.#number = numbered.at(-1)?.number ?? 0;
  }

  /** @param timeS of the first packet that goes into it */
  nextPath(timeS: number): string {
    this.#number++;
    const [stem, extension] = partsOf(this.#path);
    const time = new Date(timeS * 1000).toISOString().replace(/[-:]/g, '').slice(0, 15);
    return join(
      dirname(this.#path),
      `${stem}_${String(this.#number).padStart(NUMBER_DIGITS, '0')}_${time}${extension}`,
    );
  }

  /** Counts a finished file and removes those that are too many, oldest first. */
  finished(path: string): void {
    this.#files.push(path);
    while (this.#keep > 0 && this.#files.length > this.#keep) rmSync(this.#files.shift() as string, { force: true });
  }

  /** Finished files, oldest first. */
  get files(): readonly string[] {
    return this.#files;
  }
}

function partsOf(path: string): [stem: string, extension: string] {
  const name = basename(path);
  const extension = EXTENSIONS.exec(name)?.[0] ?? '';
  return [name.slice(0, name.length - extension.length), extension];
}
