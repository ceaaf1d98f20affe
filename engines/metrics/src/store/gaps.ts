/** Why samples are missing: spans with a reason, and when each host was last heard of. A file of lines. */
import { existsSync } from 'node:fs';
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppendFile } from './append-file.ts';
import { syncFolder } from './tier.ts';

/** Gaps kept in memory and on disk; the oldest go first. */
const MAX_GAPS = 20_000;
/** How often it is written down that a host is still heard of. */
const SEEN_EVERY_S = 10;

export interface Gap {
  readonly host: string;
  readonly fromS: number;
  /** First second after it. */
  readonly toS: number;
  readonly reason: string;
}

type Line = Gap | { readonly host: string; readonly seenS: number };

export class GapLog {
  #gaps: Gap[] = [];
  readonly #seen = new Map<string, number>();
  readonly #written = new Map<string, number>();
  readonly #file: AppendFile;

  private constructor(file: AppendFile, gaps: Gap[], seen: ReadonlyMap<string, number>) {
    this.#file = file;
    this.#gaps = gaps;
    for (const [host, second] of seen) this.#seen.set(host, second);
  }

  static async open(path: string, keepFromS: number): Promise<GapLog> {
    const gaps: Gap[] = [];
    const seen = new Map<string, number>();
    if (existsSync(path)) {
      for (const raw of (await readFile(path, 'utf8')).split('\n')) {
        const line = parseLine(raw);
        if (line === undefined) continue;
        if ('seenS' in line) seen.set(line.host, line.seenS);
        else if (line.toS >= keepFromS) gaps.push(line);
      }
    }
    const kept = gaps.slice(-MAX_GAPS);
    const text = [...kept, ...[...seen].map(([host, seenS]) => ({ host, seenS }))].map(formatLine).join('');
    const aside = `${path}.new`;
    const handle = await open(aside, 'w');
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(aside, path);
    await syncFolder(dirname(path));
    return new GapLog(await AppendFile.open(path, Buffer.byteLength(text)), kept, seen);
  }

  /** Last second that a host had a sample, as far as it was written down. */
  lastSeen(host: string): number | undefined {
    return this.#seen.get(host);
  }

  seen(host: string, second: number): void {
    this.#seen.set(host, second);
    if (Math.abs(second - (this.#written.get(host) ?? 0)) < SEEN_EVERY_S) return;
    this.#written.set(host, second);
    this.#file.append(Buffer.from(formatLine({ host, seenS: second })));
    void this.#file.flush();
  }

  /** The store read samples back up to there: hosts seen shortly before were there until then. */
  recovered(lastS: number): void {
    for (const [host, second] of this.#seen) {
      if (lastS > second && lastS - second <= 2 * SEEN_EVERY_S) this.#seen.set(host, lastS);
    }
  }

  add(host: string, fromS: number, toS: number, reason: string): void {
    const gap = { host, fromS, toS, reason };
    this.#gaps.push(gap);
    if (this.#gaps.length > MAX_GAPS) this.#gaps = this.#gaps.slice(-MAX_GAPS / 2);
    this.#file.append(Buffer.from(formatLine(gap)));
    void this.#file.flush();
  }

  /** Gaps of a host that meet `[fromS, toS)`. */
  between(host: string, fromS: number, toS: number): Gap[] {
    return this.#gaps.filter((gap) => gap.host === host && gap.fromS < toS && gap.toS > fromS);
  }

  async sync(): Promise<void> {
    await this.#file.sync();
  }

  async close(): Promise<void> {
    for (const [host, seenS] of this.#seen) this.#file.append(Buffer.from(formatLine({ host, seenS })));
    await this.#file.close();
  }
}

function formatLine(line: Line): string {
  return `${JSON.stringify(line)}\n`;
}

function parseLine(raw: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(raw);
    if (typeof value !== 'object' || value === null || typeof (value as Line).host !== 'string') return undefined;
    if ('seenS' in value) return typeof value.seenS === 'number' ? (value as Line) : undefined;
    const { fromS, toS, reason } = value as Gap;
    const sound = typeof fromS === 'number' && typeof toS === 'number' && typeof reason === 'string';
    return sound ? (value as Gap) : undefined;
  } catch {
    return undefined;
  }
}
