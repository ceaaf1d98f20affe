import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '@undercroft/kernel/testing';
import { captureFolder } from '@undercroft/packet/testing';
import { Value } from 'typebox/value';
import { afterEach, describe, expect, it } from 'vitest';
import { parseSource, readRecords } from '../argus/read/source.ts';
import { hasTool, runTool } from '../argus/testing/tools.ts';
import { FlowConfig } from '../module.ts';
import { Collector } from '../netflow/collector.ts';
import { runArgus, temporaryFolder } from '../netflow/testing/peers.ts';
import { FlowRecord } from '../record/record.ts';
import { Exchange } from './hub.ts';
import { RecordRelay } from './relay.ts';
import { freePort, startSensor, until } from './testing.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const folder = captureFolder();
const capture = join(folder ?? '', 'zeek/wikipedia.pcap');
const noPeers = folder === null ? 'no captures here' : ['argus', 'ra'].every(hasTool) ? '' : 'no argus and ra';
const noWire = noPeers !== '' ? noPeers : process.getuid?.() === 0 ? '' : 'not root';
const why = (reason: string): string => (reason === '' ? '' : ` (skipped: ${reason})`);
const RA = ['-F', '/dev/null', '-X', '-nn', '-u', '-c', ','];

function startRa(port: number, records: number, ...filter: string[]): { lines: () => string[] } {
  const child = spawn('ra', [...RA, '-S', `127.0.0.1:${port}`, '-N', String(records), ...filter], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, TZ: 'UTC' },
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const gone = once(child, 'close');
  ends.push(() => {
    child.kill('SIGKILL');
    return gone;
  });
  return { lines: () => text.trim().split('\n').slice(1) };
}

describe('the records of the wire go out', () => {
  it(`live to the real ra, as NetFlow and into logs${why(noPeers)}`, async ({ skip }) => {
    if (noPeers !== '') skip();
    const temporary = temporaryFolder();
    ends.push(() => temporary.remove());
    const file = await runArgus(capture, join(temporary.path, 'flows.argus'));
    const wanted = (await runTool('ra', [...RA, '-r', file])).stdout.toString().trim().split('\n').slice(1);
    const exported: string[] = [];
    const collector = new Collector(() => exported.push(''), { netflowPort: 0, nowMs: Date.now });
    const { netflow } = await collector.start();
    ends.push(() => collector.stop());
    const port = await freePort();
    const coverage = new Map<string, { state: string; text: string }>();
    const exchange = Exchange.start(
      Value.Default(FlowConfig, {
        serve: { argus: { listen: `127.0.0.1:${port}` } },
        export: [{ to: `127.0.0.1:${netflow}`, format: 'ipfix' }],
        logs: { folder: join(temporary.path, 'logs'), format: 'zeek' },
      }) as FlowConfig,
      {
        coverage: { report: (line) => void coverage.set(line.feature, line) },
        log: silentLog,
        flows: { write: async () => {}, counters: async () => {}, exporters: async () => {} },
        fail: (error) => {
          throw error;
        },
      },
    );
    ends.push(() => exchange?.stop());
    const feed = exchange?.feed();
    if (exchange === undefined || feed === undefined) throw new Error('nothing is put out');
    await until(() => coverage.get('Flow outputs')?.state === 'ok', 'the outputs are open');
    const all = startRa(port, wanted.length);
    const some = startRa(port, 3, '-', 'udp');
    await until(() => coverage.get('Flow outputs')?.text.includes('2 clients') === true, 'both clients are there');
    const relay = new RecordRelay(feed);
    const record = new FlowRecord();
    for await (const batch of readRecords(parseSource(file), process.stdin)) {
      for (let index = 0; index < batch.count; index++) relay.add(record.at(batch, batch.address(index)));
    }
    relay.close();
    await until(() => all.lines().length === wanted.length && some.lines().length === 3, 'ra has printed all');
    expect(all.lines()).toEqual(wanted);
    expect(some.lines()).toEqual(wanted.filter((line) => line.includes(',17,')).slice(0, 3));
    await exchange.stop();
    await until(() => exported.length > 0, 'the collector has heard');
    const log = readFileSync(join(temporary.path, 'logs/conn.log'), 'utf8');
    const lines = log.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const isIp = (record: string): boolean => !['0', '2054'].includes(record.split(',')[2] ?? '');
    expect(lines.length).toBe(wanted.filter(isIp).length);
    expect(exported.length).toBe(lines.length);
    expect(coverage.get('Flow outputs')?.text).toMatch(new RegExp(`${wanted.length} records`));
  }, 30_000);

  it(`while the wire is read${why(noWire)}`, async ({ skip }) => {
    if (noWire !== '') skip();
    const port = await freePort();
    // Nobody else's: other tests talk on loopback too.
    const target = await freePort();
    const sensor = await startSensor({
      interfaces: ['lo'],
      intervalS: 1,
      filter: `udp port ${target}`,
      serve: { argus: { listen: `127.0.0.1:${port}` } },
    });
    ends.push(() => sensor.stop());
    await until(() => sensor.test.coverage.get('Flow outputs')?.state === 'ok', 'the port is open');
    const ra = startRa(port, 2);
    const socket = createSocket('udp4');
    const talk = setInterval(() => socket.send('x'.repeat(100), target, '127.0.0.1'), 100);
    ends.push(() => {
      clearInterval(talk);
      socket.close();
    });
    await until(() => ra.lines().length >= 2 && ra.lines()[1]?.endsWith('REQ') === true, 'ra prints the flow');
    const own = String(socket.address().port);
    expect(ra.lines()[0]?.split(',').slice(2, 8)).toEqual([
      '17',
      '127.0.0.1',
      own,
      '   ->',
      '127.0.0.1',
      String(target),
    ]);
    await until(() => sensor.rows.length > 0, 'the archive gets it too');
    expect(sensor.rows[0]).toMatchObject({ 'src_endpoint.port': Number(own), 'dst_endpoint.port': target });
  }, 30_000);
});
