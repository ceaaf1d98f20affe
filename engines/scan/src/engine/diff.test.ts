import type { ScannedPort, ScanResult } from '@undercroft/kernel';
import { expect, it } from 'vitest';
import { diffScans } from './diff.ts';

const port = (number: number, more: Partial<ScannedPort> = {}): ScannedPort => ({
  protocol: 'tcp',
  port: number,
  state: 'open',
  reason: 'syn-ack',
  ...more,
});
const result = (hosts: Readonly<Record<string, readonly ScannedPort[]>>): ScanResult => ({
  id: 'x',
  startUs: 0,
  endUs: 0,
  request: { targets: [] },
  outcome: 'finished',
  hosts: Object.entries(hosts).map(([address, ports]) => ({
    address,
    hostnames: [],
    up: true,
    reason: 'reset',
    startUs: 0,
    endUs: 0,
    ports,
    extraPorts: [],
  })),
});

it('names what opened, closed and changed', () => {
  const before = result({ a: [port(22), port(80, { product: 'nginx' })], b: [port(1)] });
  const after = result({ a: [port(80, { product: 'Apache' }), port(443)], c: [] });
  expect(diffScans(before, after)).toEqual({
    hostsAppeared: ['c'],
    hostsGone: ['b'],
    ports: [
      {
        address: 'a',
        port: 80,
        kind: 'changed',
        before: port(80, { product: 'nginx' }),
        after: port(80, { product: 'Apache' }),
      },
      { address: 'a', port: 443, kind: 'opened', after: port(443) },
      { address: 'a', port: 22, kind: 'closed', before: port(22) },
    ],
  });
});
