import type { ScanProgress, ScanRequest } from '@undercroft/kernel';
import { ManualClock } from '@undercroft/kernel/testing';
import { describe, expect, it } from 'vitest';
import { type ConnectOutcome, runScan, type ScanWorld } from './scan.ts';

const OPEN: ConnectOutcome = { state: 'open', reason: 'syn-ack' };
const CLOSED: ConnectOutcome = { state: 'closed', reason: 'conn-refused' };
const SILENT: ConnectOutcome = { state: 'filtered', reason: 'no-response' };

interface Lab {
  readonly answers?: (address: string, port: number, attempt: number) => ConnectOutcome;
}

async function scan(
  request: ScanRequest,
  lab: Lab = {},
  options: { refusal?: (address: string) => string | undefined; abortAfter?: number } = {},
) {
  const clock = new ManualClock();
  const abort = new AbortController();
  const attempts = new Map<string, number>();
  let inFlight = 0;
  let most = 0;
  let probes = 0;
  const world: ScanWorld = {
    async connect(address, port) {
      probes++;
      if (probes === options.abortAfter) abort.abort();
      most = Math.max(most, ++inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      inFlight--;
      const attempt = (attempts.get(`${address}:${port}`) ?? 0) + 1;
      attempts.set(`${address}:${port}`, attempt);
      return lab.answers?.(address, port, attempt) ?? CLOSED;
    },
    inspect: async (_address, port) => (port === 22 ? { service: 'ssh', product: 'OpenSSH', version: '9.2p1' } : {}),
    resolve: async (name) => {
      if (name === 'localhost') return '127.0.0.1';
      throw new Error('ENOTFOUND');
    },
  };
  const progress: ScanProgress[] = [];
  const result = await runScan({
    id: 'x',
    request,
    world,
    clock,
    signal: abort.signal,
    refusal: options.refusal ?? (() => undefined),
    progress: (each) => progress.push(each),
  });
  return { result, progress, attempts, most, probes };
}

describe('runScan', () => {
  it('sorts answers into open, closed and filtered', async () => {
    const { result, progress } = await scan(
      { targets: ['127.0.0.1'], ports: '22,80,81-85' },
      { answers: (_address, port) => (port === 22 || port === 80 ? OPEN : port === 81 ? SILENT : CLOSED) },
    );
    expect(result.outcome).toBe('finished');
    expect(result.hosts).toMatchObject([
      {
        address: '127.0.0.1',
        up: true,
        ports: [
          { port: 22, state: 'open', reason: 'syn-ack', service: 'ssh', product: 'OpenSSH', version: '9.2p1' },
          { port: 80, state: 'open', reason: 'syn-ack', service: 'http' },
        ],
        extraPorts: [
          { state: 'closed', count: 4 },
          { state: 'filtered', count: 1 },
        ],
      },
    ]);
    expect(progress.at(-1)).toEqual({ id: 'x', probesDone: 7, probesTotal: 7, hostsDone: 1, hostsTotal: 1 });
  });

  it('tries a silent port again, and believes the second answer', async () => {
    const { result, attempts } = await scan(
      { targets: ['127.0.0.1'], ports: '22' },
      { answers: (_address, _port, attempt) => (attempt === 1 ? SILENT : OPEN) },
    );
    expect(attempts.get('127.0.0.1:22')).toBe(2);
    expect(result.hosts[0]?.ports).toHaveLength(1);
  });

  it('calls a host down that never answers', async () => {
    const { result } = await scan(
      { targets: ['10.0.0.0/30'], ports: '22' },
      { answers: (address) => (address === '10.0.0.2' ? CLOSED : SILENT) },
    );
    expect(result.hosts.map((host) => [host.address, host.up, host.reason])).toEqual([
      ['10.0.0.0', false, 'no-response'],
      ['10.0.0.1', false, 'no-response'],
      ['10.0.0.2', true, 'conn-refused'],
      ['10.0.0.3', false, 'no-response'],
    ]);
  });

  it('keeps within its window, and opens it while answers come', async () => {
    const { most, probes } = await scan({ targets: ['127.0.0.1'], ports: '1-2000' });
    expect(probes).toBe(2000);
    expect(most).toBeGreaterThan(16);
    expect(most).toBeLessThanOrEqual(256);
  });

  it('takes a whole /16 in its stride', async () => {
    const startMs = performance.now();
    const { result, probes } = await scan({ targets: ['10.9.0.0/16'], ports: '22' });
    expect(result.hosts.length).toBe(65_536);
    expect(probes).toBe(65_536);
    expect(result.hosts.map((host) => host.address).slice(0, 3)).toEqual(['10.9.0.0', '10.9.0.1', '10.9.0.2']);
    expect(performance.now() - startMs).toBeLessThan(20_000);
  }, 40_000);

  it('never touches what it may not scan', async () => {
    const { result, probes } = await scan(
      { targets: ['localhost'], ports: '22' },
      {},
      { refusal: () => 'no block of scan.allowed holds it' },
    );
    expect(probes).toBe(0);
    expect(result).toMatchObject({
      outcome: 'failed',
      error: '127.0.0.1 may not be scanned: no block of scan.allowed holds it.',
    });
  });

  it('ends when cancelled, with what it has', async () => {
    const { result, probes } = await scan({ targets: ['127.0.0.1'], ports: '1-5000' }, {}, { abortAfter: 100 });
    expect(result.outcome).toBe('cancelled');
    expect(probes).toBeLessThan(400);
  });

  it('says which name it could not resolve, and scans the rest', async () => {
    const { result } = await scan({ targets: ['nowhere.invalid', 'localhost'], ports: '22' });
    expect(result).toMatchObject({
      outcome: 'finished',
      error: 'nowhere.invalid could not be resolved: ENOTFOUND',
      hosts: [{ address: '127.0.0.1', hostnames: ['localhost'] }],
    });
  });
});
