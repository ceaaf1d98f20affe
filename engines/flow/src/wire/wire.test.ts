import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { PacketsFetch } from '@undercroft/kernel';
import { SystemClock, testContext } from '@undercroft/kernel/testing';
import { openCapture } from '@undercroft/packet';
import { Value } from 'typebox/value';
import { afterEach, describe, expect, it } from 'vitest';
import { startSensor, type TestSensor, until } from '../collect/testing.ts';
import { FlowConfig } from '../module.ts';
import { start } from '../sensor.ts';

const isRoot = process.getuid?.() === 0 && process.platform === 'linux';
let sensor: TestSensor | undefined;

afterEach(async () => {
  await sensor?.stop();
  sensor = undefined;
});

async function sendDatagrams(count: number): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  for (let n = 0; n < count; n++) await new Promise((resolve) => socket.send('x'.repeat(100), 9, '127.0.0.1', resolve));
  const { port } = socket.address();
  socket.close();
  return port;
}

describe.skipIf(!isRoot)('on loopback, as root', () => {
  it('reports flows with their packets, each counted once, and goes on after a restart', async () => {
    for (let round = 0; round < 2; round++) {
      sensor = await startSensor({ interfaces: ['lo'], intervalS: 0.5 });
      const { rows } = sensor;
      // By then the ring is open.
      await until(() => sensor?.test.coverage.get('Flows') !== undefined || rows.length > 0, 'the interface');
      const port = await sendDatagrams(10);
      const mine = () => rows.filter((row) => row['src_endpoint.port'] === port);
      await until(() => mine().length > 0, 'records');
      await sensor.stop();
      sensor = undefined;
      const packets = mine().reduce((sum, row) => sum + Number(row['traffic.packets_out']), 0);
      expect([packets, mine()[0]?.['connection_info.protocol_name'], mine()[0]?.['dst_endpoint.port']]).toEqual([
        10,
        'udp',
        9,
      ]);
    }
  });

  it('filters in the kernel, and says where a filter is wrong', async () => {
    sensor = await startSensor({ interfaces: ['lo'], filter: 'tcp', intervalS: 0.5 });
    const server = createServer((socket) => socket.end('hello')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const tcp = () => sensor?.rows.some((row) => row['dst_endpoint.port'] === port);
    await until(() => {
      connect(port, '127.0.0.1')
        .resume()
        .on('error', () => undefined);
      return tcp() === true;
    }, 'a TCP flow');
    server.close();
    expect(sensor.rows.every((row) => row['connection_info.protocol_name'] === 'tcp')).toBe(true);
    await sensor.stop();
    sensor = await startSensor({ interfaces: ['lo'], filter: 'tcp prot 80' });
    await until(() => sensor?.test.coverage.get('Flows')?.state === 'failed', 'the fault');
    expect(sensor.test.coverage.get('Flows')).toMatchObject({ text: expect.stringContaining('prot') });
    expect(sensor.test.failures).toEqual([]);
  });

  it('keeps packets, and gives those that are asked for as a capture file', async () => {
    sensor = await startSensor({ interfaces: ['lo'], intervalS: 0.5, packets: { enabled: true, maxMiB: 16 } });
    const { rows, test } = sensor;
    await until(() => test.coverage.get('Flows') !== undefined || rows.length > 0, 'the interface');
    const fromUs = Date.now() * 1000 - 1e6;
    const port = await sendDatagrams(5);
    await until(() => rows.some((row) => row['src_endpoint.port'] === port), 'records');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const packets = test.provided.get('packets.fetch') as PacketsFetch;
    const file = await packets.fetch({
      fromUs,
      toUs: Date.now() * 1000 + 1e6,
      addresses: ['127.0.0.1'],
      ports: [port],
      maxBytes: 1e6,
    });
    let found = 0;
    for await (const block of openCapture({ name: 'fetched', bytes: file })) found += block.packets;
    expect(found).toBe(5);
  });
});

it('says what is missing where it may not listen, and goes on', async () => {
  const test = testContext({
    module: 'flow',
    role: 'sensor',
    clock: new SystemClock(),
    config: Value.Default(FlowConfig, { interfaces: ['no-such-if0'] }),
    services: { 'flows.write': { write: async () => {}, counters: async () => {}, exporters: async () => {} } },
  });
  const running = await start(test.context);
  await until(() => test.coverage.get('Flows')?.state === 'failed', 'the fault');
  expect(test.coverage.get('Flows')?.text).toContain(isRoot ? 'no-such-if0' : '');
  expect(test.failures).toEqual([]);
  await running.stop?.();
  test.stop();
});
