/**
 * What one unit of work queries through. It ends with its unit, so that a query which comes late cannot land in
 * another's transaction, and it knows whether the unit waits for a query of its own or for something else.
 */
import { UndercroftError } from '@undercroft/kernel';
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';

export class UnitConnection implements DatabaseConnection {
  readonly #inner: DatabaseConnection;
  readonly #translate: (error: unknown) => UndercroftError;
  readonly #whenIdle: () => void;
  #running = 0;
  #ended: UndercroftError | undefined;

  /** @param whenIdle called each time the last running query has ended */
  constructor(inner: DatabaseConnection, translate: (error: unknown) => UndercroftError, whenIdle: () => void) {
    this.#inner = inner;
    this.#translate = translate;
    this.#whenIdle = whenIdle;
  }

  /** Queries under way. */
  get running(): number {
    return this.#running;
  }

  /** The failure of a statement: it dooms the unit, as PostgreSQL does, whether the unit catches it or not. */
  get failure(): UndercroftError | undefined {
    return this.#ended;
  }

  end(error: UndercroftError): void {
    this.#ended ??= error;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#ended !== undefined) throw this.#ended;
    this.#running++;
    try {
      return await this.#inner.executeQuery<R>(query);
    } catch (error) {
      const translated = this.#translate(error);
      this.#ended ??= translated;
      throw translated;
    } finally {
      this.#running--;
      if (this.#running === 0) this.#whenIdle();
    }
  }

  // biome-ignore lint/correctness/useYield: the interface asks for a generator; streaming is refused
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw streamRefused();
  }
}

export function streamRefused(): UndercroftError {
  return new UndercroftError('store.stream', 'The control store does not stream rows.', {
    fix: 'Ask for pages: order by a key, where it is greater than the last one, limit.',
  });
}
