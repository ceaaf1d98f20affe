/** What rasplit and rastream share: records to files by time, count or size. */
import { spawn } from 'node:child_process';
import { KIND, KIND_EVENT, KIND_MANAGEMENT, START_S } from '../record/layout.ts';
import type { FlowRecord } from '../record/record.ts';
import { RecordCutter, timeAt } from './aggregate/cut.ts';
import { FileNames } from './client/names.ts';
import type { Client, ClientContext } from './client/run.ts';
import { SplitFiles } from './client/split-files.ts';
import { ClientError, UsageError } from './options/settings.ts';
import { zoneOf } from './text/zone.ts';
import { BinEdges, type BinRule, binRule } from './time/bins.ts';

const DEFAULT_PREFIX = 'x';
const DEFAULT_TIME_FORMAT = '.%Y.%m.%d.%H.%M.%S';
const DEFAULT_SUFFIX_LENGTH = 2;
const US_PER_S = 1e6;
const LETTERS = 26;
const DEFAULT_COUNT = 10_000;

/**
 * @param isLive files are closed, and handed to the program of `-f`, when their time is over
 */
export function startSplit(context: ClientContext, isLive: boolean): Client {
  const { settings } = context;
  const parsed = binRule(settings.modes);
  if (parsed === null) throw new UsageError();
  const asked = parsed.rule;
  const rule: BinRule = asked.mode === 'all' ? { ...asked, mode: 'count', limit: DEFAULT_COUNT } : asked;
  const template = settings.writes[0]?.path ?? DEFAULT_PREFIX;
  if (template === '-') throw new ClientError('-w - is one file');
  const program = settings.flowModelFile;
  const children: Promise<void>[] = [];
  const files = new SplitFiles(context, (path) => {
    if (isLive && program !== undefined) children.push(handOver(program, path, context));
  });
  const splitter =
    rule.mode === 'time'
      ? new TimeSplit(context, rule, template, files)
      : new FillSplit(context, rule, template, files);
  return {
    record(record) {
      const kind = record.get(KIND);
      if (kind !== KIND_MANAGEMENT && kind !== KIND_EVENT) splitter.add(record);
      return true;
    },
    tick() {
      if (isLive) splitter.closeUntil((Date.now() / 1000 - settings.holdSeconds) * US_PER_S);
      files.flush();
    },
    async end() {
      files.closeAll();
      await Promise.all(children);
    },
  };
}

class TimeSplit {
  readonly #names: FileNames;
  readonly #edges: BinEdges;
  readonly #cutter: RecordCutter;
  readonly #files: SplitFiles;
  /** When the time of a file is over. */
  readonly #ends = new Map<string, number>();

  constructor({ settings }: ClientContext, rule: BinRule, template: string, files: SplitFiles) {
    this.#names = new FileNames(/%[A-Za-z]/.test(template) ? template : template + DEFAULT_TIME_FORMAT, settings);
    this.#edges = new BinEdges(rule, zoneOf(settings.timeZone));
    this.#cutter = new RecordCutter(this.#edges, rule);
    this.#files = files;
  }

  add(record: FlowRecord): void {
    this.#cutter.cut(record, (piece, bin) => {
      const path = this.#names.name(piece, bin);
      if (!this.#ends.has(path)) this.#ends.set(path, this.#edges.endOf(bin));
      this.#files.put(path, piece);
    });
  }

  closeUntil(us: number): void {
    for (const [path, end] of this.#ends) {
      if (end > us) continue;
      this.#files.close(path);
      this.#ends.delete(path);
    }
  }
}

class FillSplit {
  readonly #names: FileNames;
  readonly #rule: BinRule;
  readonly #files: SplitFiles;
  readonly #suffixLength: number;
  readonly #fills = new Map<string, { rank: number; filled: number }>();

  constructor({ settings }: ClientContext, rule: BinRule, template: string, files: SplitFiles) {
    this.#names = new FileNames(template, settings);
    this.#rule = rule;
    this.#files = files;
    this.#suffixLength = Number.parseInt(settings.values.get('a')?.[0] ?? '', 10) || DEFAULT_SUFFIX_LENGTH;
  }

  add(record: FlowRecord): void {
    const name = this.#names.name(record, timeAt(record, START_S));
    let fill = this.#fills.get(name);
    if (fill === undefined) {
      fill = { rank: 0, filled: 0 };
      this.#fills.set(name, fill);
    }
    if (fill.filled >= this.#rule.limit) {
      this.#files.close(name + suffix(fill.rank, this.#suffixLength));
      fill.rank += 1;
      fill.filled = 0;
    }
    const bytes = this.#files.put(name + suffix(fill.rank, this.#suffixLength), record);
    fill.filled += this.#rule.mode === 'size' ? bytes : 1;
  }

  closeUntil(): void {
    // These end by what is in them, not by the clock.
  }
}

/** `aa`, `ab` ... as split(1) counts; longer when the letters run out. */
export function suffix(rank: number, length: number): string {
  let text = '';
  for (let rest = rank; text.length < length || rest > 0; rest = Math.floor(rest / LETTERS)) {
    text = String.fromCharCode(97 + (rest % LETTERS)) + text;
  }
  return text;
}

/** Runs the user's program with `-r file`. */
function handOver(program: string, path: string, { io }: ClientContext): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn(program, ['-r', path], {
      stdio: ['ignore', 'ignore', 'ignore'],
      env: io.env as NodeJS.ProcessEnv,
    });
    child.on('error', (error) => {
      io.stderr.write(`rastream: ${program}: ${error.message}\n`);
      resolve();
    });
    child.on('close', () => resolve());
  });
}
