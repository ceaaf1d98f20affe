/** The wire, as a stranger meets it: conversations appear, a scan raises a problem, packets can be had. Needs root. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OWNER_TOKEN, type RunningPlatform, startPlatform, until } from './platform.ts';

const MAY_LISTEN = process.platform === 'linux' && process.getuid?.() === 0;
const TRIED_PORTS = 150;

interface Total {
  readonly key: readonly (string | number | null)[];
  readonly bytesOut: number;
  readonly records: number;
}

describe.skipIf(!MAY_LISTEN)('the wire', () => {
  let platform: RunningPlatform;
  let server: Server;
  let port = 0;
  beforeAll(async () => {
    server = createServer((socket) => socket.on('error', () => undefined).end('an answer')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as { port: number }).port;
    const args = ['flow.interfaces=lo', 'flow.intervalS=1', 'flow.packets.enabled=true', 'flow.packets.maxMiB=16'];
    platform = await startPlatform({ args: args.flatMap((setting) => ['--set', setting]) });
    await until(async () => {
      const { items } = await platform.api<{ items: readonly unknown[] }>('GET', '/flows/sensors');
      return items.length > 0;
    }, 30_000);
  }, 120_000);
  afterAll(async () => {
    server?.close();
    await platform?.stop();
    platform?.remove();
  });
  const api = <T>(path: string): Promise<T> => platform.api<T>('GET', path);

  it('shows who talked to whom', async () => {
    for (let n = 0; n < 5; n++) await talk(port);
    let total: Total | undefined;
    await until(async () => {
      const { items } = await api<{ items: readonly Total[] }>(`/flows/top?by=conversation&port=${port}&from=-5m`);
      total = items.find(({ key }) => key[2] === port);
      return total !== undefined && total.records >= 5;
    }, 30_000);
    expect(total?.key).toEqual(['127.0.0.1', '127.0.0.1', port, 'tcp']);
  }, 40_000);

  it('gives the packets of a conversation as a file that tcpdump reads', async () => {
    const at = (offsetMs: number): string => new Date(Date.now() + offsetMs).toISOString();
    const query = new URLSearchParams({ from: at(-300_000), to: at(60_000), port: String(port) });
    query.append('address', '127.0.0.1');
    const response = await fetch(`${platform.url}/platform/v1/flows/packets?${query}`, {
      headers: { authorization: `Bearer ${OWNER_TOKEN}` },
    });
    expect(response.status).toBe(200);
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect(new DataView(bytes.buffer).getUint32(0)).toBe(0x0a0d0d0a);
    if (spawnSync('tcpdump', ['--version']).error !== undefined) return;
    const folder = mkdtempSync(join(tmpdir(), 'undercroft-packets-'));
    writeFileSync(join(folder, 'packets.pcapng'), bytes);
    const { stdout } = spawnSync('tcpdump', ['-nn', '-r', join(folder, 'packets.pcapng')], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    // The platform's own scan may have looked at this port as well.
    const begun = stdout.split('\n').filter((line) => line.includes(`.${port}: Flags [S]`));
    expect(begun.length).toBeGreaterThanOrEqual(5);
  }, 30_000);

  it('raises a problem for a scan of ports, with what was tried', async () => {
    for (let tried = 1; tried <= TRIED_PORTS; tried++) await talk(tried);
    let found: { readonly title: string; readonly rule: string } | undefined;
    await until(async () => {
      const { items } = await api<{ items: readonly { title: string; rule: string }[] }>('/problems?limit=100');
      found = items.find(({ rule }) => rule === 'flow.scan.ports');
      return found !== undefined;
    }, 60_000);
    expect(found?.title).toMatch(/^127\.0\.0\.1 tried \d+ ports of 127\.0\.0\.1 within/);
  }, 90_000);
});

/** Connects, hears the answer out if there is one, and ends. */
async function talk(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1').resume();
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('close', resolve));
}
