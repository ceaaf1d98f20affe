/**
 * A bare capture ring on a veth pair in a network namespace of its own: `node bench/packet-capture.ts [packets/s] [seconds]`.
 * Sends 60-byte packets and prints how many were captured and dropped and what that cost; the aim is no loss at 300,000.
 * Needs root.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  FrameSender,
  findInterface,
  MAX_FRAMES,
  type NetworkInterface,
  startCapture,
} from '@undercroft/packet/capture';
import { runInNamespace } from './flow/namespace.ts';

const SELF = fileURLToPath(import.meta.url);
const [role = '', ...numbers] = process.argv.slice(2);
const [rate = 300_000, seconds = 5] = (role.startsWith('--') ? numbers : [role, ...numbers])
  .filter(Boolean)
  .map(Number);
const SETTLE_MS = 300;
/** Frames a system call: at 300,000 packets/s one every 0.4 ms. */
const BATCH = 128;
const FLOWS = 1000;
/** One thread sends about 450,000 packets/s where it has a core for itself. */
const SENDERS = 2;

if (role === '--send') send();
else if (role === '--capture') await capture();
else runInNamespace(SELF, ['--capture', rate, seconds]);

async function capture(): Promise<void> {
  const live = startCapture({ interfaces: ['far'] });
  const senders = Array.from({ length: SENDERS }, () => sendElsewhere(rate / SENDERS));
  const stop = new AbortController();
  const sending = Promise.all(senders).finally(() => setTimeout(() => stop.abort(), SETTLE_MS));
  const copy = new Uint8Array(1_048_576);
  let bytes = 0;
  const before = process.cpuUsage();
  await live.run((block) => {
    copy.set(block.bytes);
    bytes += block.bytes.length;
  }, stop.signal);
  const cpu = process.cpuUsage(before);
  const { packets, drops, freezes, blocks } = live.totals();
  live.close();
  const sent = (await sending).reduce((sum, each) => sum + each, 0);
  const cpuS = (cpu.user + cpu.system) / 1e6;
  print('sent', `${sent} in ${seconds} s, ${Math.round(sent / seconds)} packets/s of the ${rate} asked for`);
  print(
    'captured',
    `${packets} (${((packets / sent) * 100).toFixed(2)} %), dropped ${drops}, ring full ${freezes} times`,
  );
  print('blocks', `${blocks}, ${Math.round(bytes / Math.max(1, blocks))} bytes each`);
  print(
    'CPU of the capturing process',
    `${cpuS.toFixed(2)} s, ${(packets / cpuS / 1e6).toFixed(2)} M packets per CPU second`,
  );
}

/** @returns how many it has sent */
async function sendElsewhere(share: number): Promise<number> {
  const child = spawn(process.execPath, [SELF, '--send', String(share), String(seconds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let answer = '';
  for await (const text of child.stdout) answer += text;
  return Number(answer);
}

function send(): void {
  const frames = Array.from({ length: BATCH * Math.floor(MAX_FRAMES / BATCH) }, (_, index) => frame(index % FLOWS));
  const sender = new FrameSender(findInterface('near') as NetworkInterface, frames);
  const start = performance.now();
  let sent = 0;
  let now = start;
  while (now - start < seconds * 1000) {
    const due = ((now - start) / 1000) * rate;
    if (sent < due) sent += sender.send(BATCH);
    now = performance.now();
  }
  sender.close();
  process.stdout.write(String(sent));
}

/** A TCP SYN of 60 bytes. */
function frame(flow: number): Uint8Array {
  const bytes = Buffer.alloc(60);
  bytes.write('020000000002020000000001080045000028', 'hex');
  bytes.write('40064006', 22, 'hex');
  bytes.writeUInt32BE(0x0a000001 + flow, 26);
  bytes.writeUInt32BE(0x0a800001, 30);
  bytes.writeUInt16BE(1024 + flow, 34);
  bytes.writeUInt16BE(443, 36);
  bytes.write('5002ffff', 46, 'hex');
  return bytes;
}

function print(what: string, result: string): void {
  process.stdout.write(`${what.padEnd(32)} ${result}\n`);
}
