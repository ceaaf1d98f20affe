import { describe, expect, it } from 'vitest';
import { ARGUS_KEYS } from './argus-config.ts';
import { parseArgusCommandLine } from './argus-options.ts';
import { parseConfig } from './config-file.ts';
import { parseInterfaces } from './interfaces.ts';
import { parseRadiumCommandLine } from './radium-options.ts';
import type { ArgusSettings } from './settings.ts';
import { parseSourceId } from './source-id.ts';

async function settings(words: string, config = ''): Promise<ArgusSettings> {
  const line = await parseArgusCommandLine(words.split(' '), parseConfig(config));
  if (line.kind !== 'run') throw new Error(line.kind);
  expect(line.unknownKeys).toEqual([]);
  return line.settings;
}

describe("argus' command line", () => {
  it('takes several files, outputs with filters, and the packet expression', async () => {
    const found = await settings('-X -AJ -r a.pcap b.pcap cisco:c.pcap -w one.arg udp -w - -U 64 -S 0.5 - tcp port 80');
    expect(found.files).toEqual([
      { path: 'a.pcap', netflow: false },
      { path: 'b.pcap', netflow: false },
      { path: 'c.pcap', netflow: true },
    ]);
    expect(found.outputs).toEqual([
      { target: 'one.arg', filter: 'udp' },
      { target: '-', filter: undefined },
    ]);
    expect(found).toMatchObject({
      appBytes: true,
      jitter: true,
      userDataBytes: 64,
      flowIntervalUs: 500_000,
      filter: 'tcp port 80',
    });
  });

  it('forgets with -X what a configuration said, and lets options take its place', async () => {
    const config = 'ARGUS_ACCESS_PORT=561\nARGUS_OUTPUT_FILE=/var/log/argus.out\nARGUS_GENERATE_MAC_DATA=yes\n';
    expect(await settings('-A', config)).toMatchObject({
      port: 561,
      macs: true,
      outputs: [{ target: '/var/log/argus.out' }],
    });
    expect(await settings('-X -A', config)).toMatchObject({ port: 0, macs: false, outputs: [] });
    expect((await settings('-w mine', config)).outputs).toEqual([{ target: 'mine', filter: undefined }]);
  });

  it('takes packets by number', async () => {
    expect(await settings('-N 27')).toMatchObject({ firstPacket: 0, lastPacket: 27 });
    expect(await settings('-N 10-20')).toMatchObject({ firstPacket: 10, lastPacket: 20 });
    await expect(settings('-N x')).rejects.toMatchObject({ code: 'flow.argus.option' });
  });

  it('says which option it does not know', async () => {
    expect(await parseArgusCommandLine(['-Q'], [])).toEqual({ kind: 'usage', letter: 'Q' });
    expect(await parseArgusCommandLine(['-U'], [])).toEqual({ kind: 'usage', letter: 'U' });
    expect(await parseArgusCommandLine(['-h'], [])).toEqual({ kind: 'help' });
  });

  it('reads quotes, comments and filters of outputs in argus.conf', async () => {
    const found = await settings(
      '-A',
      [
        '# a comment',
        'ARGUS_MONITOR_ID="en0"  // the interface',
        'ARGUS_OUTPUT_STREAM=argus-udp://224.0.20.21:561 "not icmp"',
        'ARGUS_FLOW_KEY="CLASSIC_5_TUPLE+VLAN"',
        'ARGUS_KEYSTROKE="ssh"',
        'ARGUS_KEYSTROKE_CONF="DC_MIN=32;GPC_MAX=5"',
        'ARGUS_TCP_TIMEOUT=7200',
        'ARGUS_PCAP_BUF_SIZE=1G',
      ].join('\n'),
    );
    expect(found.sourceId).toBe('"en0"');
    expect(found.outputs).toEqual([{ target: 'argus-udp://224.0.20.21:561', filter: 'not icmp' }]);
    expect(found.key).toMatchObject({ fiveTuple: true, vlan: true, mpls: false });
    expect(found.keystrokes).toEqual({ protocols: 'ssh', thresholds: { DC_MIN: 32, GPC_MAX: 5 } });
    expect(found.idleS.tcp).toBe(7200);
    expect(found.bufferBytes).toBe(2 ** 30);
    expect(ARGUS_KEYS.length).toBeGreaterThan(55);
  });
});

it('interfaces are named alone, bonded, or with ids', () => {
  const all = ['eth0', 'eth1'];
  const one = (text: string): unknown =>
    parseInterfaces(text, all).map(({ names, sourceId }) => [names.join('+'), sourceId]);
  expect(one('eth0')).toEqual([['eth0', undefined]]);
  expect(one('ind:all')).toEqual([
    ['eth0', undefined],
    ['eth1', undefined],
  ]);
  expect(one('ind:en0/192.168.0.68,en2/"en 2"')).toEqual([
    ['en0', '192.168.0.68'],
    ['en2', '"en 2"'],
  ]);
  expect(one('bond:en0,en1/2.3.4.5')).toEqual([['en0+en1', '2.3.4.5']]);
  expect(one('dup:[bond:en0,en1],en2/3')).toEqual([['en0+en1+en2', '3']]);
  expect(() => parseInterfaces(' ', all)).toThrow(/no interface/);
});

it('a source id is an address, a number or four characters', async () => {
  expect(await parseSourceId('10.2.45.3')).toEqual({ kind: 1, word: 0x032d020a });
  expect(await parseSourceId('7')).toEqual({ kind: 0x20, word: 0x07000000 });
  expect(await parseSourceId('"arg12"')).toEqual({ kind: 0x21, word: 0x31677261 });
  await expect(parseSourceId('uuid:/5E487EDE')).rejects.toMatchObject({ code: 'flow.argus.source-id' });
});

it("radium's command line takes servers, files, outputs, and a filter", async () => {
  const line = await parseRadiumCommandLine(
    '-X -S a:561 -S argus-udp://b -C 9996 -r x.arg y.arg -w out.arg udp -P 5610 -M 10 - not icmp'.split(' '),
    parseConfig('RADIUM_ARGUS_SERVER=c'),
  );
  expect(line).toMatchObject({
    kind: 'run',
    settings: {
      servers: ['a:561', 'argus-udp://b', 'cisco://any:9996'],
      files: ['x.arg', 'y.arg'],
      outputs: [{ target: 'out.arg', filter: 'udp' }],
      port: 5610,
      managementIntervalS: 10,
      filter: 'not icmp',
    },
  });
});
