import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { compileFilter } from '../../ra/filter/compile.ts';
import { flow, HEAD, sequencesOf } from '../testing/stream.ts';
import { hasTool, runTool } from '../testing/tools.ts';
import { RecordOutputs } from '../write/outputs.ts';
import { readStream } from './client.ts';
import { RecordServer, type RecordServerOptions } from './server.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const nowUs = (): number => Date.now() * 1000;

async function serve(
  options: Partial<RecordServerOptions> = {},
): Promise<{ server: RecordServer; outputs: RecordOutputs }> {
  const outputs = new RecordOutputs(HEAD, nowUs);
  const server = await RecordServer.listen({
    port: 0,
    head: HEAD,
    greeting: () => outputs.greeting(),
    nowUs,
    compileFilter,
    ...options,
  });
  outputs.add(server);
  let open = true;
  ends.push(() => open && outputs.close(0));
  const close = outputs.close.bind(outputs);
  outputs.close = async (clients) => {
    open = false;
    await close(clients);
  };
  return { server, outputs };
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('it did not come to be');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const started = (server: RecordServer, count: number) => (): boolean =>
  server.clients.filter((client) => client.started).length === count;

describe('a live stream', () => {
  it('gives each client what its filter accepts, and ends with a management record', async () => {
    const { server, outputs } = await serve();
    const signal = new AbortController().signal;
    const all = sequencesOf(readStream({ host: '127.0.0.1', port: server.port }, signal));
    const some = sequencesOf(readStream({ host: '127.0.0.1', port: server.port, filter: 'tcp' }, signal));
    await until(started(server, 2));
    outputs.write(flow(1, 17));
    outputs.write(flow(2, 6));
    outputs.status(2);
    outputs.write(flow(3, 17));
    await outputs.flush();
    await outputs.close(2);
    expect(await all).toEqual(['M', 1, 2, 'M', 3, 'M']);
    expect(await some).toEqual(['M', 2, 'M', 'M']);
  });

  it('tells a client when its filter is none', async () => {
    const { server } = await serve();
    const reading = sequencesOf(
      readStream({ host: '127.0.0.1', port: server.port, filter: 'nonsense (' }, new AbortController().signal),
    );
    await expect(reading).rejects.toMatchObject({ code: 'flow.argus.filter' });
  });

  it('turns away more clients than it takes', async () => {
    const { server } = await serve({ maxClients: 1 });
    const stop = new AbortController();
    const first = sequencesOf(readStream({ host: '127.0.0.1', port: server.port }, stop.signal));
    await until(started(server, 1));
    const second = sequencesOf(readStream({ host: '127.0.0.1', port: server.port }, stop.signal));
    await expect(second).rejects.toMatchObject({ code: 'flow.argus.refused', message: /too many clients/ });
    stop.abort();
    expect(await first).toEqual(['M']);
    expect(server.refused).toBe(1);
  });

  it('drops for a slow client alone, and counts', async () => {
    const { server, outputs } = await serve({ maxQueueBytes: 100_000 });
    const slow = connect(server.port, '127.0.0.1');
    ends.push(() => slow.destroy());
    await once(slow, 'data');
    slow.pause();
    slow.write('START: ');
    const quick = sequencesOf(readStream({ host: '127.0.0.1', port: server.port }, new AbortController().signal));
    await until(started(server, 2));
    for (let round = 0; round < 400; round += 1) {
      for (let index = 0; index < 250; index += 1) outputs.write(flow(round * 250 + index));
      await outputs.flush();
      await new Promise((resolve) => setImmediate(resolve));
    }
    const [first, second] = server.clients;
    expect(first?.dropped).toBeGreaterThan(0);
    slow.destroy();
    await outputs.close(1);
    const got = (await quick).filter((sequence) => sequence !== 'M');
    expect(got.length + (second?.dropped ?? 0)).toBe(100_000);
    expect(outputs.dropped).toBeGreaterThan(0);
  }, 30_000);

  it.skipIf(!hasTool('openssl'))('may run inside TLS', async () => {
    const pem = (
      await runTool(
        'openssl',
        'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -keyout - -out -'.split(
          ' ',
        ),
      )
    ).stdout.toString();
    const { server, outputs } = await serve({ tls: { key: pem, cert: pem } });
    const tls = { ca: pem, servername: 'localhost' };
    const signal = new AbortController().signal;
    const reading = sequencesOf(readStream({ host: '127.0.0.1', port: server.port, tls }, signal));
    await until(started(server, 1));
    outputs.write(flow(1));
    await outputs.close(1);
    expect(await reading).toEqual(['M', 1, 'M']);
  });

  it('a server that hangs up or talks nonsense is an error of ours', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.end(Buffer.alloc(64, 'x'));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => server.close());
    const { port } = server.address() as { port: number };
    const reading = sequencesOf(readStream({ host: '127.0.0.1', port }, new AbortController().signal));
    await expect(reading).rejects.toMatchObject({ code: 'flow.argus.refused' });
  });
});

const real = hasTool('ra') && hasTool('radium');
if (!real) console.info('skipped: the programs ra and radium are not here');

describe.skipIf(!real)('with the real clients', () => {
  it('ra and radium read our stream, and we read radium', async () => {
    const { server, outputs } = await serve();
    // A port that is free now; radium cannot choose one itself.
    const free = createServer();
    free.listen(0, '127.0.0.1');
    await once(free, 'listening');
    const radiumPort = (free.address() as { port: number }).port;
    free.close();
    const start = (program: string, ...args: string[]): { output: () => string } => {
      const child = spawn(program, args, { env: { ...process.env, TZ: 'UTC' } });
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      child.stderr.on('data', () => {});
      const gone = once(child, 'close');
      ends.push(() => {
        child.kill('SIGKILL');
        return gone;
      });
      return { output: () => text };
    };
    const address = `127.0.0.1:${server.port}`;
    const ra = start(
      'ra',
      '-F',
      '/dev/null',
      '-X',
      '-nn',
      '-c',
      ',',
      '-S',
      address,
      '-s',
      'proto',
      'sport',
      '-N',
      '3',
      '-',
      'udp',
    );
    start('radium', '-X', '-S', address, '-B', '127.0.0.1', '-P', String(radiumPort));
    await until(started(server, 2));
    const stop = new AbortController();
    let ours: Promise<(number | 'M')[]> | undefined;
    for (let attempt = 0; attempt < 50 && ours === undefined; attempt += 1) {
      const probe = connect(radiumPort, '127.0.0.1');
      const up = await Promise.race([
        once(probe, 'connect').then(() => true),
        once(probe, 'error').then(() => false),
      ]).catch(() => false);
      probe.destroy();
      if (up) ours = sequencesOf(readStream({ host: '127.0.0.1', port: radiumPort }, stop.signal));
      else await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const feed = setInterval(() => {
      outputs.write(flow(1));
      outputs.write(flow(2));
      outputs.write(flow(3));
      void outputs.flush();
    }, 200);
    ends.push(() => clearInterval(feed));
    await until(() => ra.output().split('\n').length > 3);
    expect(ra.output().split('\n').slice(1, 4)).toEqual(['17,1', '17,2', '17,3']);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    stop.abort();
    const fromRadium = ((await ours) ?? []).filter((sequence) => sequence !== 'M');
    expect(fromRadium.length).toBeGreaterThanOrEqual(3);
    expect(new Set(fromRadium)).toEqual(new Set([1, 2, 3]));
  }, 40_000);
});
