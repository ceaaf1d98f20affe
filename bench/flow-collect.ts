/**
 * Collecting flow exports: `node bench/flow-collect.ts [records]`. The same messages of each format go over loopback, no
 * faster than all can take them, to nfcapd and to ours; prints records per second of CPU, and the ratio. Ours runs once
 * with records counted only, and once writing an argus file as nfcapd writes its own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const FLOW = '../engines/flow/src';
const MEGABITS = 80;
const FORMATS = ['netflow5', 'netflow9', 'ipfix'] as const;
/** Of the kernel's clock in /proc. */
const TICKS_PER_S = 100;
/** What children have said so far. */
const heard = new WeakMap<ChildProcess, string>();

const [first = '400000', ...rest] = process.argv.slice(2);
if (first === 'collector') await collector(rest[0] as string, rest[1]);
else await main(Number(first));

async function main(records: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'undercroft-bench-'));
  try {
    for (const format of FORMATS) {
      const messages = await makeMessages(format, records);
      const rates = new Map<string, number>();
      for (const name of ['nfcapd', 'ours', 'ours-w']) {
        const { child, port } = name === 'nfcapd' ? await startNfcapd(folder) : await startOurs(name, folder);
        const before = cpuS(child);
        await send(messages, port);
        await sleep(700);
        const usedS = cpuS(child) - before;
        child.kill('SIGTERM');
        const [told] = await Promise.all([once(child, 'exit'), received(child)]).then(([, text]) => [text]);
        // What was lost on the way costs nobody anything.
        rates.set(name, Number(told?.replace(/\D/g, '')) / usedS);
        const rate = Math.round(rates.get(name) as number).toLocaleString('en');
        const ratio = (rates.get(name) as number) / (rates.get('nfcapd') as number);
        console.log(
          `${format.padEnd(9)} ${name.padEnd(7)} ${rate.padStart(11)} records per CPU second  ${ratio.toFixed(2)}  ${told}`,
        );
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function makeMessages(format: string, count: number): Promise<Uint8Array[]> {
  const { makeEncoder } = await import(`${FLOW}/netflow/encoder.ts`);
  const { flow } = await import(`${FLOW}/netflow/testing/records.ts`);
  const layout = await import(`${FLOW}/record/layout.ts`);
  const found: Uint8Array[] = [];
  const nowMs = () => 1_700_000_100_000;
  const encoder = makeEncoder(format, (message: Uint8Array) => found.push(message), {
    maxBytes: 1400,
    domain: 1,
    nowMs,
  });
  const record = flow({ packets: [9, 0], bytes: [1234, 0] });
  for (let index = 0; index < count; index++) {
    record.set(layout.SOURCE_PORT, 1024 + (index % 60_000));
    record.bytes[(record.base + layout.SOURCE_ADDRESS) * 4 + 3] = index >>> 16;
    encoder.add(record);
  }
  encoder.flush();
  return found;
}

async function send(messages: readonly Uint8Array[], port: number): Promise<void> {
  const { UdpSender } = await import(`${FLOW}/netflow/sender.ts`);
  const sender = await UdpSender.open({
    host: '127.0.0.1',
    port,
    bitsPerSecond: MEGABITS * 1e6,
    monotonicMs: () => performance.now(),
  });
  for (const message of messages) {
    sender.send(message);
    if (sender.queued > 2_000) await sender.drained();
  }
  await sender.close();
}

function listen(child: ChildProcess): ChildProcess {
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => heard.set(child, (heard.get(child) ?? '') + String(chunk)));
  }
  return child;
}

async function until(child: ChildProcess, pattern: RegExp): Promise<string> {
  for (;;) {
    const found = pattern.exec(heard.get(child) ?? '');
    if (found !== null) return found[1] ?? '';
    await sleep(20);
  }
}

async function received(child: ChildProcess): Promise<string> {
  const text = heard.get(child) ?? '';
  return /Flows: \d+/.exec(text)?.[0] ?? (await until(child, /(Flows: \d+)/));
}

async function startNfcapd(folder: string): Promise<{ child: ChildProcess; port: number }> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  const options = ['-b', '127.0.0.1', '-p', String(port), '-w', folder, '-t', '3600', '-B', '8000000'];
  const child = listen(spawn('nfcapd', options, { stdio: ['ignore', 'pipe', 'pipe'] }));
  await until(child, /Startup/);
  return { child, port };
}

async function startOurs(name: string, folder: string): Promise<{ child: ChildProcess; port: number }> {
  const file = name === 'ours-w' ? [join(folder, 'flows.argus')] : [];
  const child = listen(
    spawn(process.execPath, [import.meta.filename, 'collector', name, ...file], { stdio: ['ignore', 'pipe', 'pipe'] }),
  );
  return { child, port: Number(await until(child, /port (\d+)/)) };
}

/** Runs as a process of its own, so that its CPU time is its own. */
async function collector(name: string, file: string | undefined): Promise<void> {
  const { Collector } = await import(`${FLOW}/netflow/collector.ts`);
  const { openOutputs } = await import(`${FLOW}/netflow/command/outputs.ts`);
  const clocks = { nowMs: Date.now, monotonicMs: () => performance.now() };
  const outputs = file === undefined ? [] : await openOutputs({ argus: file }, process, clocks);
  let records = 0;
  const collecting = new Collector(
    (record: unknown) => {
      records++;
      for (const output of outputs) output.write(record);
    },
    { netflowPort: 0, nowMs: Date.now, receiveBufferBytes: 8_000_000 },
  );
  const timer = setInterval(() => outputs.forEach((output: { flush(): Promise<void> }) => void output.flush()), 200);
  const { netflow } = await collecting.start();
  console.log(`${name} listens on port ${netflow}`);
  await once(process, 'SIGTERM');
  clearInterval(timer);
  await collecting.stop();
  for (const output of outputs) await output.close();
  console.log(`Flows: ${records}`);
}

/** User and system time of a process, seconds. */
function cpuS(child: ChildProcess): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}
