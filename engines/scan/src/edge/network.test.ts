/** The real thing: our scan beside nmap's on the same listeners. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createServer as createHttp } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import type { ScanResult } from '@undercroft/kernel';
import { SystemClock } from '@undercroft/kernel/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runScan } from '../engine/scan.ts';
import { toNmapXml } from '../language/nmap-xml.ts';
import { network } from './network.ts';

const hasNmap = spawnSync('nmap', ['--version']).status === 0;

describe('a scan of real listeners', () => {
  const servers: Server[] = [];
  const ports: number[] = [];
  let result: ScanResult;

  beforeAll(async () => {
    servers.push(
      createServer((socket) => {
        socket.on('error', () => {});
        socket.end('SSH-2.0-OpenSSH_9.2p1 Test\r\n');
      }),
      createHttp((_request, response) => {
        response.setHeader('server', 'nginx/1.22.1');
        response.end('hello');
      }),
      createServer((socket) => void socket.on('error', () => {})),
    );
    for (const server of servers) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      ports.push((server.address() as AddressInfo).port);
    }
    result = await runScan({
      id: 'x',
      request: { targets: ['127.0.0.1'], ports: [...ports, 1, 2, 3].join(',') },
      world: network,
      clock: new SystemClock(),
      signal: new AbortController().signal,
      refusal: () => undefined,
      progress: () => {},
    });
  });
  afterAll(() => {
    for (const server of servers) server.close();
  });

  it('finds what listens and what it is', () => {
    const [ssh, http, silent] = ports;
    expect(result.hosts[0]?.ports).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          port: ssh,
          service: 'ssh',
          product: 'OpenSSH',
          version: '9.2p1',
          banner: 'SSH-2.0-OpenSSH_9.2p1 Test',
        }),
        expect.objectContaining({ port: http, service: 'http', product: 'nginx', version: '1.22.1' }),
        expect.objectContaining({ port: silent, state: 'open' }),
      ]),
    );
    expect(result.hosts[0]?.extraPorts).toEqual([{ state: 'closed', count: 3 }]);
  });

  it.skipIf(!hasNmap)('agrees with nmap on every port (skipped without nmap)', () => {
    const xml = execFileSync(
      'nmap',
      ['-sT', '-n', '-Pn', '-oX', '-', '-p', [...ports, 1, 2, 3].join(','), '127.0.0.1'],
      { encoding: 'utf8' },
    );
    const states = (text: string): string[] =>
      [...text.matchAll(/<port protocol="tcp" portid="(\d+)"><state state="(\w+)"/g)]
        .map(([, port, state]) => `${port} ${state}`)
        .filter((line) => line.endsWith('open'))
        .sort();
    expect(states(toNmapXml(result, '0'))).toEqual(states(xml));
    const info = /<scaninfo type="connect" protocol="tcp" numservices="6" services="([^"]+)"\/>/;
    expect(info.exec(toNmapXml(result, '0'))?.[1]).toBe(info.exec(xml)?.[1]);
  });

  it.skipIf(!hasNmap || spawnSync('xmllint', ['--version']).status !== 0)(
    'writes XML that fits nmap.dtd (skipped without nmap and xmllint)',
    () => {
      const dtd = '/usr/share/nmap/nmap.dtd';
      const { status, stderr } = spawnSync('xmllint', ['--noout', '--dtdvalid', dtd, '-'], {
        input: toNmapXml(result, '0'),
        encoding: 'utf8',
      });
      expect([status, stderr]).toEqual([0, '']);
    },
  );
});
