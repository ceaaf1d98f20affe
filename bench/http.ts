/**
 * The listener: `node bench/http.ts`. Prints the median over rounds of the requests a second of a signed-in route, and
 * of how long a message takes to all of 200 live streams. The clients run in a thread of their own.
 */
import { connect, type Socket } from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const ROUNDS = 5;
const ROUND_MS = 2_000;
const CONNECTIONS = 16;
const LISTENERS = 200;
const MESSAGES = 20;
const RATE = 10_000_000;

type Task = { readonly port: number; readonly token: string } & (
  | { readonly kind: 'requests'; readonly path: string }
  | { readonly kind: 'listeners' }
);

if (isMainThread) await main();
else await client(workerData as Task);

async function main(): Promise<void> {
  const { OWNER_TOKEN, testServer } = await import('@undercroft/http/testing');
  const limits = { addressRate: RATE, addressBurst: RATE, principalRate: RATE, principalBurst: RATE };
  const server = await testServer({ config: { limits } });
  const { port } = server;
  for (const path of ['/platform/v1/health', '/platform/v1/coverage', '/platform/v1/events?limit=50&severity=high']) {
    const rates = await task<number[]>({ kind: 'requests', port, token: OWNER_TOKEN, path });
    console.log(
      `GET ${path}: ${Math.round(median(rates)).toLocaleString('en')} requests/s (median of ${rates.length})`,
    );
  }
  await fanOut(server, port, OWNER_TOKEN);
  await server.stop();
}

async function fanOut(
  server: { readonly http: { readonly live: { send(topic: string, data: unknown): void } } },
  port: number,
  token: string,
): Promise<void> {
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { kind: 'listeners', port, token } satisfies Task,
  });
  const next = () => new Promise<unknown>((resolve) => worker.once('message', resolve));
  await next();
  const delaysMs: number[] = [];
  const sendsMs: number[] = [];
  for (let round = 0; round < ROUNDS * 4; round += 1) {
    const received = next();
    const startMs = performance.now();
    for (let count = 0; count < MESSAGES; count += 1) {
      server.http.live.send('problems', { round, count, text: 'Filesystem /var is 91 % full on web-12.' });
    }
    sendsMs.push(performance.now() - startMs);
    await received;
    delaysMs.push(performance.now() - startMs);
  }
  await worker.terminate();
  const count = (MESSAGES * LISTENERS).toLocaleString('en');
  console.log(
    `${MESSAGES} messages to ${LISTENERS} live streams (${count} in all): sent in ${median(sendsMs).toFixed(1)} ms, read by all after ${median(delaysMs).toFixed(1)} ms (medians of ${delaysMs.length})`,
  );
}

function task<R>(workerTask: Task): Promise<R> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: workerTask });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

async function client(given: Task): Promise<void> {
  const { port, token } = given;
  if (given.kind === 'listeners') return listen(port, token);
  const head = `GET ${given.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n\r\n`;
  let answers = 0;
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => open(port)));
  for (const socket of sockets) {
    socket.on('data', (data: Buffer) => {
      if (!data.includes('HTTP/1.1 200')) return;
      answers += 1;
      socket.write(head);
    });
    socket.write(head);
  }
  const rates: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const before = answers;
    await new Promise((resolve) => setTimeout(resolve, ROUND_MS));
    // The first round warms up.
    if (round > 0) rates.push(((answers - before) / ROUND_MS) * 1000);
  }
  for (const socket of sockets) socket.destroy();
  parentPort?.postMessage(rates);
}

async function listen(port: number, token: string): Promise<void> {
  let hellos = 0;
  let messages = 0;
  for (let count = 0; count < LISTENERS; count += 1) {
    const socket = await open(port);
    socket.on('data', (data: Buffer) => {
      const text = data.toString('latin1');
      hellos += text.split('event: hello').length - 1;
      messages += text.split('event: problems').length - 1;
      if (hellos === LISTENERS && messages === MESSAGES * LISTENERS) {
        messages = 0;
        parentPort?.postMessage('all');
      }
    });
    socket.write(
      `GET /platform/v1/live?topics=problems HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    );
  }
  while (hellos < LISTENERS) await new Promise((resolve) => setTimeout(resolve, 5));
  parentPort?.postMessage('open');
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.setNoDelay(true);
    socket.on('error', reject);
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
