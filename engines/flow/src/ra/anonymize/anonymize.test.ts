import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { captureFolder } from '@undercroft/packet/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runArgus } from '../../argus/command/argus.ts';
import { ARGUS_DEPENDENCIES } from '../../argus/command/dependencies.ts';
import { hasTool, runTool } from '../../argus/testing/tools.ts';
import { run } from '../ranonymize.ts';
import { runProgram } from '../testing/program.ts';
import { Addresses, type AddressPolicy } from './addresses.ts';
import { type PortPolicy, portTable } from './ports.ts';
import { anonymizeSettings } from './settings.ts';

const folder = captureFolder();
const capture = join(folder ?? '', 'ndpi/default/pcap/wa_voice.pcap');
const TOLD = ['proto', 'dir', 'spkts', 'dpkts', 'sbytes', 'dbytes', 'dur', 'state', 'tcprtt', 'sttl'];

let temporary: string;
let key: string;
let policy: AddressPolicy;
beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'ranonymize-'));
  key = join(temporary, 'key');
  await writeFile(key, Buffer.alloc(32, 7));
  policy = anonymizeSettings(undefined, key).addresses;
});
afterAll(() => rm(temporary, { recursive: true }));

function commonBits(one: Uint8Array, other: Uint8Array): number {
  for (let bit = 0; bit < one.length * 8; bit += 1) {
    const at = bit >> 3;
    if (((((one[at] as number) ^ (other[at] as number)) << (bit & 7)) & 0x80) !== 0) return bit;
  }
  return one.length * 8;
}

const made = (change: Partial<AddressPolicy> = {}): Addresses =>
  new Addresses({ ...policy, ...change }, anonymizeSettings(undefined, key).keyOf);

describe('addresses', () => {
  it('keep how long their common beginnings are', () => {
    const addresses = made({ keepsBroadcast: false });
    const bytes = (length: number) =>
      fc.uint8Array({ minLength: length, maxLength: length }).map((value) => Buffer.from(value));
    fc.assert(
      fc.property(bytes(4), bytes(4), (one, other) => {
        fc.pre([one, other].every((value) => (value[0] as number) < 224 && !value.equals(Buffer.alloc(4))));
        expect(commonBits(addresses.ip4(one), addresses.ip4(other))).toBe(commonBits(one, other));
      }),
    );
    fc.assert(
      fc.property(bytes(16), fc.nat(127), (one, bit) => {
        fc.pre(one[0] !== 255 && one.subarray(0, 15).some((byte) => byte !== 0));
        const other = Buffer.from(one);
        other[bit >> 3] = (other[bit >> 3] as number) ^ (0x80 >> (bit & 7));
        fc.pre(other[0] !== 255 && other.subarray(0, 15).some((byte) => byte !== 0));
        expect(commonBits(addresses.ip6(one), addresses.ip6(other))).toBe(bit);
      }),
    );
  });

  it('are one to one in a network, whose broadcast address stays one', () => {
    const addresses = made({ translations: [[Buffer.from([10, 1, 2, 3]), Buffer.from([10, 9, 9, 9])]] });
    const hosts = Array.from({ length: 256 }, (_, host) => addresses.ip4(Buffer.from([10, 1, 2, host])));
    expect(new Set(hosts.map((host) => host.join('.'))).size).toBe(256);
    expect([hosts[0]?.[3], hosts[255]?.[3]]).toEqual([0, 255]);
    expect(hosts[3]).toEqual(Buffer.from([10, 9, 9, 9]));
    expect(new Set(hosts.filter((_, host) => host !== 3).map((host) => host.subarray(0, 3).join('.'))).size).toBe(1);
  });

  it('stay where their form says something', () => {
    const addresses = made();
    for (const text of ['224.0.0.251', '255.255.255.255', '0.0.0.0']) {
      const address = Buffer.from(text.split('.').map(Number));
      expect(addresses.ip4(address)).toEqual(address);
    }
    expect(addresses.mac(Buffer.from('ffffffffffff', 'hex')).toString('hex')).toBe('ffffffffffff');
    expect(addresses.mac(Buffer.from('01005e0000fb', 'hex')).toString('hex')).toBe('01005e0000fb');
    const vendor = made({ keepsVendors: true }).mac(Buffer.from('90b93128faca', 'hex')).toString('hex');
    expect(vendor.slice(0, 6)).toBe('90b931');
    expect(vendor).not.toBe('90b93128faca');
    expect(addresses.ip6(Buffer.from('fe80000000000000a00000000000000b', 'hex')).readUInt16BE(0) & 0xffc0).toBe(0xfe80);
  });
});

describe('ports', () => {
  const plain: PortPolicy = {
    keepsWellKnown: true,
    keepsRegistered: false,
    keepsPrivate: false,
    kept: new Set([5222]),
    offset: 10,
  };
  it('change places, except those that stay', () => {
    for (const offset of [10, -70_000, null]) {
      const table = portTable({ ...plain, offset }, Buffer.alloc(4 * 65_536, 0x5a));
      expect(new Set(table).size).toBe(65_536);
      expect([table[0], table[443], table[5222]]).toEqual([0, 443, 5222]);
    }
    expect(portTable(plain, Buffer.alloc(0))[1024]).toBe(1034);
  });
});

describe('ranonymize.conf', () => {
  it('takes what ranonymize takes and says what is wrong', async () => {
    const path = join(temporary, 'conf');
    await writeFile(
      path,
      'RANON_SEED=5\nRANON_TIME_SEC_OFFSET=fixed:60\nRANON_SEQNUM_OFFSET=none\nRANON_PRESERVE_IP_TTL=fixed:9\n',
    );
    const settings = anonymizeSettings(path, undefined);
    expect([settings.secondsOffset, settings.sequenceOffset, settings.ttl, settings.ipId, settings.isRandom]).toEqual([
      60,
      0,
      9,
      'keep',
      false,
    ]);
    await writeFile(path, 'RANON_PORT_METHOD=sideways\n');
    expect(() => anonymizeSettings(path, key)).toThrow('RANON_PORT_METHOD');
    await writeFile(path, 'short');
    expect(() => anonymizeSettings(undefined, path)).toThrow('16 bytes');
  });
});

describe.skipIf(folder === null)('ranonymize', () => {
  it('leaves nothing of who and when, and all of how much', async () => {
    const source = join(temporary, 'in.arg');
    const given = { ...ARGUS_DEPENDENCIES, systemConfig: '/nonexistent' };
    const argus = (argv: readonly string[], io: Parameters<typeof runArgus>[1]) => runArgus(argv, io, given);
    expect((await runProgram(argus, ['-X', '-A', '-m', '-U', '64', '-r', capture, '-w', source])).code).toBe(0);
    const { stdout, code } = await runProgram(run, ['-X', '-K', key, '-r', source, '-w', '-']);
    expect(code).toBe(0);
    const again = await runProgram(run, ['-X', '-K', key, '-r', source, '-w', '-']);
    expect(again.stdout.equals(stdout)).toBe(true);
    const without = await runProgram(run, ['-X', '-K', key, '-r', source, '-w', '-', '-', 'tcp']);
    for (const bytes of ['c0a8020c', 'c0a80201', '90b93128faca', Buffer.from('whatsapp').toString('hex')]) {
      expect(stdout.toString('hex')).not.toContain(bytes);
      expect(without.stdout.toString('hex')).not.toContain(bytes);
    }
    if (!hasTool('ra')) return;
    const told = async (input: Uint8Array): Promise<string> => {
      const argv = ['-F', '/dev/null', '-X', '-nn', '-c', ',', '-r', '-', '-s', ...TOLD, '-', 'not', 'man'];
      return (await runTool('ra', argv, input)).stdout.toString();
    };
    expect(await told(stdout)).toBe(await told(await readFile(source)));
  }, 20_000);
});
