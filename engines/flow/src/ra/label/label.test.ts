import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { captureFolder } from '@undercroft/packet/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runArgus } from '../../argus/command/argus.ts';
import { ARGUS_DEPENDENCIES } from '../../argus/command/dependencies.ts';
import { encoded, greeting } from '../../argus/testing/stream.ts';
import { hasTool, runTool } from '../../argus/testing/tools.ts';
import { run } from '../ralabel.ts';
import { runProgram } from '../testing/program.ts';
import { addressBytes, Networks } from './networks.ts';
import { cityRule } from './places.ts';

const captures = captureFolder();
const capture = join(captures ?? '', 'suricata-verify/bug-3616-smtp/input.pcap');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ralabel-'));
  const file = (name: string, text: string) => writeFile(join(folder, name), text);
  await file(
    'addresses',
    '# ours\n10.0.0.0/8 inside x\n10.10.1.4 desk and more\n74.53.140.0-74.53.140.255 "mail room"\nnonsense\n',
  );
  await file('ports', 'domain 53/udp Names\nsmtp 25/tcp Mail\nother 25/udp\n');
  await file(
    'flows',
    'filter="udp port 53" label="names" cont\nfilter="udp" label="datagram"\nfilter="tcp" label="stream"\n',
  );
  await file(
    'countries',
    '2|x\narin|US|ipv4|74.53.0.0|65536|2006|allocated\nripencc|DE|ipv6|fe80::|10|2006|allocated\n',
  );
  const value = (key: string, name: string): string => `${key}=yes\n${key}_FILE="${join(folder, name)}"\n`;
  await file(
    'conf',
    `${value('RALABEL_IANA_ADDRESS', 'addresses')}${value('RALABEL_IANA_PORT', 'ports')}${value('RALABEL_ARGUS_FLOW', 'flows')}` +
      `RALABEL_ARIN_COUNTRY_CODES=yes\nRA_DELEGATED_IP="${join(folder, 'countries')}"\n`,
  );
});
afterAll(() => rm(folder, { recursive: true }));

describe('networks', () => {
  it('are found by the addresses in them, the widest first', () => {
    const networks = new Networks<string>();
    networks.add(Uint8Array.of(10, 0, 0, 0), 8, 'ten');
    networks.add(Uint8Array.of(10, 1, 2, 3), 32, 'host');
    networks.add(addressBytes('2001:db8::') as Uint8Array, 33, 'six');
    expect(networks.find(Uint8Array.of(10, 1, 2, 3))).toEqual(['ten', 'host']);
    expect(networks.find(addressBytes('2001:db8:7fff::1') as Uint8Array)).toEqual(['six']);
    expect(networks.find(addressBytes('2001:db8:8000::1') as Uint8Array)).toEqual([]);
  });

  it('of any range hold just its addresses', () => {
    const word = fc.nat(0xffffffff);
    const bytes = (value: number): Uint8Array => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
    fc.assert(
      fc.property(word, word, word, (one, other, tried) => {
        const [first, last] = [Math.min(one, other), Math.max(one, other)];
        const networks = new Networks<number>();
        networks.addRange(first, last, 1);
        for (const value of [first, last, tried]) {
          expect(networks.find(bytes(value)).length).toBe(value >= first && value <= last ? 1 : 0);
        }
      }),
    );
  });

  it('read addresses as the standard library does', () => {
    expect(Buffer.from(addressBytes('::ffff:1.2.3.4') as Uint8Array).toString('hex')).toBe(
      '00000000000000000000ffff01020304',
    );
    expect(addressBytes('1.2.3')).toBeNull();
  });
});

it('asks databases of cities for what there is', () => {
  expect(cityRule('*:lat/lon')).toEqual({ ends: ['saddr', 'daddr', 'inode'], fields: ['lat', 'lon'] });
  expect(() => cityRule('saddr:moon')).toThrow('moon');
});

describe('ralabel', () => {
  it('labels by address, port and filter, behind what is there', async () => {
    const argv = ['-X', '-f', join(folder, 'conf'), '-c', ',', '-s', 'sco', 'dco', 'label:200', '-L', '-1'];
    const { stdout } = await runProgram(run, argv, Buffer.concat([greeting(), encoded(7)]));
    expect(stdout.toString()).toBe('ZZ,ZZ,saddr=inside:daddr=inside:dport=domain:flow=names:flow=datagram\n');
  });

  it('says which file is wrong', async () => {
    const path = join(folder, 'wrong');
    await writeFile(path, 'RALABEL_IANA_PORT=yes\n');
    expect((await runProgram(run, ['-X', '-f', path], greeting())).stderr).toContain('RALABEL_IANA_PORT_FILE');
    expect((await runProgram(run, ['-X', '-f', join(folder, 'none')], greeting())).code).toBe(1);
  });

  it.skipIf(captures === null || !hasTool('ralabel'))(
    'gives the labels that ralabel gives',
    async () => {
      const source = join(folder, 'in.arg');
      const given = { ...ARGUS_DEPENDENCIES, systemConfig: '/nonexistent' };
      await runProgram((argv, io) => runArgus(argv, io, given), ['-X', '-r', capture, '-w', source]);
      const conf = join(folder, 'conf');
      const labelled = async (stream: Uint8Array): Promise<string> => {
        const argv = [
          '-F',
          '/dev/null',
          '-X',
          '-nn',
          '-c',
          ',',
          '-r',
          '-',
          '-s',
          'saddr',
          'daddr',
          'dco',
          'label:200',
          '-',
          'not',
          'man',
        ];
        return (await runTool('ra', argv, stream)).stdout.toString();
      };
      const ours = await runProgram(run, ['-X', '-f', conf, '-r', source, '-w', '-']);
      const theirs = await runTool('ralabel', ['-F', '/dev/null', '-X', '-f', conf, '-r', source, '-w', '-']);
      expect(await labelled(ours.stdout)).toBe(await labelled(theirs.stdout));
      expect(await labelled(await readFile(source))).not.toContain('saddr=');
    },
    20_000,
  );
});
