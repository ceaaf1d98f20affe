import { describe, expect, it } from 'vitest';
import * as layout from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { decodeOne } from '../testing/tools.ts';
import { RecordEncoder } from './encode.ts';

/** Parts as argus 3.0.8 wrote them, from captures. @returns the record, having checked that it writes the same */
function read(part: string, others = ''): FlowRecord {
  const body = Buffer.from(part + others, 'hex');
  const bytes = Buffer.concat([Buffer.from([0x13, 0x10, 0, 1 + body.length / 4]), body]);
  const record = decodeOne(bytes) as FlowRecord;
  expect(Buffer.from(new RecordEncoder().encode(record)).toString('hex')).toBe(bytes.toString('hex'));
  return record;
}

describe("argus' quirks", () => {
  it('an ICMP id stands low byte first', () => {
    const record = read('020101050a0000010a000002010008000700' + '0300');
    expect(
      [layout.KEY_ICMP_TYPE, layout.KEY_ICMP_ID, layout.KEY_ICMP_SEQUENCE].map((word) => record.get(word)),
    ).toEqual([8, 7, 3]);
  });

  it('a DNS query id stands low byte first, in the place of the masks', () => {
    expect(read('02010105c0a80a01c0a80a0211008b1300357a69').get(layout.KEY_DETAIL)).toBe(0x697a);
  });

  it('a fragment id stands low byte first', () => {
    const record = read('02018105aaaaaaaaaaaaaaaaaa0000000000aa08');
    expect(record.get(layout.FLOW_FLAGS)).toBe(layout.FLOWFLAG_FRAGMENT);
    expect(record.get(layout.KEY_DETAIL)).toBe(0x08aa);
    expect(read(`0201820b${'20010470765b0000000000000a250053'.repeat(2)}110000009a060000`).get(layout.KEY_DETAIL)).toBe(
      0x069a,
    );
  });

  it('a key stored from responder to initiator is turned', () => {
    const record = read('02410105b23ec582c0a8010d060001bbd8e30000');
    expect(record.get(layout.SOURCE_PORT)).toBe(0xd8e3);
    expect(record.get(layout.DESTINATION_PORT)).toBe(443);
    expect(record.get(layout.SOURCE_ADDRESS) >>> 0).toBe(0x0d01a8c0);
  });

  it('an ARP key lacks two bytes of its MAC, a reversed one has 32 bytes of room', () => {
    expect(read('0206040600010800060400010a0000e30a0000d534363bcf').get(layout.KEY_ARP_MAC + 1)).toBe(0);
    const reversed = read(`0246040d0001080006040001c0a80a0ac0a80a0affffffffffff${'0000'}${'00'.repeat(24)}`);
    expect(reversed.get(layout.KEY_ARP_MAC + 1)).toBe(0xffff);
  });

  it('an ARP answer has room for the largest state', () => {
    const record = read(`3010002c18810e468ec8${'00'.repeat(166)}`);
    expect(record.get(layout.NET_KIND)).toBe(layout.NET_ARP);
  });

  it('the state of ICMP has its addresses in reverse', () => {
    const record = read('3034000703030000bc52180a01bfbc0a01bfbc0abc52180a00000000');
    expect(record.get(layout.NET_WORDS + 3)).toBe(0xbc52180a);
    const bytes = [0, 8, 16, 24].map((shift) => (record.get(layout.NET_WORDS + 3) >>> shift) & 255);
    expect(bytes).toEqual([10, 24, 82, 188]);
  });

  it('the part of an ICMP error has a word too many', () => {
    const record = read('34000108030300000a1852bc0abcbf010abcbf010a1852bc0000000000000000');
    expect(record.get(layout.ICMP_OUTER_SOURCE)).toBe(0xbc52180a);
  });

  it('the Ethernet type beside the MACs stands low byte first', () => {
    expect(read('42000005101331f13976283737006dc800080000').get(layout.MAC_ETHER_TYPE)).toBe(0x0800);
  });

  it('the SPI of ESP is a whole word', () => {
    expect(read('020101050a0000010a00000232000000deadbeef').get(layout.KEY_DETAIL)).toBe(0xdeadbeef);
  });

  it('packets of the first second of 1970 get a time of their own', () => {
    const record = read('03011805efffffff000000000000000000000000');
    expect(record.get(layout.START_S)).toBe(0xefffffff);
  });

  it('a range of one instant stays a range', () => {
    expect(read('03021803553d1f2d000211ca', '1001060200010028').get(layout.TIME_HAS)).toBe(layout.TIMEHAS_RANGE);
    expect(read('03011803553d1f2d000211ca', '1001060200010028').get(layout.TIME_HAS)).toBe(0);
  });
});
