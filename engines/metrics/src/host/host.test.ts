import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ascii } from '../language/bytes.ts';
import { FakeInventory } from '../testing.ts';
import { parseAuxv } from './auxv.ts';
import { addresses, machineId, osName, virtualization } from './facts.ts';
import { Listeners } from './listeners.ts';
import { parseMountinfo } from './mounts.ts';
import { HostReporter } from './reporter.ts';
import { parseSockets } from './sockets.ts';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const TCP = `${HEAD}   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4242 1 0 100 0 0 10 0
   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4243 1 0 100 0 0 10 0
   2: 0100007F:9C40 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 4244 1 0 20 4 30 10 -1
`;
const TCP6 = `${HEAD}   0: 00000000000000000000000001000000:0277 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4245 1 0
   1: B80D0120000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4246 1 0
   2: 0000000000000000FFFF00000100007F:0051 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4247 1 0
`;
const UDP = `${HEAD}   0: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   101        0 4248 2 0
   1: 0100007F:A000 0100007F:0035 01 00000000:00000000 00:00000000 00000000   101        0 4249 2 0
`;

describe('listening sockets', () => {
  const read = (text: string, protocol: 'tcp' | 'udp') =>
    parseSockets(ascii(text), text.length, protocol).map(({ address, port, uid, inode }) => [
      address,
      port,
      uid,
      inode,
    ]);

  it('are read with their addresses', () => {
    expect(read(TCP, 'tcp')).toEqual([
      ['127.0.0.1', 8080, 1000, 4242],
      ['0.0.0.0', 22, 0, 4243],
    ]);
    expect(read(TCP6, 'tcp')).toEqual([
      ['::1', 631, 0, 4245],
      ['2001:db8::1', 80, 0, 4246],
      ['127.0.0.1', 81, 0, 4247],
    ]);
    expect(read(UDP, 'udp')).toEqual([['0.0.0.0', 53, 101, 4248]]);
  });

  it('throw on no bytes whatever', () => {
    const damaged = fc.tuple(fc.nat(TCP6.length), fc.nat(TCP6.length)).map(([a, b]) => ascii(TCP6.slice(a, b)));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), damaged), (bytes) => {
        parseSockets(bytes, bytes.length, 'tcp');
        parseSockets(bytes, bytes.length, 'udp');
        parseMountinfo(bytes, bytes.length);
        parseAuxv(bytes);
      }),
    );
  });
});

describe('who listens', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'undercroft-listen-'));
    mkdirSync(join(root, 'net'));
    writeFileSync(join(root, 'net/tcp'), TCP);
    mkdirSync(join(root, '77/fd'), { recursive: true });
    symlinkSync('socket:[4242]', join(root, '77/fd/3'));
    symlinkSync('/dev/null', join(root, '77/fd/0'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('is found by inode; what cannot be found is counted', () => {
    const listeners = new Listeners(root, {
      pids: () => [77, 78],
      entry: (pid) => (pid === 77 ? { name: 'node', uid: 1000 } : undefined),
      userName: (uid) => (uid === 0 ? 'root' : 'ann'),
    });
    expect(listeners.refresh()).toBe(true);
    expect(listeners.rows).toEqual([
      { protocol: 'tcp', address: '0.0.0.0', port: 22, user: 'root' },
      { protocol: 'tcp', address: '127.0.0.1', port: 8080, pid: 77, process: 'node', user: 'ann' },
    ]);
    expect(listeners.unowned).toBe(1);
    expect(listeners.portsOf(77)).toEqual([8080]);
    expect(listeners.refresh()).toBe(false);
    listeners.close();
  });
});

describe('facts', () => {
  it('name the system', () => {
    expect(osName('NAME="Debian GNU/Linux"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n')).toBe(
      'Debian GNU/Linux 12 (bookworm)',
    );
    expect(osName('')).toBe('Linux');
  });

  it('tell where the machine runs', () => {
    const bare = { cpuinfo: 'flags : fpu vme', vendor: 'Dell Inc.', product: 'R740', container: undefined };
    expect(virtualization(bare)).toBe('none');
    expect(virtualization({ ...bare, cpuinfo: 'flags : fpu hypervisor lahf' })).toBe('vm');
    expect(virtualization({ ...bare, vendor: 'QEMU' })).toBe('kvm');
    expect(virtualization({ ...bare, container: 'lxc' })).toBe('lxc');
  });

  it('show the machine id only hashed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'undercroft-etc-'));
    writeFileSync(join(folder, 'machine-id'), '3d1219c7c4c5404aaa1f6d2a48adfda4\n');
    const id = machineId(folder, 'web-03');
    rmSync(folder, { recursive: true });
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(id).not.toBe('3d1219c7c4c5404aaa1f6d2a48adfda4');
  });

  it('leave out addresses that nobody else can reach', () => {
    const address = (value: string, internal = false) => ({ address: value, internal }) as never;
    expect(
      addresses({ lo: [address('127.0.0.1', true)], eth0: [address('192.0.2.7'), address('fe80::1'), address('::2')] }),
    ).toEqual(['192.0.2.7', '::2']);
  });
});

describe('the report to the inventory', () => {
  it('names host, volumes and ports, and says what has gone', async () => {
    const inventory = new FakeInventory();
    const volume = { point: '/var', filesystem: 'ext4', source: '/dev/sda1', device: '8:1', readOnly: false };
    let volumes = [{ ...volume, sizeBytes: 10_000_000_000, network: false }];
    let rows = [{ protocol: 'tcp' as const, address: '0.0.0.0', port: 22, pid: 5, process: 'sshd', user: 'root' }];
    const reporter = new HostReporter({
      inventory: inventory.service(),
      facts: () => ({ hostname: 'web-03', machineId: 'm1', attributes: { addresses: ['192.0.2.7'] } }),
      volumes: () => volumes,
      listeners: () => rows,
      log: undefined as never,
    });
    await reporter.report();
    const [host, disk, port, exposes] = inventory.observed;
    expect(host).toMatchObject({ type: 'host', name: 'web-03', keys: [{ type: 'machine-id', value: 'm1' }, {}, {}] });
    expect(disk).toMatchObject({
      type: 'volume',
      attributes: { mountPoint: '/var' },
      relations: [{ type: 'attached-to' }],
    });
    expect(port).toMatchObject({
      type: 'port',
      keys: [{ type: 'port', value: 'asset-0/tcp/22', strength: 'strong' }],
      attributes: { protocol: 'tcp', port: 22, process: 'sshd', pid: 5, user: 'root' },
    });
    expect(exposes).toMatchObject({ type: 'host', relations: [{ type: 'exposes' }] });
    inventory.observed.length = 0;
    volumes = [];
    rows = [];
    await reporter.report();
    expect(inventory.observed.slice(1).map(({ type, present }) => [type, present])).toEqual([
      ['volume', false],
      ['port', false],
    ]);
  });
});
