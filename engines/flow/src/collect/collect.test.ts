import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import { captureFolder } from '@undercroft/packet/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { hasTool } from '../argus/testing/tools.ts';
import { runSoftflowd } from '../netflow/testing/peers.ts';
import { freePort, startSensor, type TestSensor, until } from './testing.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function sensorWith(config: object): Promise<TestSensor> {
  const sensor = await startSensor(config);
  ends.push(() => sensor.stop());
  return sensor;
}

const folder = captureFolder();
const capture = join(folder ?? '', 'zeek/wikipedia.pcap');
const noSoftflowd = folder === null ? 'no captures here' : hasTool('softflowd') ? '' : 'no softflowd';
const noArgus = process.getuid?.() !== 0 ? 'not root' : hasTool('argus') ? '' : 'no argus';
const why = (reason: string): string => (reason === '' ? '' : ` (skipped: ${reason})`);

describe('the sensor collects', () => {
  it('nothing unless told, and says how', async () => {
    const { test } = await sensorWith({ enabled: false });
    expect(test.coverage.get('Flow collectors')).toMatchObject({ state: 'off' });
    expect(test.coverage.has('Flow outputs')).toBe(false);
  });

  it(`what softflowd exports, both ways of a conversation in one row, with the exporter as origin${why(noSoftflowd)}`, async ({
    skip,
  }) => {
    if (noSoftflowd !== '') skip();
    const netflowPort = await freePort();
    const sensor = await sensorWith({ enabled: false, collect: { netflowPort } });
    const { rows, test } = sensor;
    await until(() => test.coverage.get('Flow collectors')?.state === 'ok', 'the port is open');
    await runSoftflowd(capture, netflowPort, ['-v', '9']);
    await sensor.stop();
    ends.pop();
    const http = rows.filter((row) => row['src_endpoint.ip'] === '141.142.220.118' && row['dst_endpoint.port'] === 80);
    // As many connections as argus finds.
    expect(new Set(http.map((row) => row['src_endpoint.port'])).size).toBe(9);
    expect(http.some((row) => Number(row['traffic.bytes_in']) > 0 && Number(row['traffic.bytes_out']) > 0)).toBe(true);
    expect(new Set(rows.map((row) => row['flow.origin']))).toEqual(new Set(['127.0.0.1']));
    expect(sensor.exporters).toMatchObject([
      { exporter: '127.0.0.1', protocol: 'netflow', sequenceGaps: 0, malformed: 0, unknownTemplates: 0 },
    ]);
    expect(sensor.exporters[0]?.records).toBeGreaterThanOrEqual(rows.length);
  });

  it('only from those who may, and counts what it cannot read', async () => {
    const [netflowPort, sflowPort] = [await freePort(), await freePort()];
    const sensor = await sensorWith({
      enabled: false,
      collect: { netflowPort, sflowPort, exporters: ['127.0.0.1'] },
    });
    await until(() => sensor.test.coverage.get('Flow collectors')?.state === 'ok', 'the ports are open');
    const send = async (host: string, port: number, bytes: Uint8Array): Promise<void> => {
      const socket = createSocket('udp4');
      socket.bind(0, host);
      await once(socket, 'listening');
      await new Promise((resolve) => socket.send(bytes, port, '127.0.0.1', resolve));
      await new Promise<void>((resolve) => socket.close(() => resolve()));
    };
    await send('127.0.0.1', netflowPort, Buffer.from('0009ffff', 'hex'));
    await send('127.0.0.2', netflowPort, Buffer.from('00090000', 'hex'));
    await send('127.0.0.1', sflowPort, Buffer.alloc(4));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await sensor.stop();
    ends.pop();
    expect(sensor.exporters.map(({ protocol, malformed }) => [protocol, malformed])).toEqual([
      ['netflow', 1],
      ['sflow', 1],
    ]);
    expect(sensor.test.coverage.get('Flow collectors')?.text).toContain('1 messages of others refused');
  });

  it("and says when a port is another program's", async () => {
    const taken = createSocket('udp4');
    taken.bind(0, '127.0.0.1');
    await once(taken, 'listening');
    ends.push(() => taken.close());
    const { port } = taken.address();
    const { test } = await sensorWith({ enabled: false, collect: { netflowPort: port } });
    await until(() => test.coverage.get('Flow collectors')?.state === 'failed', 'the trouble is told');
    expect(test.coverage.get('Flow collectors')?.text).toContain('EADDRINUSE');
  });

  it(`what a real argus serves, and connects again${why(noArgus)}`, async ({ skip }) => {
    if (noArgus !== '') skip();
    const port = await freePort();
    const sensor = await sensorWith({ enabled: false, collect: { argus: [`127.0.0.1:${port}`] } });
    await until(() => sensor.exporters[0]?.trouble !== undefined, 'there is no server yet');
    const argus = spawn(
      'argus',
      [
        '-X',
        '-F',
        '/dev/null',
        '-i',
        'lo',
        '-S',
        '1',
        '-M',
        '2',
        '-e',
        '10.9.8.7',
        '-B',
        '127.0.0.1',
        '-P',
        String(port),
      ],
      { stdio: 'ignore' },
    );
    const gone = once(argus, 'close');
    ends.push(() => {
      argus.kill('SIGKILL');
      return gone;
    });
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const talk = setInterval(() => socket.send('x'.repeat(100), 9, '127.0.0.1'), 100);
    ends.push(() => {
      clearInterval(talk);
      socket.close();
    });
    const own = socket.address().port;
    await until(() => sensor.rows.some((row) => row['src_endpoint.port'] === own), 'its flow comes');
    const row = sensor.rows.find((one) => one['src_endpoint.port'] === own);
    expect(row).toMatchObject({
      'src_endpoint.ip': '127.0.0.1',
      'dst_endpoint.port': 9,
      'connection_info.protocol_name': 'udp',
      'flow.origin': `127.0.0.1:${port}/10.9.8.7`,
    });
  }, 30_000);
});
