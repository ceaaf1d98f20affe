import { captureFolder } from '@undercroft/packet/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileFilter, type FilterOptions } from './compile.ts';
import { disassemble } from './disassemble.ts';
import { runProgram } from './interpreter.ts';
import { FilterError } from './language/error.ts';
import { firstDifference } from './testing/compare.ts';
import { CHAINS, CORPUS, KERNEL_CORPUS, REFUSED } from './testing/corpus.ts';
import { expressions } from './testing/expressions.ts';
import { framesOf } from './testing/frames.ts';
import { type Frame, makePacket, randomFrom } from './testing/packets.ts';
import { hasTcpdump, tcpdumpProgram } from './testing/tcpdump.ts';
import { validateProgram } from './validate.ts';

const ETHERNET = { linkType: 1, netmask: 0 };
/** Rejects every packet. */
const NOTHING = { instructions: [{ code: 6, jt: 0, jf: 0, k: 0 }] };
const tcpdump = hasTcpdump();
if (!tcpdump) console.warn('tcpdump is not installed: filters are not compared with it');
const folder = captureFolder();

function packets(seed: number, count: number, frame: Frame = 'ethernet'): Uint8Array[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => makePacket(random, frame));
}

/** With enough bytes behind it that no filter reads past the end. */
function padded(packet: Uint8Array): Uint8Array {
  const longer = new Uint8Array(Math.max(packet.length, 300));
  longer.set(packet);
  return longer;
}

/** What differs between ours and tcpdump's, and how large both are together. */
function compareAll(corpus: readonly string[], source: readonly string[], options: FilterOptions, tried: Uint8Array[]) {
  const differences: string[] = [];
  let ours = 0;
  let theirs = 0;
  let worst = 0;
  for (const expression of corpus) {
    const real = tcpdumpProgram(expression, source);
    if ('error' in real) {
      if (!refuses(expression, options)) differences.push(`${expression}: ${real.error}`);
      continue;
    }
    // Ours sees through some contradictions that libpcap does not.
    const program = refuses(expression, options) ? NOTHING : compileFilter(expression, options);
    const difference = firstDifference(program, real, tried);
    if (difference !== null) differences.push(`${expression}: ${difference}`);
    ours += program.instructions.length;
    theirs += real.instructions.length;
    worst = Math.max(worst, program.instructions.length / real.instructions.length);
  }
  return { differences, ratio: ours / theirs, worst };
}

function refuses(expression: string, options: FilterOptions = ETHERNET): boolean {
  try {
    compileFilter(expression, options);
    return false;
  } catch (error) {
    expect(error).toBeInstanceOf(FilterError);
    return true;
  }
}

/** Every so manieth, so that a run stays short; `UNDERCROFT_FULL` takes all. */
function some(corpus: readonly string[], step: number): readonly string[] {
  return process.env['UNDERCROFT_FULL'] === undefined ? corpus.filter((_, index) => index % step === 0) : corpus;
}

describe('a program', () => {
  it('is as short as libpcap makes it', () => {
    expect(disassemble(compileFilter('tcp port 80', ETHERNET))).toBe(
      [
        '(000) ldh      [12]',
        '(001) jeq      #0x86dd          jt 2\tjf 8',
        '(002) ldb      [20]',
        '(003) jeq      #0x6             jt 4\tjf 19',
        '(004) ldh      [54]',
        '(005) jeq      #0x50            jt 18\tjf 6',
        '(006) ldh      [56]',
        '(007) jeq      #0x50            jt 18\tjf 19',
        '(008) jeq      #0x800           jt 9\tjf 19',
        '(009) ldb      [23]',
        '(010) jeq      #0x6             jt 11\tjf 19',
        '(011) ldh      [20]',
        '(012) jset     #0x1fff          jt 19\tjf 13',
        '(013) ldxb     4*([14]&0xf)',
        '(014) ldh      [x + 14]',
        '(015) jeq      #0x50            jt 18\tjf 16',
        '(016) ldh      [x + 16]',
        '(017) jeq      #0x50            jt 18\tjf 19',
        '(018) ret      #262144',
        '(019) ret      #0',
        '',
      ].join('\n'),
    );
  });

  it('of the empty filter accepts everything', () => {
    expect(disassemble(compileFilter(' ', { linkType: 1, snapLength: 96 }))).toBe('(000) ret      #96\n');
  });

  it('reaches beyond 255 instructions by helpers', () => {
    const ports = Array.from({ length: 1000 }, (_, index) => 20_000 + 2 * index);
    const program = compileFilter(ports.map((port) => `port ${port}`).join(' or '), ETHERNET);
    expect(program.instructions.length).toBeGreaterThan(2000);
    const packet = padded(
      Uint8Array.from([...Array(12).fill(1), 8, 0, 0x45, ...Array(8).fill(0), 17, ...Array(10).fill(0)]),
    );
    const accepts = (port: number) => {
      packet.set([port >> 8, port & 255], 36);
      return runProgram(program, packet) !== 0;
    };
    expect([20_000, 20_998, 21_998].map(accepts)).toEqual([true, true, true]);
    expect([19_999, 20_999, 22_000].map(accepts)).toEqual([false, false, false]);
  });

  it('beyond 4096 instructions is refused', () => {
    const hosts = Array.from({ length: 3000 }, (_, index) => `host 10.1.${index >> 8}.${index & 255}`);
    expect(() => compileFilter(hosts.join(' or '), ETHERNET)).toThrow(/more than 4096 instructions/);
  });

  it('takes host names from the resolver, and ports from the services, that are handed in', () => {
    const options = {
      linkType: 1,
      resolve: (name: string) => (name === 'printer' ? ['10.0.0.9', 'fe80::9'] : []),
      services: new Map([['spool', { udp: 9100 }]]),
    };
    expect(compileFilter('host printer', options)).toEqual(compileFilter('host 10.0.0.9 or host fe80::9', options));
    expect(compileFilter('port spool', options)).toEqual(compileFilter('udp port 9100', options));
    expect(refuses('host nobody', options)).toBe(true);
  });
});

describe('an error', () => {
  it.each([
    ['tcp 80', 4, '"80" stands where "and", "or" or the end should be.', /"port"/],
    ['host 10.0.0.1 and 300.1.1.1', 18, '300.1.1.1 is no IPv4 address: parts go from 0 to 255.', /^$/],
    ['net 10.0.0.1/8', 4, '10.0.0.1 has bits beyond its mask.', /"host" for one address/],
    ['proto tcp', 6, '"tcp" is a word of the language where a name, number or address should be.', /\\tcp/],
    ['host example.org', 5, 'Names of hosts are not looked up here.', /Write the address/],
    ['ip[0:3] = 1', 5, '3 bytes cannot be read at once.', /1, 2 or 4/],
    ['tcp and udp and ip', 0, 'No packet can match this filter.', /exclude each other/],
    ['inbound', 0, 'Packets of this link type do not say whether they came in or went out.', /^$/],
  ])('%s', (expression, position, message, fix) => {
    let thrown: unknown;
    try {
      compileFilter(expression, ETHERNET);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ position, message });
    expect((thrown as FilterError).fix ?? '').toMatch(fix);
  });

  it.each(REFUSED)('is what %s is', (expression) => {
    expect(refuses(expression)).toBe(true);
  });

  it('is all that any text whatever can cause', () => {
    const words = fc.constantFrom(
      ...'tcp ip6 ether host net port portrange proto protochain src dst and or not ( ) [ ] : / mask = != < >> + - 80 0x10 10.0.0.1 fe80::1 1:2:3:4:5:6 vlan mpls pppoes geneve vxlan less byte len llc type subtype multicast \\tcp constructor __proto__'.split(
        ' ',
      ),
    );
    const texts = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.array(words, { maxLength: 14 }).map((each) => each.join(' ')),
    );
    fc.assert(
      fc.property(
        texts,
        fc.constantFrom(0, 1, 9, 101, 105, 113, 127, 228, 276),
        fc.boolean(),
        (text, linkType, kernel) => {
          try {
            validateProgram(compileFilter(text, { linkType, kernel }));
          } catch (error) {
            expect(error).toBeInstanceOf(FilterError);
            expect((error as FilterError).position).toBeLessThanOrEqual(text.length);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe.skipIf(!tcpdump)('compared with tcpdump', () => {
  it('means the same on packets made up, damaged and cut', () => {
    const result = compareAll(some(CORPUS, 5), ['-y', 'EN10MB'], ETHERNET, packets(7, 300));
    expect(result.differences).toEqual([]);
    expect(result.ratio).toBeLessThan(1.05);
    expect(result.worst).toBeLessThan(1.3);
  });

  it.skipIf(folder === null)('means the same on public captures', () => {
    const { differences } = compareAll(some(CORPUS, 20), ['-y', 'EN10MB'], ETHERNET, framesOf(folder!, 60, 20));
    expect(differences).toEqual([]);
  });

  it('follows chains of headers alike', () => {
    expect(
      compareAll(CHAINS, ['-y', 'EN10MB'], ETHERNET, packets(11, 500).filter(withoutAuthentication)).differences,
    ).toEqual([]);
  });

  it.each([
    ['raw', 'RAW', 101],
    ['sll', 'LINUX_SLL', 113],
    ['null', 'NULL', 0],
    ['loop', 'LOOP', 108],
    ['ppp', 'PPP', 9],
  ] as const)('means the same on %s', (frame, name, linkType) => {
    const result = compareAll(some(CORPUS, 30), ['-y', name], { linkType, netmask: 0 }, packets(3, 200, frame));
    expect(result.differences).toEqual([]);
  });

  it.each([
    ['wlan', 'IEEE802_11', 105],
    ['radiotap', 'IEEE802_11_RADIO', 127],
  ] as const)('means the same on %s', (frame, name, linkType) => {
    const corpus = [
      ...[
        'ip',
        'tcp',
        'arp',
        'tcp port 80',
        'host 10.0.0.1',
        'ip6',
        'ether host 001122334455',
        'ether src ffffffffffff',
      ],
      ...['wlan addr1 001122334455', 'wlan addr2 001122334455', 'wlan addr3 1:2:3:4:5:6', 'wlan addr4 1:2:3:4:5:6'],
      ...['wlan ra 001122334455', 'wlan ta 001122334455', 'type mgt', 'type mgt subtype beacon', 'subtype qos-data'],
      ...['dir tods', 'dir 3', 'multicast', 'broadcast', 'llc', 'ip[9] = 6 and tcp[13] & 2 != 0'],
    ];
    const tried = packets(5, 200, frame).map(padded);
    expect(compareAll(corpus, ['-y', name], { linkType }, tried).differences).toEqual([]);
  });

  it('means the same on LINUX_SLL2', () => {
    const corpus = [
      'ip',
      'tcp port 80',
      'inbound',
      'outbound',
      'ifindex 2',
      'host 10.0.0.1 and udp',
      'arp',
      'ip6 and tcp',
    ];
    const tried = packets(5, 300, 'sll2');
    expect(compareAll(corpus, ['-y', 'LINUX_SLL2'], { linkType: 276 }, tried).differences).toEqual([]);
  });

  it.skipIf(process.getuid?.() !== 0)('means the same in a kernel that keeps the tag beside the packet', () => {
    const options = { ...ETHERNET, kernel: true };
    const tried = packets(13, 600);
    const differences = KERNEL_CORPUS.flatMap((expression) => {
      const real = tcpdumpProgram(expression, ['-i', 'lo']);
      if ('error' in real) return [`${expression}: ${real.error}`];
      return firstDifference(compileFilter(expression, options), real, tried, besidePacket) ?? [];
    });
    expect(differences).toEqual([]);
  });

  it('means the same for random expressions', () => {
    const tried = packets(17, 300).map(padded);
    const sample = fc.sample(expressions, {
      numRuns: process.env['UNDERCROFT_FULL'] === undefined ? 30 : 2000,
      seed: 5,
    });
    const differences = sample.flatMap((expression) => {
      const real = tcpdumpProgram(expression, ['-y', 'EN10MB']);
      if ('error' in real) return refuses(expression) ? [] : [`${expression}: ${real.error}`];
      const program = refuses(expression) ? NOTHING : compileFilter(expression, ETHERNET);
      const difference = firstDifference(program, real, tried);
      return difference === null ? [] : [`${expression}: ${difference}`];
    });
    expect(differences).toEqual([]);
  });
});

function withoutAuthentication(packet: Uint8Array): boolean {
  return !packet.includes(51);
}

function besidePacket(packet: Uint8Array) {
  const last = packet.at(-1) ?? 0;
  const tag = (last & 8) === 0 ? {} : { vlanTag: [100, 5, 200, 0x6005, 0xa064][last % 5]! };
  return { packetType: last % 5, interface: last % 3, ...tag };
}
