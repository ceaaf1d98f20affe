import { UndercroftError } from '@undercroft/kernel';
import { ManualClock } from '@undercroft/kernel/testing';
import type { DatabaseConnection } from 'kysely';
import { describe, expect, test } from 'vitest';
import { MAX_BATCH_UNITS, MAX_QUEUED_UNITS, UnitWriter } from './unit-writer.ts';
import type { WriterSession } from './writer-session.ts';

const connection: DatabaseConnection = {
  executeQuery: async () => ({ rows: [] }),
  async *streamQuery() {},
};

/** A session that writes down what it is told. */
class RecordingSession implements WriterSession {
  readonly connection = connection;
  readonly calls: string[] = [];
  readonly failing = new Map<string, Error>();
  #open = false;

  begin = (): Promise<void> => this.#do('begin', true);
  savepoint = (): Promise<void> => this.#do('savepoint');
  release = (): Promise<void> => this.#do('release');
  rollBackTo = (): Promise<void> => this.#do('rollBackTo');
  commit = (): Promise<void> => this.#do('commit', false);
  rollBack = (): Promise<void> => this.#do('rollBack', false);
  flush = (): Promise<void> => this.#do('flush');
  rest = async (): Promise<void> => {};
  close = async (): Promise<void> => {};
  inTransaction = (): boolean => this.#open;

  /** What a full disk does. */
  endTransaction(): void {
    this.#open = false;
  }

  translate(error: unknown): UndercroftError {
    return error instanceof UndercroftError ? error : new UndercroftError('test.failed', (error as Error).message);
  }

  async #do(call: string, open?: boolean): Promise<void> {
    this.calls.push(call);
    const failure = this.failing.get(call);
    if (failure !== undefined) throw failure;
    if (open !== undefined) this.#open = open;
  }
}

function setUp(): { session: RecordingSession; writer: UnitWriter; failures: UndercroftError[] } {
  const session = new RecordingSession();
  const failures: UndercroftError[] = [];
  const writer = new UnitWriter({ session, clock: new ManualClock(), fail: (error) => failures.push(error) });
  return { session, writer, failures };
}

describe('group commit', () => {
  test('units that wait share one commit and one flush', async () => {
    const { session, writer } = setUp();
    const results = await Promise.all([1, 2, 3].map((n) => writer.write(async () => n)));
    expect(results).toEqual([1, 2, 3]);
    const unit = ['savepoint', 'release'];
    expect(session.calls).toEqual(['begin', ...unit, ...unit, ...unit, 'commit', 'flush']);
  });

  test('no unit resolves before the flush has come back', async () => {
    const { session, writer } = setUp();
    let flushed = (): void => {};
    session.flush = () => new Promise((resolve) => (flushed = resolve));
    let done = false;
    const write = writer.write(async () => {}).then(() => (done = true));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(session.calls.at(-1)).toBe('commit');
    expect(done).toBe(false);
    flushed();
    await write;
    expect(done).toBe(true);
  });

  test('units that arrive during a flush form the next batch', async () => {
    const { session, writer } = setUp();
    const later: Promise<unknown>[] = [];
    session.flush = async () => {
      session.calls.push('flush');
      if (later.length === 0)
        later.push(
          writer.write(async () => {}),
          writer.write(async () => {}),
        );
    };
    await writer.write(async () => {});
    await Promise.all(later);
    const unit = ['savepoint', 'release'];
    expect(session.calls).toEqual(['begin', ...unit, 'commit', 'flush', 'begin', ...unit, ...unit, 'commit', 'flush']);
  });

  test('a batch has a limit', async () => {
    const { session, writer } = setUp();
    await Promise.all(Array.from({ length: MAX_BATCH_UNITS + 1 }, () => writer.write(async () => {})));
    expect(session.calls.filter((call) => call === 'commit')).toHaveLength(2);
  });

  test('nothing is committed or flushed when every unit threw', async () => {
    const { session, writer } = setUp();
    await expect(writer.write(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await new Promise((resolve) => setImmediate(resolve));
    expect(session.calls).toEqual(['begin', 'savepoint', 'rollBackTo', 'rollBack']);
  });
});

describe('failures', () => {
  test('more units than the queue holds are refused; the others are written', async () => {
    const { writer } = setUp();
    const noop = async (): Promise<void> => {};
    const all = await Promise.allSettled(Array.from({ length: MAX_QUEUED_UNITS + 3 }, () => writer.write(noop)));
    const refused = all.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(3);
    expect(refused[0]).toMatchObject({ reason: { code: 'store.write-queue-full', status: 503 } });
  });

  test('a failed flush rejects the batch and what waits, is told once, and ends all writing', async () => {
    const { session, writer, failures } = setUp();
    let waiting: Promise<unknown> | undefined;
    session.flush = async () => {
      waiting = writer.write(async () => {});
      waiting.catch(() => {});
      throw new Error('EIO');
    };
    await expect(writer.write(async () => {})).rejects.toMatchObject({ code: 'store.sync-failed', status: 503 });
    await expect(waiting).rejects.toMatchObject({ code: 'store.sync-failed' });
    await expect(writer.write(async () => {})).rejects.toMatchObject({ code: 'store.sync-failed' });
    expect(failures.map((error) => error.code)).toEqual(['store.sync-failed']);
  });

  test('a failed commit rejects its batch only', async () => {
    const { session, writer } = setUp();
    session.failing.set('commit', new UndercroftError('store.disk-full', 'full'));
    const results = await Promise.allSettled([writer.write(async () => 1), writer.write(async () => 2)]);
    expect(results.map((result) => result.status === 'rejected' && result.reason.code)).toEqual([
      'store.disk-full',
      'store.disk-full',
    ]);
    expect(session.calls.at(-1)).toBe('rollBack');
    session.failing.clear();
    expect(await writer.write(async () => 3)).toBe(3);
  });

  test('a transaction that ends by itself takes the units before with it; those after run in the next', async () => {
    const { session, writer } = setUp();
    const results = await Promise.allSettled([
      writer.write(async () => 'before'),
      writer.write(async () => {
        session.endTransaction();
        throw new UndercroftError('store.disk-full', 'full');
      }),
      writer.write(async () => 'after'),
    ]);
    expect(results.map((result) => (result.status === 'fulfilled' ? result.value : result.reason.code))).toEqual([
      'store.disk-full',
      'store.disk-full',
      'after',
    ]);
  });

  test('a batch that cannot begin is rejected', async () => {
    const { session, writer } = setUp();
    session.failing.set('begin', new UndercroftError('store.locked', 'busy'));
    await expect(writer.write(async () => 1)).rejects.toMatchObject({ code: 'store.locked' });
    session.failing.clear();
    expect(await writer.write(async () => 2)).toBe(2);
  });
});
