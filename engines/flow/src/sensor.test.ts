import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startSensor, type TestSensor, until } from './collect/testing.ts';
import { Thread } from './thread.ts';

/** Every thread that was started, so that a test can take one away. */
const threads: Worker[] = [];
vi.mock('node:worker_threads', async (original) => {
  const real = await original<typeof import('node:worker_threads')>();
  class SeenWorker extends real.Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      threads.push(this);
    }
  }
  return { ...real, Worker: SeenWorker };
});

const isRoot = process.getuid?.() === 0 && process.platform === 'linux';
let sensor: TestSensor | undefined;

beforeEach(() => {
  threads.length = 0;
});
afterEach(async () => {
  await sensor?.stop();
  sensor = undefined;
});

/** Sends datagrams until there are records of them. */
async function seen({ rows }: TestSensor): Promise<void> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  try {
    await until(() => {
      socket.send('x', 9, '127.0.0.1');
      return rows.some((row) => row['src_endpoint.port'] === port);
    }, 'records');
  } finally {
    socket.close();
  }
}

describe.skipIf(!isRoot)('a thread that reads the wire', () => {
  it('fails the module by its name when it is killed; the module stops at once, starts again and sees the wire', async () => {
    sensor = await startSensor({ interfaces: ['lo'], intervalS: 0.2, workers: 2 });
    await seen(sensor);
    expect(threads).toHaveLength(2);
    const { test } = sensor;
    await threads[0]?.terminate();
    await until(() => test.failures.length > 0, 'the failure');
    expect(test.failures.map(({ message }) => message)).toEqual(['the thread "flow wire" ended (1)']);
    // What the kernel does with a module that has failed.
    const startMs = performance.now();
    await sensor.stop();
    expect(performance.now() - startMs).toBeLessThan(2_000);
    expect(test.failures).toHaveLength(1);
    sensor = await startSensor({ interfaces: ['lo'], intervalS: 0.2 });
    await seen(sensor);
    expect(sensor.test.failures).toEqual([]);
  });
});

describe('a thread', () => {
  const started = (code: string) => {
    const errors: Error[] = [];
    const script = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
    const thread = new Thread<string, string>(
      { script, name: 'a part', data: undefined },
      { message: () => undefined, ended: (error) => void errors.push(error) },
    );
    return { thread, errors };
  };

  it('says once why it ended by itself: an error, its memory, or its end', async () => {
    for (const [code, why] of [
      ['throw new Error("no more")', 'no more'],
      ['process.exit(3)', 'the thread "a part" ended (3)'],
      ['const all = []; for (;;) all.push(new Array(1e5).fill({}))', 'memory limit'],
    ] as const) {
      const { thread, errors } = started(code);
      await until(() => errors.length > 0, why);
      await thread.stop('end');
      expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining(why)]);
    }
  });

  it('is ended after a deadline when it does not listen, and that is no news', async () => {
    const { thread, errors } = started('for (;;);');
    await thread.stop('end');
    expect(errors).toEqual([]);
  });
});
