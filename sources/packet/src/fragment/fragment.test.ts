import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PacketDecoder } from '../decode/decoder.ts';
import { describe as text } from '../decode/describe.ts';
import * as flags from '../decode/flags.ts';
import { ipv4Frame, ipv6Fragment, rawLinkType, udpPayload } from '../decode/testing/build.ts';
import type { PacketView } from '../decode/view.ts';
import { Defragmenter, type DefragmenterOptions } from './defragmenter.ts';
import * as policies from './policies.ts';

function bench(options: DefragmenterOptions = {}) {
  const decoder = new PacketDecoder({ checksums: true });
  const defragmenter = new Defragmenter(decoder.module, { checksums: true, ...options });
  const push = (frame: Uint8Array, policy?: number, timeS = 0, linkType = rawLinkType): PacketView | null =>
    defragmenter.push(decoder.decodeFrame(frame, { linkType, timeS }).address, policy);
  return { decoder, defragmenter, push };
}

/** Fragments of the paper's figure: letter, units of 8 bytes it starts at and has. */
const OVERLAPS: readonly (readonly [letter: string, start: number, units: number])[] = [
  ['A', 0, 3],
  ['B', 4, 2],
  ['C', 6, 3],
  ['D', 10, 1],
  ['E', 13, 2],
  ['F', 15, 3],
  ['G', 18, 2],
  ['H', 20, 2],
  ['I', 22, 1],
  ['J', 1, 4],
  ['K', 6, 3],
  ['L', 9, 3],
  ['M', 12, 3],
  ['N', 16, 1],
  ['O', 19, 1],
  ['P', 20, 1],
  ['Q', 22, 2],
  ['R', 24, 1],
];
const UNITS = 25;

describe('overlapping fragments', () => {
  it.each([
    ['first', policies.FRAGMENT_POLICY_FIRST, 'AAAJBBCCCLDLMEEFFFGGHHIQR'],
    ['last', policies.FRAGMENT_POLICY_LAST, 'AJJJJBKKKLLLMMMFNFGOPHQQR'],
    ['bsd', policies.FRAGMENT_POLICY_BSD, 'AAAJJBCCCLLLMMMFFFGGHHIQR'],
    ['bsd-right', policies.FRAGMENT_POLICY_BSD_RIGHT, 'AJJJBBKKKLDLMEEFNFGOPHQQR'],
    ['linux', policies.FRAGMENT_POLICY_LINUX, 'AAAJJBKKKLLLMMMFFFGGPHQQR'],
    ['windows', policies.FRAGMENT_POLICY_WINDOWS, 'AAAJBBCCCLLLMEEFFFGGHHIQR'],
    ['solaris', policies.FRAGMENT_POLICY_SOLARIS, 'AAAJBBCCCLLLMMMFFFGGHHIQR'],
  ])('are resolved as %s hosts do', (_, policy, expected) => {
    const { push } = bench();
    let whole: PacketView | null = null;
    for (const [letter, start, units] of OVERLAPS) {
      const payload = Buffer.alloc(units * 8, letter);
      const frame = ipv4Frame({ protocol: 253, payload, fragmentOffset: start * 8, more: start + units < UNITS });
      whole = push(frame, policy);
    }
    expect(whole).not.toBeNull();
    const bytes = Buffer.from(whole!.payload).toString();
    expect([...Array(UNITS).keys()].map((unit) => bytes.slice(unit * 8, unit * 8 + 8))).toEqual(
      [...expected].map((letter) => letter.repeat(8)),
    );
    expect(whole!.has(flags.FLAG_FRAGMENTS_CONFLICT)).toBe(true);
  });
});

describe('defragmentation', () => {
  it('gives back what is no fragment', () => {
    const { push } = bench();
    const frame = ipv4Frame({ protocol: 17, payload: udpPayload(Buffer.from('whole')) });
    expect(text(push(frame)!)).toBe('ipv4/udp 10.0.0.1:1000 > 10.0.0.2:2000 5 bytes');
  });

  it('makes a datagram of any fragments in any order, link header kept', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 17, maxLength: 3000 }),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 0, max: 1000 }),
        (data, units, v6, backwards, salt) => {
          const { push } = bench();
          const payload = udpPayload(data);
          const frames: Uint8Array[] = [];
          for (let at = 0; at < payload.length; at += units * 8) {
            const piece = payload.subarray(at, at + units * 8);
            const more = at + units * 8 < payload.length;
            frames.push(
              v6
                ? ipv6Fragment(salt, at, more, piece)
                : ipv4Frame({ protocol: 17, payload: piece, fragmentOffset: at, more, id: salt }),
            );
          }
          if (backwards) frames.reverse();
          else frames.sort((a, b) => ((a[30]! * salt) % 7) - ((b[30]! * salt) % 7));
          const ethernet = Buffer.from(`0011223344556677889900aa${v6 ? '86dd' : '0800'}`, 'hex');
          let whole: PacketView | null = null;
          for (const frame of frames) {
            expect(whole).toBeNull();
            whole = push(Buffer.concat([ethernet, frame]), undefined, 0, 1);
          }
          expect(Buffer.from(whole!.payload)).toEqual(Buffer.from(data));
          expect(whole!.layerKind(0)).toBe(1);
          expect(whole!.flags & ~flags.FLAG_IP_CHECKSUM_JUDGED & ~flags.FLAG_TRANSPORT_CHECKSUM_JUDGED).toBe(
            frames.length === 1 ? 0 : flags.FLAG_ASSEMBLED,
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('says that a repeated fragment overlaps without conflict', () => {
    const { push, defragmenter } = bench();
    const piece = (start: number, more: boolean) =>
      ipv4Frame({ protocol: 253, payload: Buffer.alloc(16, start), fragmentOffset: start, more });
    push(piece(0, true));
    push(piece(0, true));
    const whole = push(piece(16, false))!;
    expect(whole.flags & (flags.FLAG_FRAGMENTS_OVERLAP | flags.FLAG_FRAGMENTS_CONFLICT)).toBe(
      flags.FLAG_FRAGMENTS_OVERLAP,
    );
    expect(defragmenter.counts).toMatchObject({ fragments: 3, assembled: 1, overlapped: 1, conflicted: 0, pending: 0 });
  });

  it('gives up datagrams after their time, and the oldest when there are too many', () => {
    const { push, defragmenter } = bench({ maxDatagrams: 4, timeoutS: 30 });
    const piece = (id: number, timeS: number) =>
      push(ipv4Frame({ protocol: 17, payload: Buffer.alloc(8), more: true, id }), undefined, timeS);
    for (let id = 0; id < 6; id++) piece(id, 100);
    expect(defragmenter.counts).toMatchObject({ evicted: 2, pending: 4, timedOut: 0 });
    piece(7, 131);
    expect(defragmenter.counts).toMatchObject({ evicted: 2, pending: 1, timedOut: 4 });
    // A packet that comes late does not turn the clock back.
    piece(8, 5);
    expect(defragmenter.counts).toMatchObject({ pending: 2, timedOut: 4 });
  });

  it('keeps no more bytes than it may', () => {
    const { push, defragmenter } = bench({ maxBytes: 8192 });
    for (let id = 0; id < 100; id++) push(ipv4Frame({ protocol: 17, payload: Buffer.alloc(1400), more: true, id }));
    const { pending, evicted } = defragmenter.counts;
    expect(pending).toBeLessThanOrEqual(5);
    expect(pending + evicted).toBe(100);
  });

  it('refuses what is cut, empty or too long', () => {
    const { push, decoder, defragmenter } = bench();
    const frame = ipv4Frame({ protocol: 17, payload: Buffer.alloc(64), more: true });
    defragmenter.push(decoder.decodeFrame(frame.subarray(0, 60), { linkType: rawLinkType, wireBytes: 84 }).address);
    push(ipv4Frame({ protocol: 17, payload: Buffer.alloc(0), more: true }));
    push(ipv4Frame({ protocol: 17, payload: Buffer.alloc(64), fragmentOffset: 65_528 }));
    expect(defragmenter.counts).toMatchObject({ cut: 1, bad: 2, pending: 0 });
  });
});
