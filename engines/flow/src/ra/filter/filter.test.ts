import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as layout from '../../record/layout.ts';
import { FlowRecord } from '../../record/record.ts';
import { compileFilter, FilterError } from './compile.ts';

/** 10.0.0.1:1025 to 192.168.0.2:80, TCP, 3 and 2 packets. */
function flow(): FlowRecord {
  const record = new FlowRecord();
  record.set(layout.KIND, layout.KIND_FLOW);
  record.set(layout.HAS, layout.HAS_FLOW | layout.HAS_METRIC | layout.HAS_TIME);
  record.set(layout.FLOW_TYPE, layout.FLOW_IPV4);
  record.set(layout.PROTOCOL, 6);
  record.bytes.set([10, 0, 0, 1], layout.SOURCE_ADDRESS * 4);
  record.bytes.set([192, 168, 0, 2], layout.DESTINATION_ADDRESS * 4);
  record.set(layout.SOURCE_PORT, 1025);
  record.set(layout.DESTINATION_PORT, 80);
  record.setWide(layout.SOURCE_PACKETS, 3);
  record.setWide(layout.DESTINATION_PACKETS, 2);
  record.setWide(layout.SOURCE_BYTES, 300);
  record.setWide(layout.DESTINATION_BYTES, 200);
  return record;
}

const takes = (text: string): boolean => compileFilter(text)(flow());

describe('compileFilter', () => {
  it('takes what is meant', () => {
    const wanted = [
      '',
      'tcp',
      'ip and tcp',
      'host 10.0.0.1',
      'src host 10.0.0.1 and dst port 80',
      'net 10.0.0.0/8',
      'src net 192.168.0.0/16 or dst net 192.168.0.0/16',
      'tcp and not udp',
      'port 80 or 443',
      'src pkts gt 2',
      // Of either side, not of both together.
      'bytes >= 300',
      '! arp',
    ];
    expect(wanted.filter((text) => !takes(text))).toEqual([]);
    const others = [
      'udp',
      'not tcp',
      'host 10.0.0.2',
      'src port 80',
      'src pkts gt 3',
      'dst host 10.0.0.1',
      'ipv6',
      'man',
    ];
    expect(others.filter(takes)).toEqual([]);
  });

  it('binds and and or alike, from the left', () => {
    expect(takes('tcp or udp and host 10.9.9.9')).toBe(false);
    expect(takes('tcp or (udp and host 10.9.9.9)')).toBe(true);
  });

  it('refuses what it does not understand, and only so', () => {
    for (const text of ['tcp and', 'host', '(tcp', 'tcp)', 'port nosuchport', 'spkts gt x', '%']) {
      expect(() => compileFilter(text), text).toThrow(FilterError);
    }
    const word = fc.oneof(
      fc.constantFrom(
        'host',
        'net',
        'port',
        'src',
        'dst',
        'and',
        'or',
        'not',
        '(',
        ')',
        'tcp',
        'spkts',
        'gt',
        '/',
        '=',
      ),
      fc.constantFrom(
        '10.0.0.1',
        '::1',
        '53-60',
        '1.5',
        '0x10',
        '00:11:22:33:44:55',
        '"text"',
        'encaps',
        'mpls',
        'inode',
      ),
      fc.string({ maxLength: 6 }),
    );
    const record = flow();
    fc.assert(
      fc.property(fc.array(word, { maxLength: 10 }), (words) => {
        try {
          compileFilter(words.join(' '))(record);
        } catch (error) {
          expect(error).toBeInstanceOf(FilterError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('ends for deep nesting', () => {
    for (const text of [
      `${'('.repeat(60_000)}`,
      `${'not '.repeat(16_000)}tcp`,
      Array(5000).fill('tcp').join(' and '),
    ]) {
      try {
        compileFilter(text)(flow());
      } catch (error) {
        expect(error).toBeInstanceOf(FilterError);
      }
    }
  });
});
