import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { containerOf } from './container.ts';
import { parseSockets } from './proc-net.ts';
import { LocalSockets } from './sockets.ts';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const DIGITS = '0123456789abcdef'.repeat(4);

describe('sockets of the kernel', () => {
  it('are read in both families, IPv4 within IPv6 as IPv4', () => {
    const text = [
      HEAD.trimEnd(),
      '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1234 1 x',
      '   1: 0000000000000000FFFF00000100000A:01BB 0000000000000000FFFF00000200000A:C350 01 0:0 0:0 0 0 0 77 1',
      '   2: B80D0120000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 78 1',
      '   3: 0100007F:1F90 0100007F:0016 06 00000000:00000000 00:00000000 00000000     0        0 0 1 x',
      'no line of a table',
    ].join('\n');
    expect(parseSockets(text)).toEqual([
      { address: '127.0.0.1', port: 8080, peer: '0.0.0.0', peerPort: 0, isListening: true, inode: 1234 },
      { address: '10.0.0.1', port: 443, peer: '10.0.0.2', peerPort: 50000, isListening: false, inode: 77 },
      { address: '2001:db8::1', port: 22, peer: '::', peerPort: 0, isListening: true, inode: 78 },
    ]);
  });
});

describe('a container', () => {
  it.each([
    [`0::/system.slice/docker-${DIGITS}.scope\n`, '0123456789ab'],
    [`12:cpu:/docker/${DIGITS}\n11:pids:/docker/${DIGITS}\n`, '0123456789ab'],
    [`0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-${DIGITS}.scope\n`, '0123456789ab'],
    ['0::/lxc.payload.web1/system.slice\n', 'web1'],
    ['0::/user.slice/user-1000.slice/session-2.scope\n', null],
    ['', null],
  ])('of group %j is %s', (text, container) => {
    expect(containerOf(text)).toBe(container);
  });
});

describe('the owner of a socket', () => {
  it('is found for connections of this machine, and for those who listen', {
    skip: process.platform !== 'linux',
  }, async () => {
    const server = createServer((socket) => socket.on('error', () => {}));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const client = connect(port, '127.0.0.1');
    await new Promise<void>((resolve) => client.once('connect', resolve));
    onTestFinished(() => {
      client.destroy();
      server.close();
    });
    const sockets = new LocalSockets({ nowMs: () => 0 });
    const local = client.localPort ?? 0;
    expect(sockets.find(6, '127.0.0.1', local, '127.0.0.1', port)).toBeUndefined();
    // The question has had them read.
    await sockets.refresh();
    expect(sockets.find(6, '127.0.0.1', local, '127.0.0.1', port)).toMatchObject({ pid: process.pid });
    // Another connection to the same listener.
    expect(sockets.find(6, '192.0.2.1', 40000, '127.0.0.1', port)).toMatchObject({ pid: process.pid });
    expect(sockets.find(6, '192.0.2.1', 40000, '192.0.2.2', port)).toBeUndefined();
    expect(sockets.find(1, '127.0.0.1', local, '127.0.0.1', port)).toBeUndefined();
  });

  it('is remembered after its end, and read again only after a while', async () => {
    const root = await mkdtemp(join(tmpdir(), 'undercroft-proc-'));
    onTestFinished(() => rm(root, { recursive: true, force: true }));
    await mkdir(join(root, 'net'));
    await mkdir(join(root, '42', 'fd'), { recursive: true });
    await symlink('socket:[7]', join(root, '42', 'fd', '3'));
    await writeFile(join(root, '42', 'comm'), 'curl\n');
    await writeFile(join(root, '42', 'cgroup'), `0::/docker/${DIGITS}\n`);
    const line = '   0: 0100000A:9C40 0200000A:01BB 01 0:0 0:0 0 0 0 7 1';
    await writeFile(join(root, 'net', 'tcp'), `${HEAD}${line}\n`);
    let nowMs = 0;
    const sockets = new LocalSockets({
      root,
      nowMs: () => nowMs,
      addresses: () => new Set(['10.0.0.1']),
      refreshMs: 1000,
    });
    await sockets.refresh();
    const curl = { pid: 42, name: 'curl', container: '0123456789ab' };
    expect(sockets.find(6, '10.0.0.1', 40000, '10.0.0.2', 443)).toEqual(curl);
    expect(sockets.find(6, '10.0.0.2', 443, '10.0.0.1', 40000)).toEqual(curl);
    await writeFile(join(root, 'net', 'tcp'), HEAD);
    nowMs = 500;
    await sockets.refresh();
    expect(sockets.counts.refreshes).toBe(1);
    nowMs = 5000;
    await sockets.refresh();
    expect(sockets.counts).toMatchObject({ refreshes: 2, sockets: 0 });
    expect(sockets.find(6, '10.0.0.1', 40000, '10.0.0.2', 443)).toEqual(curl);
  });
});
