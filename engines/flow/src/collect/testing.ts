/** A sensor module with a server that remembers what it is told, for tests. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { columnValue, type EventRows, type FlowExporterCounters } from '@undercroft/kernel';
import { SystemClock, type TestContext, testContext } from '@undercroft/kernel/testing';
import { Value } from 'typebox/value';
import { FlowConfig } from '../module.ts';
import { start } from '../sensor.ts';

export interface TestSensor {
  readonly test: TestContext;
  /** One object a row, by attribute. */
  readonly rows: Record<string, string | number | boolean | null>[];
  exporters: readonly FlowExporterCounters[];
  stop(): Promise<void>;
}

export async function startSensor(config: object): Promise<TestSensor> {
  const rows: TestSensor['rows'] = [];
  const test = testContext({
    module: 'flow',
    role: 'sensor',
    clock: new SystemClock(),
    config: Value.Default(FlowConfig, config),
    services: {
      'flows.write': {
        write: async (input) => void rows.push(...objectsOf(input)),
        counters: async () => {},
        exporters: async (exporters) => {
          sensor.exporters = exporters;
        },
      },
    },
  });
  const running = await start(test.context);
  const sensor: TestSensor = {
    test,
    rows,
    exporters: [],
    async stop() {
      await running.stop?.();
      test.stop();
    },
  };
  return sensor;
}

function objectsOf({ rows, columns, timeUs }: EventRows): TestSensor['rows'] {
  return Array.from({ length: rows }, (_, row) => ({
    timeUs: timeUs[row] ?? null,
    ...Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, columnValue(column, row)])),
  }));
}

/** A TCP port that is free now; programs that cannot choose one themselves take it. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
