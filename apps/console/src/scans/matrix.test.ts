import { describe, expect, it } from 'vitest';
import type { ScannedHost } from './data.ts';
import { compareAddresses, diffWords, matrixOf, openedKeys, serviceWords } from './matrix.ts';

const host = (address: string, ports: readonly number[], up = true): ScannedHost => ({
  address,
  hostnames: [],
  up,
  reason: 'syn-ack',
  startAt: '2026-11-24T10:00:00Z',
  endAt: '2026-11-24T10:00:01Z',
  ports: ports.map((port) => ({ protocol: 'tcp', port, state: 'open', reason: 'syn-ack' })),
  extraPorts: [],
});

describe('hosts against ports', () => {
  it('have a column for each port that is open somewhere, and leave out hosts that are down', () => {
    const matrix = matrixOf([
      host('10.0.0.10', [443]),
      host('10.0.0.9', [22, 443]),
      host('10.0.0.7', []),
      host('10.0.0.1', [80], false),
    ]);
    expect(matrix.ports).toEqual([22, 80, 443]);
    expect(matrix.rows.map(({ host: { address }, cells }) => [address, ...cells.map((cell) => cell?.port)])).toEqual([
      ['10.0.0.9', 22, undefined, 443],
      ['10.0.0.10', undefined, undefined, 443],
      ['10.0.0.7', undefined, undefined, undefined],
    ]);
  });

  it('keep the commonest ports where there are too many, and say how many were left', () => {
    const matrix = matrixOf([host('a', [1, 2, 3]), host('b', [3])], 2);
    expect([matrix.ports, matrix.left]).toEqual([[1, 3], 1]);
  });
});

it('addresses stand in the order of their numbers', () => {
  expect(['10.0.0.10', '10.0.0.9', '10.0.0.1'].sort(compareAddresses)).toEqual(['10.0.0.1', '10.0.0.9', '10.0.0.10']);
});

it('a diff is said in words', () => {
  const diff = {
    hostsAppeared: [],
    hostsGone: ['10.0.0.4'],
    ports: [
      { address: 'a', port: 80, kind: 'opened' },
      { address: 'a', port: 22, kind: 'closed' },
    ],
  };
  expect(diffWords(diff)).toBe('1 opened, 1 closed, 1 host went');
  expect(diffWords({ hostsAppeared: [], hostsGone: [], ports: [] })).toBe('nothing changed');
  expect([...openedKeys(diff)]).toEqual(['a:80']);
});

it('a port says what speaks there', () => {
  const port = { protocol: 'tcp' as const, port: 22, state: 'open' as const, reason: 'syn-ack' };
  expect(serviceWords({ ...port, service: 'ssh', product: 'OpenSSH', version: '9.2' })).toBe('ssh, OpenSSH 9.2');
  expect(serviceWords(port)).toBe('not recognised');
});
