/** Answers compiled queries: which files, in which order, within which time. */
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { UndercroftError } from '@undercroft/kernel';
import type { ChildQueryResult, ChildValue } from '../protocol.ts';
import { assembleSql, type QuerySource } from '../query/assemble.ts';
import type { CompiledQuery, WalkOrder } from '../query/compiled.ts';
import { type ListedFile, listFiles, signatureColumns } from './file-list.ts';
import type { RetiredFiles } from './retired.ts';
import { readRows } from './run.ts';
import type { HotTable } from './schema.ts';
import type { SkippedFiles } from './skipped.ts';

/** Files opened in the first step of a walk; each further step opens four times as many. */
const FIRST_STEP_FILES = 2;
const STEP_GROWTH = 4;
/** Each round takes out the files that failed it; nothing else is tried again. */
const MAX_ROUNDS = 3;
const MAX_IDLE_CONNECTIONS = 2;
const INTERRUPT_AGAIN_MS = 50;
export const MAX_RUNNING_QUERIES = 2;
export const MAX_WAITING_QUERIES = 64;

type Row = readonly ChildValue[];

export interface ReaderParts {
  readonly instance: DuckDBInstance;
  readonly tables: ReadonlyMap<string, HotTable>;
  readonly retired: RetiredFiles;
  readonly skipped: SkippedFiles;
}

export class Reader {
  readonly #parts: ReaderParts;
  readonly #idle: DuckDBConnection[] = [];
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  /** @throws UndercroftError `events.query.timeout`, `events.query.too-large`, `events.query.busy` */
  async query(query: CompiledQuery, timeoutMs: number): Promise<ChildQueryResult> {
    const deadline = performance.now() + timeoutMs;
    await this.#turn();
    const done = this.#parts.retired.reading();
    const connection = this.#idle.pop() ?? (await this.#parts.instance.connect());
    let timedOut = false;
    const cancel = interruptAt(connection, deadline, () => {
      timedOut = true;
    });
    try {
      return await this.#rounds(connection, query, () => timedOut);
    } catch (error) {
      throw timedOut ? timeoutError(timeoutMs) : queryError(error);
    } finally {
      cancel();
      this.#idle.push(connection);
      if (this.#idle.length > MAX_IDLE_CONNECTIONS) this.#idle.shift()?.closeSync();
      done();
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    if (this.#running >= MAX_RUNNING_QUERIES) {
      if (this.#waiting.length >= MAX_WAITING_QUERIES)
        throw new UndercroftError('events.query.busy', `${MAX_WAITING_QUERIES} queries are waiting already.`, {
          status: 503,
          fix: 'Ask again in a moment, or for a shorter time range.',
        });
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running += 1;
  }

  async #rounds(connection: DuckDBConnection, query: CompiledQuery, stopped: () => boolean): Promise<ChildQueryResult> {
    for (let round = 1; ; round++) {
      let files: ListedFile[] = [];
      try {
        return await inSnapshot(connection, async () => {
          const listed = await matchingFiles(connection, query);
          files = this.#parts.skipped.check(listed);
          const left = listed.filter((file) => !files.includes(file)).map((file) => this.#skipWarning(file));
          return this.#run(connection, query, files, [...query.notes, ...left], stopped);
        });
      } catch (error) {
        if (stopped() || round === MAX_ROUNDS || !(await this.#findBroken(connection, query, files))) throw error;
      }
    }
  }

  async #run(
    connection: DuckDBConnection,
    query: CompiledQuery,
    files: readonly ListedFile[],
    warnings: string[],
    stopped: () => boolean,
  ): Promise<ChildQueryResult> {
    const hot = this.#hotSources(query);
    const hotRows = query.classes.reduce((sum, name) => sum + (this.#parts.tables.get(name)?.rows ?? 0), 0);
    const walk = query.walk === undefined ? undefined : new Walk(query, query.walk, files);
    let rows: Row[] = [];
    let opened = 0;
    let scanned = hotRows;
    if (walk === undefined) {
      rows = await run(connection, query, [...hot, ...fileSources(files)]);
      opened = files.length;
      scanned += files.reduce((sum, file) => sum + file.rows, 0);
    } else {
      for (let step = walk.first(); step !== undefined; step = walk.next(rows)) {
        if (stopped()) throw new Error('interrupted');
        rows = walk.merge(rows, await run(connection, query, [...(opened === 0 ? hot : []), ...fileSources(step)]));
        opened += step.length;
        scanned += step.reduce((sum, file) => sum + file.rows, 0);
      }
    }
    if (rows.length > query.limit) {
      rows.length = query.limit;
      warnings.push(`Only the first ${query.limit} groups are shown.`);
    }
    return { columns: query.outputs.map((output) => output.name), rows, files: opened, scannedRows: scanned, warnings };
  }

  #hotSources(query: CompiledQuery): QuerySource[] {
    return query.classes.flatMap((name) => {
      const table = this.#parts.tables.get(name);
      if (table === undefined || table.rows === 0) return [];
      return [{ class: name, from: { table: table.table }, columns: table.attributes }];
    });
  }

  #skipWarning(file: ListedFile): string {
    return `${file.path} with ${file.rows} events was left out: ${this.#parts.skipped.reasonFor(file.path) ?? 'unreadable'}.`;
  }

  /** Reads each file by itself. @returns whether one was found that cannot be read */
  async #findBroken(
    connection: DuckDBConnection,
    query: CompiledQuery,
    files: readonly ListedFile[],
  ): Promise<boolean> {
    let found = false;
    for (const file of files) {
      try {
        await run(connection, query, fileSources([file]));
      } catch (error) {
        if (isOverload(error)) throw error;
        this.#parts.skipped.skip(file.path, firstLine(error));
        found = true;
      }
    }
    return found;
  }
}

/** Files in the order of a walk, a few at a time, until nothing in the rest can matter. */
class Walk {
  readonly #limit: number;
  readonly #order: WalkOrder;
  readonly #rest: ListedFile[];
  readonly #timeIndex: number;
  readonly #idIndex: number;
  #stepFiles = FIRST_STEP_FILES;

  constructor(query: CompiledQuery, order: WalkOrder, files: readonly ListedFile[]) {
    this.#limit = query.limit;
    this.#order = order;
    this.#timeIndex = query.outputs.findIndex((output) => output.name === 'time_ns');
    this.#idIndex = query.outputs.findIndex((output) => output.name === 'id');
    this.#rest = [...files].sort(
      order === 'newest' ? (a, b) => compare(b.maxTime, a.maxTime) : (a, b) => compare(a.minId, b.minId),
    );
  }

  /** Together with the hot rows, so there is a first step without a file too. */
  first(): ListedFile[] | undefined {
    return this.#rest.splice(0, this.#stepFiles);
  }

  next(rows: readonly Row[]): ListedFile[] | undefined {
    if (this.#rest.length === 0 || this.#enough(rows)) return undefined;
    this.#stepFiles *= STEP_GROWTH;
    return this.#rest.splice(0, this.#stepFiles);
  }

  merge(rows: readonly Row[], found: readonly Row[]): Row[] {
    const all = rows.length === 0 ? [...found] : [...rows, ...found];
    const time = (row: Row) => row[this.#timeIndex] as bigint;
    const id = (row: Row) => row[this.#idIndex] as string;
    all.sort(
      this.#order === 'newest'
        ? (a, b) => compare(time(b), time(a)) || compare(id(b), id(a))
        : (a, b) => compare(id(a), id(b)),
    );
    if (all.length > this.#limit) all.length = this.#limit;
    return all;
  }

  #enough(rows: readonly Row[]): boolean {
    const last = rows[this.#limit - 1];
    const next = this.#rest[0];
    if (last === undefined || next === undefined) return false;
    if (this.#order === 'newest') return next.maxTime < (last[this.#timeIndex] as bigint);
    return next.minId > (last[this.#idIndex] as string);
  }
}

/** One consistent look: the list of files and the hot rows belong together. */
async function inSnapshot<T>(connection: DuckDBConnection, work: () => Promise<T>): Promise<T> {
  await connection.run('BEGIN TRANSACTION READ ONLY');
  try {
    return await work();
  } finally {
    await connection.run('ROLLBACK');
  }
}

/** An interrupt between two statements is lost, so it is repeated until the query gives up. @returns cancel */
function interruptAt(connection: DuckDBConnection, deadline: number, onTimeout: () => void): () => void {
  let again: NodeJS.Timeout | undefined;
  const first = setTimeout(
    () => {
      onTimeout();
      connection.interrupt();
      again = setInterval(() => connection.interrupt(), INTERRUPT_AGAIN_MS);
    },
    Math.max(1, deadline - performance.now()),
  );
  return () => {
    clearTimeout(first);
    clearInterval(again);
  };
}

async function matchingFiles(connection: DuckDBConnection, query: CompiledQuery): Promise<ListedFile[]> {
  const values: (string | bigint)[] = [];
  const bind = (value: string | bigint) => `$${values.push(value)}`;
  const where = [`class IN (${query.classes.map((name) => bind(name)).join(', ')})`];
  if (query.tenant !== undefined) where.push(`tenant = ${bind(query.tenant)}`);
  if (query.fromNs !== undefined) where.push(`max_time >= ${bind(query.fromNs)}`);
  if (query.toNs !== undefined) where.push(`min_time < ${bind(query.toNs)}`);
  if (query.afterId !== undefined) where.push(`max_id > ${bind(query.afterId)}`);
  return listFiles(connection, `WHERE ${where.join(' AND ')}`, values);
}

function fileSources(files: readonly ListedFile[]): QuerySource[] {
  const groups = new Map<string, ListedFile[]>();
  for (const file of files) {
    const key = `${file.class}\n${file.columns}`;
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  return [...groups.values()].map((group) => ({
    class: group[0]!.class,
    from: { files: group.map((file) => file.path) },
    columns: signatureColumns(group[0]!.columns),
  }));
}

async function run(
  connection: DuckDBConnection,
  query: CompiledQuery,
  sources: readonly QuerySource[],
): Promise<Row[]> {
  return (await readRows(connection, assembleSql(query, sources), query.parameters)) as unknown as Row[];
}

function compare<T extends bigint | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isOverload(error: unknown): boolean {
  return /interrupt|out of memory/i.test(firstLine(error));
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 500);
}

function timeoutError(timeoutMs: number): UndercroftError {
  return new UndercroftError('events.query.timeout', `The query took more than ${timeoutMs} ms and was stopped.`, {
    status: 504,
    fix: 'Ask for a shorter time range, fewer classes or an asset.',
  });
}

function queryError(error: unknown): unknown {
  if (error instanceof UndercroftError) return error;
  if (/out of memory/i.test(firstLine(error)))
    return new UndercroftError('events.query.too-large', 'The query needs more memory than the event store may use.', {
      status: 422,
      fix: 'Ask for a shorter time range or fewer groups, or raise store.events.memoryMiB.',
      cause: error,
    });
  return new UndercroftError('events.query.failed', `The query failed: ${firstLine(error)}`, { cause: error });
}
