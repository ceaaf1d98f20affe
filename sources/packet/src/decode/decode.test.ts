import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DecoderOptions, PacketDecoder } from './decoder.ts';
import { describe as text } from './describe.ts';
import * as flags from './flags.ts';
import * as kinds from './layers.ts';
import { META_CHECKSUM_PENDING, META_OUTGOING, NONE } from './layout.ts';
import * as options from './options.ts';
import { tcpOption } from './tcp-options.ts';
import { ipv4Frame, rawLinkType, tcpFrame, udpPayload } from './testing/build.ts';

const decoder = new PacketDecoder();
const decode = (hex: string, linkType = 1, wireBytes?: number) =>
  decoder.decodeFrame(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'), { linkType, ...(wireBytes ? { wireBytes } : {}) });

const MACS = '001122334455 66778899aabb';
/** 10.0.0.1:4096 to 10.0.0.2:8192 with two bytes. */
const UDP4 = '4500001e000100004011 0000 0a000001 0a000002 1000 2000 000a 0000 abcd';
const UDP6 =
  '600000000 00a 11 40 20010db8000000000000000000000001 20010db8000000000000000000000002 1000 2000 000a 0000 abcd'.replace(
    '600000000 00a',
    '60000000 000a',
  );
const IN4 = 'ipv4/udp 10.0.0.1:4096 > 10.0.0.2:8192 2 bytes';
const IN6 = 'ipv6/udp [2001:db8::1]:4096 > [2001:db8::2]:8192 2 bytes';
/** An IPv4 header of a protocol before so many bytes. */
const over4 = (protocol: string, rest: string) => {
  const bytes = (20 + rest.replaceAll(/\s/g, '').length / 2).toString(16).padStart(4, '0');
  return `4500${bytes}00000000 40${protocol}0000 c0000201 c0000202 ${rest}`;
};
const udp = (port: string, rest: string) => {
  const bytes = (8 + rest.replaceAll(/\s/g, '').length / 2).toString(16).padStart(4, '0');
  return over4('11', `4444 ${port} ${bytes} 0000 ${rest}`);
};

describe('the decoder', () => {
  it.each([
    ['Ethernet II, padding left out', 1, `${MACS} 0800 ${UDP4} 000000000000000000000000`, `ethernet/${IN4}`],
    ['802.1Q in 802.1ad', 1, `${MACS} 88a8 0064 8100 2005 86dd ${UDP6}`, `ethernet/vlan/vlan/${IN6}`],
    ['802.3 with SNAP', 1, `${MACS} 0026 aaaa03 000000 0800 ${UDP4} 0000`, `ethernet/llc/snap/${IN4}`],
    ['a spanning tree', 1, `${MACS} 0026 424203 ${'00'.repeat(35)}`, 'ethernet/llc/stp 35 bytes'],
    ['MPLS', 1, `${MACS} 8847 0001 0040 0002 0140 ${UDP4}`, `ethernet/mpls/${IN4}`],
    [
      'an Ethernet pseudowire',
      1,
      `${MACS} 8847 0001 0140 00000000 ${MACS} 0800 ${UDP4}`,
      `ethernet/mpls/pseudowire/ethernet/${IN4}`,
    ],
    ['PPPoE', 1, `${MACS} 8864 1100 0001 0020 0021 ${UDP4} ffff`, `ethernet/pppoe/ppp/${IN4}`],
    ['PPPoE discovery', 1, `${MACS} 8863 1109 0000 0004 01010000`, 'ethernet/pppoe-discovery 4 bytes'],
    ['provider backbone bridges', 1, `${MACS} 88e7 00000001 ${MACS} 0800 ${UDP4}`, `ethernet/pbb/ethernet/${IN4}`],
    ['FabricPath', 1, `${MACS} 8903 0001 ${MACS} 0800 ${UDP4}`, `ethernet/fabric-path/ethernet/${IN4}`],
    ['ARP', 1, `${MACS} 0806 0001 0800 06 04 0001 ${'00'.repeat(20)}`, 'ethernet/arp 20 bytes'],
    ['LLDP', 1, `${MACS} 88cc 0200`, 'ethernet/lldp 2 bytes'],
    ['EAPOL', 1, `${MACS} 888e 02010000`, 'ethernet/eapol 4 bytes'],
    ['Linux cooked', 113, `0000 0001 0006 0011223344550000 0800 ${UDP4}`, `sll/${IN4}`],
    ['Linux cooked, version 2', 276, `86dd 0000 00000001 0001 00 06 0011223344550000 ${UDP6}`, `sll2/${IN6}`],
    ['loopback, little endian', 0, `02000000 ${UDP4}`, `loopback/${IN4}`],
    ['loopback, big endian', 108, `0000001e ${UDP6}`, `loopback/${IN6}`],
    ['raw IPv4', 101, UDP4, IN4],
    ['raw IPv6', 229, UDP6, IN6],
    ['PPP', 9, `ff03 0021 ${UDP4}`, `ppp/${IN4}`],
    ['PPP with compressed fields', 9, `21 ${UDP4}`, `ppp/${IN4}`],
    ['multilink PPP', 9, `ff03 003d c0000001 0021 ${UDP4}`, `ppp/multilink/ppp/${IN4}`],
    ['Cisco HDLC', 104, `0f00 0800 ${UDP4}`, `hdlc/${IN4}`],
    ['Frame Relay', 107, `1841 03cc ${UDP4}`, `frame-relay/${IN4}`],
    [
      '802.11 with QoS',
      105,
      `8801 0000 ${'11'.repeat(18)} 0000 0000 aaaa03 000000 0800 ${UDP4}`,
      `802.11/llc/snap/${IN4}`,
    ],
    [
      'radiotap with a check sequence',
      127,
      `0000 0900 02000000 10 0800 0000 ${'11'.repeat(18)} 0000 aaaa03 000000 0800 ${UDP4} 12345678`,
      `radiotap/802.11/llc/snap/${IN4}`,
    ],
    ['802.11, encrypted', 105, `0840 0000 ${'11'.repeat(18)} 0000 12345678`, '802.11 4 bytes [encrypted]'],
    ['PPI', 192, `0000 0800 01000000 ${MACS} 0800 ${UDP4}`, `ppi/ethernet/${IN4}`],
    ['NFLOG', 239, `02000000 0800 0100 08000000 2200 0900 ${UDP4}`, `nflog/${IN4}`],
    ['IEEE 802.15.4', 195, '0102', '802.15.4 2 bytes'],
    ['4in4', 101, over4('04', UDP4), `ipv4/${IN4} [tunnel]`],
    ['6in4', 101, over4('29', UDP6), `ipv4/${IN6} [tunnel]`],
    ['GRE with a key', 101, over4('2f', `2000 0800 00000001 ${UDP4}`), `ipv4/gre/${IN4} [tunnel]`],
    [
      'PPTP',
      101,
      over4('2f', `3081 880b 0022 0001 00000001 00000002 ff03 0021 ${UDP4}`),
      `ipv4/gre/ppp/${IN4} [tunnel]`,
    ],
    ['ERSPAN I', 101, over4('2f', `0000 88be ${MACS} 0800 ${UDP4}`), `ipv4/gre/erspan/ethernet/${IN4} [tunnel]`],
    [
      'ERSPAN II',
      101,
      over4('2f', `1000 88be 00000001 1000000000000000 ${MACS} 0800 ${UDP4}`),
      `ipv4/gre/erspan/ethernet/${IN4} [tunnel]`,
    ],
    [
      'ERSPAN III',
      101,
      over4('2f', `1000 22eb 00000001 ${'20'.padEnd(24, '0')} ${MACS} 0800 ${UDP4}`),
      `ipv4/gre/erspan/ethernet/${IN4} [tunnel]`,
    ],
    ['VXLAN', 101, udp('12b5', `0800000000000100 ${MACS} 0800 ${UDP4}`), `ipv4/udp/vxlan/ethernet/${IN4} [tunnel]`],
    [
      'Geneve with options',
      101,
      udp('17c1', `0100655800000100 00000000 ${MACS} 86dd ${UDP6}`),
      `ipv4/udp/geneve/ethernet/${IN6} [tunnel]`,
    ],
    [
      'GTP-U with an extension',
      101,
      udp('0868', `34ff0026 00000001 00000085 01000000 ${UDP4}`),
      `ipv4/udp/gtp/${IN4} [tunnel]`,
    ],
    ['Teredo with an origin', 101, udp('0dd8', `0000 1234 56789abc ${UDP6}`), `ipv4/udp/teredo/${IN6} [tunnel]`],
    ['L2TP', 101, udp('06a5', `0002 0001 0002 ff03 0021 ${UDP4}`), `ipv4/udp/l2tp/ppp/${IN4} [tunnel]`],
    [
      'an IPv6 chain',
      101,
      `60000000 001a 00 40 ${'20'.repeat(32)} 3c00 050200000000 1100 0104 00000000 1000 2000 000a 0000 abcd`,
      'ipv6/hop-by-hop/destination-options/udp [2020:2020:2020:2020:2020:2020:2020:2020]:4096 > [2020:2020:2020:2020:2020:2020:2020:2020]:8192 2 bytes',
    ],
    ['SCTP', 101, over4('84', '0001 0002 00000001 00000000 0300 0004'), 'ipv4/sctp 192.0.2.1:1 > 192.0.2.2:2 4 bytes'],
    ['DCCP', 101, over4('21', '0001 0002 0400 0000 01 000000 00000000'), 'ipv4/dccp 192.0.2.1:1 > 192.0.2.2:2 0 bytes'],
    ['ESP', 101, over4('32', '00000001 00000002 1234'), 'ipv4/esp 192.0.2.1 > 192.0.2.2 2 bytes [encrypted]'],
    ['IGMP', 101, over4('02', '1600 0000 e0000001'), 'ipv4/igmp 192.0.2.1 > 192.0.2.2 type 22 code 0 0 bytes'],
    ['OSPF', 101, over4('59', '0201 0004'), 'ipv4/ospf 192.0.2.1 > 192.0.2.2 4 bytes'],
    [
      'an ICMP error',
      101,
      over4('01', `0301 0000 00000000 ${UDP4}`),
      'ipv4/icmp/quoted-ipv4 192.0.2.1 > 192.0.2.2 type 3 code 1 30 bytes',
    ],
  ])('reads %s', (_, linkType, hex, expected) => {
    expect(text(decode(hex, linkType))).toBe(expected);
  });

  it.each([
    ['cut within the IP header', `${MACS} 0800 4500001e0001`, 44, 'ethernet 30 bytes [truncated]'],
    ['that ends within its IP header', `${MACS} 0800 4500001e0001`, undefined, 'ethernet 6 bytes [short]'],
    [
      'with too long a length',
      `${MACS} 0800 ${UDP4.replace('4500001e', '45000fff')}`,
      undefined,
      `ethernet/${IN4} [length beyond]`,
    ],
    [
      'with a length below its header',
      `${MACS} 0800 ${UDP4.replace('4500001e', '45000010')}`,
      undefined,
      'ethernet 30 bytes [length below]',
    ],
    [
      'with a header of three words',
      `${MACS} 0800 ${UDP4.replace('4500001e', '4300001e')}`,
      undefined,
      'ethernet 30 bytes [bad header length]',
    ],
    [
      'of version 5',
      `${MACS} 0800 ${UDP4.replace('4500001e', '5500001e')}`,
      undefined,
      'ethernet 30 bytes [bad version]',
    ],
    [
      'without a length, left to the card',
      `${MACS} 0800 ${UDP4.replace('4500001e', '45000000')}`,
      undefined,
      `ethernet/${IN4} [no length]`,
    ],
    [
      'of sixteen tags',
      `${MACS} ${'8100 0001 '.repeat(16)} 0800 ${UDP4}`,
      undefined,
      'ethernet/vlan/vlan/vlan/vlan/vlan/vlan/vlan/vlan/vlan/vlan/vlan/vlan/vlan/vlan/vlan 34 bytes [too many layers]',
    ],
  ])('classifies a packet %s', (_, hex, wireBytes, expected) => {
    expect(text(decode(hex, 1, wireBytes))).toBe(expected);
  });

  it('tells fragments, and ports of the first only', () => {
    const payload = udpPayload(Buffer.alloc(8));
    const first = decoder.decodeFrame(ipv4Frame({ protocol: 17, payload, more: true, id: 7 }), {
      linkType: rawLinkType,
    });
    expect(text(first)).toBe('ipv4/udp 10.0.0.1:1000 > 10.0.0.2:2000 fragment 7@0+ 8 bytes');
    const last = decoder.decodeFrame(ipv4Frame({ protocol: 17, payload, fragmentOffset: 16, id: 7 }), {
      linkType: rawLinkType,
    });
    expect(text(last)).toBe('ipv4 10.0.0.1 > 10.0.0.2 protocol 17 fragment 7@16 16 bytes');
    expect(last.transport).toBe(NONE);
  });

  it('finds TCP options and their values', () => {
    const segment = [2, 4, 5, 180, 1, 3, 3, 7, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2];
    const packet = decoder.decodeFrame(tcpFrame({ sequence: 1, flags: 'S', options: segment }), {
      linkType: rawLinkType,
    });
    expect({ mss: packet.tcpMss, scale: packet.tcpWindowScale, header: packet.tcpHeaderBytes }).toEqual({
      mss: 1460,
      scale: 7,
      header: 40,
    });
    expect(packet.tcpOptions).toBe(
      flags.TCP_OPTION_MSS |
        flags.TCP_OPTION_WINDOW_SCALE |
        flags.TCP_OPTION_SACK_PERMITTED |
        flags.TCP_OPTION_TIMESTAMP,
    );
    expect([...tcpOption(packet, 8)!]).toEqual([0, 0, 0, 1, 0, 0, 0, 2]);
    expect(tcpOption(packet, 5)).toBeNull();
    const broken = decoder.decodeFrame(tcpFrame({ sequence: 1, options: [5, 30, 0, 0] }), { linkType: rawLinkType });
    expect(broken.has(flags.FLAG_BAD_OPTION)).toBe(true);
    expect(tcpOption(broken, 5)).toBeNull();
  });

  it('finds IP options', () => {
    const frame = ipv4Frame({
      protocol: 253,
      payload: Buffer.alloc(4),
      options: [148, 4, 0, 0, 7, 3, 4, 131, 3, 4, 0, 0],
    });
    const packet = decoder.decodeFrame(frame, { linkType: rawLinkType });
    expect(packet.ipOptions).toBe(
      flags.IP_OPTION_ROUTER_ALERT | flags.IP_OPTION_RECORD_ROUTE | flags.IP_OPTION_LOOSE_ROUTE,
    );
  });

  it('stops at the tunnels that the caller names', () => {
    const outside = (stopAt: number, hex: string) => {
      const each = new PacketDecoder({ stopAt });
      return text(each.decodeFrame(Buffer.from(hex.replaceAll(' ', ''), 'hex'), { linkType: rawLinkType }));
    };
    expect(outside(options.STOP_AT_IP_IN_IP, over4('04', UDP4))).toBe('ipv4 192.0.2.1 > 192.0.2.2 protocol 4 30 bytes');
    expect(outside(options.STOP_AT_TUNNELS, udp('12b5', `0800000000000100 ${MACS} 0800 ${UDP4}`))).toBe(
      'ipv4/udp 192.0.2.1:17476 > 192.0.2.2:4789 52 bytes',
    );
    expect(outside(options.STOP_AT_ERSPAN_1, over4('2f', `0000 0800 ${UDP4}`))).toBe(`ipv4/gre/${IN4} [tunnel]`);
  });

  it('takes any bytes of any link type', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), fc.nat(200), (bytes, linkType, surplus) => {
        const packet = decoder.decodeFrame(bytes, { linkType, wireBytes: bytes.length + surplus });
        expect(text(packet)).toMatch(/ bytes( \[.*\])?$/);
        expect(packet.payload.length).toBeLessThanOrEqual(bytes.length);
        for (let index = 0; index < packet.layers; index++)
          expect(packet.layerOffset(index)).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });

  it('hashes both directions of a flow alike, and flows apart', () => {
    const hash = (from: string, to: string, fromPort: number, toPort: number) =>
      decoder.decodeFrame(tcpFrame({ from, to, fromPort, toPort, sequence: 1 }), { linkType: rawLinkType }).flowHash;
    expect(hash('10.0.0.1', '10.0.0.2', 1, 2)).toBe(hash('10.0.0.2', '10.0.0.1', 2, 1));
    const many = new Set(
      Array.from({ length: 2000 }, (_, index) => hash('10.0.0.1', `10.0.1.${index % 250}`, index, 80)),
    );
    expect(many.size).toBe(2000);
  });
});

describe('checksums', () => {
  const judge = (
    frame: Uint8Array,
    more: DecoderOptions & { meta?: number; wireBytes?: number } = { checksums: true },
  ) => {
    const packet = new PacketDecoder(more).decodeFrame(frame, {
      linkType: rawLinkType,
      ...(more.meta === undefined ? {} : { meta: more.meta }),
      ...(more.wireBytes === undefined ? {} : { wireBytes: more.wireBytes }),
    });
    return packet.flags;
  };
  const JUDGED = flags.FLAG_IP_CHECKSUM_JUDGED | flags.FLAG_TRANSPORT_CHECKSUM_JUDGED;

  it('are judged when asked for, good and bad', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(), (data, at) => {
        const frame = tcpFrame({ sequence: 1, data });
        expect(judge(frame)).toBe(JUDGED);
        frame[20 + (at % (frame.length - 20))]! ^= 0x10;
        expect(
          judge(frame) & flags.FLAG_TRANSPORT_CHECKSUM_BAD || judge(frame) & flags.FLAG_BAD_HEADER_LENGTH,
        ).toBeTruthy();
      }),
      { numRuns: 30 },
    );
    expect(judge(tcpFrame({ sequence: 1 }), {})).toBe(0);
  });

  it('are left alone where the card was to compute them, and where bytes are missing', () => {
    const frame = tcpFrame({ sequence: 1, data: 'abcdef' });
    frame[36]! ^= 1;
    expect(judge(frame, { checksums: true, meta: META_CHECKSUM_PENDING | META_OUTGOING })).toBe(0);
    expect(judge(frame.subarray(0, 44), { checksums: true, wireBytes: 46 })).toBe(flags.FLAG_IP_CHECKSUM_JUDGED);
  });
});

describe('framing', () => {
  const record = (seconds: number, fraction: number, data: Buffer, big: boolean, wireBytes = data.length) => {
    const head = Buffer.alloc(16);
    const write = (value: number, at: number) => (big ? head.writeUInt32BE(value, at) : head.writeUInt32LE(value, at));
    write(seconds, 0);
    write(fraction, 4);
    write(data.length, 8);
    write(wireBytes, 12);
    return Buffer.concat([head, data]);
  };

  it('reads records of both byte orders and units, more than fit at a time', () => {
    const frame = Buffer.from(UDP4.replaceAll(' ', ''), 'hex');
    for (const big of [false, true]) {
      const bytes = Buffer.concat(Array.from({ length: 5 }, (_, index) => record(index, 5, frame, big, 99)));
      const small = new PacketDecoder({ maxPackets: 2 });
      small.load({ bytes, littleEndian: !big, nanoseconds: big, linkType: rawLinkType, interface: 3 });
      const counts: number[] = [];
      for (let count = small.next(); count > 0; count = small.next()) {
        counts.push(count);
        expect(small.packet(0)).toMatchObject({
          timeNs: big ? 5 : 5000,
          wireBytes: 99,
          interface: 3,
          sourcePort: 4096,
        });
      }
      expect(counts).toEqual([2, 2, 1]);
    }
  });

  it('stops at a length that no capture has, and leaves a torn record', () => {
    const frame = Buffer.from(UDP4.replaceAll(' ', ''), 'hex');
    const bytes = Buffer.concat([record(1, 0, frame, false), record(2, 0, frame, false)]);
    const all = { littleEndian: true, nanoseconds: false, linkType: rawLinkType, interface: 0 };
    const one = new PacketDecoder();
    one.load({ ...all, bytes: bytes.subarray(0, -1) });
    expect([one.next(), one.next(), one.brokenBlocks]).toEqual([1, 0, 0]);
    bytes.writeUInt32LE(0x7fffffff, 16 + frame.length + 8);
    one.load({ ...all, bytes });
    expect([one.next(), one.next(), one.brokenBlocks]).toEqual([1, 0, 1]);
  });

  it('reads a ring block, with tag, direction and pending checksum', () => {
    const frame = Buffer.from(`${MACS}0800${UDP4}`.replaceAll(' ', ''), 'hex');
    const entry = (status: number, type: number, next: number) => {
      const head = Buffer.alloc(82);
      head.writeUInt32LE(next, 0);
      head.writeUInt32LE(1_700_000_000, 4);
      head.writeUInt32LE(123, 8);
      head.writeUInt32LE(frame.length, 12);
      head.writeUInt32LE(frame.length, 16);
      head.writeUInt32LE(status, 20);
      head.writeUInt16LE(82, 24);
      head.writeUInt32LE(0x2005, 32);
      head.writeUInt16LE(0x88a8, 36);
      head[58] = type;
      return Buffer.concat([head, frame]);
    };
    const block = Buffer.alloc(48);
    const bytes = Buffer.concat([
      block,
      entry(1 | (1 << 4) | (1 << 6), 0, 82 + frame.length),
      entry(1 | (1 << 3), 4, 0),
    ]);
    bytes.writeUInt32LE(2, 12);
    bytes.writeUInt32LE(48, 16);
    bytes.writeUInt32LE(bytes.length, 20);
    const ring = new PacketDecoder({ maxPackets: 1 });
    ring.loadRing({ bytes, linkType: 1, interface: 2 });
    expect(ring.next()).toBe(1);
    expect(ring.packet(0)).toMatchObject({
      strippedTci: 0x2005,
      strippedTpid: 0x88a8,
      meta: 0,
      timeNs: 123,
      interface: 2,
      destinationPort: 8192,
    });
    expect(ring.next()).toBe(1);
    expect(ring.packet(0)).toMatchObject({ strippedTpid: 0, meta: META_OUTGOING | META_CHECKSUM_PENDING });
    expect(ring.next()).toBe(0);
    bytes.writeUInt32LE(0xffff, 48);
    ring.loadRing({ bytes, linkType: 1, interface: 2 });
    expect([ring.next(), ring.next(), ring.brokenBlocks]).toEqual([1, 0, 1]);
  });

  it('takes no block longer than its memory', () => {
    const one = new PacketDecoder({ maxBlockBytes: 100 });
    expect(() => one.decodeFrame(new Uint8Array(101), { linkType: 1 })).toThrow(RangeError);
  });

  it('finds layers by kind', () => {
    const packet = decode(`${MACS} 8847 0001 0040 0002 0140 ${UDP4}`);
    expect(packet.layerInfo(packet.find(kinds.LAYER_MPLS))).toBe(2);
    expect(packet.find(kinds.LAYER_ARP)).toBe(-1);
    expect(Buffer.from(packet.payload).toString('hex')).toBe('abcd');
  });
});
