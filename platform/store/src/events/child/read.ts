/** Answers compiled queries: which files, in which order, within which time. */
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { UndercroftError } from '@undercroft/kernel';
import type { ChildQueryResult, ChildValue } from '../protocol.ts';
import { assembleBetween, assembleBounds, assembleSql, type QuerySource } from '../query/assemble.ts';
import type { CompiledQuery, WalkOrder } from '../query/compiled.ts';
import { type ListedFile, listFiles, signatureColumns } from './file-list.ts';
import { isOutOfMemory, withMemory } from './memory.ts';
import type { RetiredFiles } from './retired.ts';
import { readRows } from './run.ts';
import type { HotTable } from './schema.ts';
import type { SkippedFiles } from './skipped.ts';
import { type Bound, mayHold, Walk } from './walk.ts';

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
      return await withMemory(() => this.#rounds(connection, query, () => timedOut));
    } catch (error) {
      throw timedOut ? timeoutError(timeoutMs) : queryError(error);
    } finally {
      cancel();
      // After an interrupt its transaction may not have ended.
      if (timedOut || this.#idle.length === MAX_IDLE_CONNECTIONS) connection.closeSync();
      else this.#idle.push(connection);
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
        if (stopped() || isOverload(error) || round === MAX_ROUNDS) throw error;
        if (!(await this.#findBroken(connection, query, files))) throw error;
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
    const { rows, opened } =
      query.walk === undefined
        ? { rows: await run(connection, query, [...hot, ...fileSources(files)]), opened: files }
        : await walkFiles(connection, query, query.walk, hot, files, stopped);
    if (rows.length > query.limit) {
      rows.length = query.limit;
      warnings.push(`Only the first ${query.limit} groups are shown.`);
    }
    return {
      columns: query.outputs.map((output) => output.name),
      rows,
      files: opened.length,
      scannedRows: opened.reduce((sum, file) => sum + file.rows, hotRows),
      warnings,
    };
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

/** Finds between which events the result lies, step by step, then reads those whole. */
async function walkFiles(
  connection: DuckDBConnection,
  query: CompiledQuery,
  order: WalkOrder,
  hot: readonly QuerySource[],
  files: readonly ListedFile[],
  stopped: () => boolean,
): Promise<{ rows: Row[]; opened: ListedFile[] }> {
  const column = order === 'newest' ? 'time_ns' : 'id';
  const walk = new Walk(order, query.limit, files);
  const opened: ListedFile[] = [];
  let bounds: Bound[] = [];
  for (let step = walk.first(); step !== undefined; step = walk.next(bounds)) {
    if (stopped()) throw new Error('interrupted');
    const sources = [...(opened.length === 0 ? hot : []), ...fileSources(step)];
    const found = await readRows(connection, assembleBounds(query, sources, column), query.parameters);
    bounds = walk.merge(
      bounds,
      found.map(([value]) => value as Bound),
    );
    opened.push(...step);
  }
  const [first, last] = [bounds[0], bounds.at(-1)];
  if (first === undefined || last === undefined) return { rows: [], opened };
  const [low, high] = order === 'newest' ? [last, first] : [first, last];
  const holding = opened.filter((file) => mayHold(file, order, low, high));
  const sql = assembleBetween(query, [...hot, ...fileSources(holding)], column);
  const rows = await readRows(connection, sql, [...query.parameters, low, high]);
  return { rows: rows as unknown as Row[], opened };
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

function isOverload(error: unknown): boolean {
  return isOutOfMemory(error) || /interrupt|too many open files/i.test(firstLine(error));
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
  if (isOutOfMemory(error))
    return new UndercroftError('events.query.too-large', 'The query needs more memory than the event store may use.', {
      status: 422,
      fix: 'Ask for a shorter time range or fewer groups, or raise store.events.memoryMiB.',
      cause: error,
    });
  return new UndercroftError('events.query.failed', `The query failed: ${firstLine(error)}`, { cause: error });
}
