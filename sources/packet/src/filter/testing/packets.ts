/** Packets to try filters on: made up from what filters ask about, and damaged. */

/** A small reproducible source of numbers (mulberry32). */
export type Random = (below: number) => number;

export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const PORTS = [80, 443, 53, 22, 8080, 6000, 6005, 1024, 25, 6081, 4789, 21, 23];
const IPV4 = [
  '0a000001',
  '0a000102',
  'c0a80101',
  '01020304',
  'e00000fb',
  'ffffffff',
  'ac100a0a',
  '7f000001',
  '05060708',
];
const IPV6 = [
  '00000000000000000000000000000001',
  'fe800000000000000000000000000001',
  '20010db8000000000000000000000001',
  'ff0200000000000000000000000000fb',
];
const MACS = ['001122334455', 'ffffffffffff', '01005e0000fb', 'aabbccddeeff', '010203040506'];
const PROTOCOLS = [6, 6, 6, 17, 17, 17, 132, 1, 2, 50, 51, 47, 103, 112, 58, 0, 44, 9];

export type Frame = 'ethernet' | 'raw' | 'sll' | 'sll2' | 'null' | 'loop' | 'ppp' | 'wlan' | 'radiotap';

/** One packet under the given kind of link header, sometimes damaged or cut. */
export function makePacket(random: Random, frame: Frame): Uint8Array {
  const network = makeNetwork(random, 0);
  const bytes = [...linkHeader(random, frame, network.type), ...network.bytes];
  const damages = random(3) === 0 ? random(4) : 0;
  // The family of a loopback packet stays: which numbers mean IPv6 is a matter of the system.
  const first = frame === 'null' || frame === 'loop' ? 4 : 0;
  for (let index = 0; index < damages; index += 1)
    bytes[first + random(Math.min(bytes.length - first, 90))] = random(256);
  return Uint8Array.from(random(6) === 0 ? bytes.slice(0, random(bytes.length)) : bytes);
}

interface Network {
  readonly type: number;
  readonly bytes: number[];
}

function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[random(items.length)]!;
}

function hex(text: string): number[] {
  return [...Buffer.from(text, 'hex')];
}

function u16(value: number): number[] {
  return [(value >>> 8) & 0xff, value & 0xff];
}

function u32(value: number): number[] {
  return [...u16(value >>> 16), ...u16(value)];
}

function noise(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => random(256));
}

function makeNetwork(random: Random, depth: number): Network {
  switch (random(depth > 2 ? 8 : 16)) {
    case 0:
      return { type: pick(random, [0x0806, 0x8035]), bytes: arp(random) };
    case 1:
      return {
        type: pick(random, [0x88cc, 0x809b, 0x80f3, 0x6003, 0x6004, 0x8137, 0x9000, 0x8863]),
        bytes: noise(random, 40),
      };
    case 2:
      return { type: 40 + random(60), bytes: llc(random) };
    case 3:
    case 4:
    case 5:
      return { type: 0x86dd, bytes: ipv6(random, depth) };
    case 10:
    case 11: {
      const inner = makeNetwork(random, depth + 1);
      const tag = u16((random(8) << 13) | pick(random, [5, 100, 200, random(4096)]));
      return {
        type: pick(random, [0x8100, 0x8100, 0x88a8, 0x9100]),
        bytes: [...tag, ...u16(inner.type), ...inner.bytes],
      };
    }
    case 12:
      return { type: 0x8847, bytes: labels(random) };
    case 13: {
      const inner =
        pick(random, [0, 1]) === 0 ? { type: 0x21, bytes: ipv4(random, 3) } : { type: 0x57, bytes: ipv6(random, 3) };
      return {
        type: 0x8864,
        bytes: [0x11, 0, ...u16(pick(random, [5, 39])), ...u16(60), ...u16(inner.type), ...inner.bytes],
      };
    }
    default:
      return { type: 0x0800, bytes: ipv4(random, depth) };
  }
}

function labels(random: Random): number[] {
  const count = 1 + random(3);
  const bytes: number[] = [];
  for (let index = 1; index <= count; index += 1) {
    const label = pick(random, [5, 6, 1024, 100_000]);
    bytes.push(...u32(((label << 12) | (index === count ? 0x100 : 0) | 64) >>> 0));
  }
  return [...bytes, ...(random(3) === 0 ? ipv6(random, 3) : ipv4(random, 3))];
}

function arp(random: Random): number[] {
  const head = [0, 1, 8, 0, 6, 4, 0, 1 + random(2)];
  return [
    ...head,
    ...hex(pick(random, MACS)),
    ...hex(pick(random, IPV4)),
    ...hex(pick(random, MACS)),
    ...hex(pick(random, IPV4)),
  ];
}

function llc(random: Random): number[] {
  const control = pick(random, [0x03, 0x01, 0x05, 0x09, 0x63, 0x43, 0x0f, 0x6f, 0xe3, 0xaf, 0x87, 0x00, 0x02]);
  switch (random(6)) {
    case 0:
      return [
        0xaa,
        0xaa,
        0x03,
        ...pick(random, [hex('000000'), hex('080007')]),
        ...u16(pick(random, [0x8137, 0x809b, 0x80f3, 0x0800])),
        ...ipv4(random, 3),
      ];
    case 1:
      return [0xff, 0xff, ...noise(random, 30)];
    case 2:
      return [
        0xfe,
        0xfe,
        0x03,
        pick(random, [0x81, 0x82, 0x83, 0x83, 0x83]),
        ...noise(random, 3),
        pick(random, [15, 16, 17, 18, 20, 24, 25, 26, 27]),
        ...noise(random, 30),
      ];
    default: {
      const sap = pick(random, [0x42, 0xe0, 0xf0, 0x06, 0xfe]);
      return [sap, pick(random, [sap, sap, 0x04]), control, ...noise(random, 40)];
    }
  }
}

function ipv4(random: Random, depth: number): number[] {
  const words = pick(random, [5, 5, 5, 6, 8, 15]);
  const protocol = pick(random, PROTOCOLS);
  const fragment = random(6) === 0 ? random(65_536) : pick(random, [0, 0x4000]);
  const payload = transport(random, protocol, depth);
  const total = words * 4 + payload.length;
  const head = [
    0x40 | words,
    random(256),
    ...u16(total),
    ...u16(random(65_536)),
    ...u16(fragment),
    random(256),
    protocol,
    0,
    0,
  ];
  return [
    ...head,
    ...hex(pick(random, IPV4)),
    ...hex(pick(random, IPV4)),
    ...noise(random, (words - 5) * 4),
    ...payload,
  ];
}

function ipv6(random: Random, depth: number): number[] {
  const extensions: number[] = [];
  const protocol = pick(random, PROTOCOLS);
  let first = protocol;
  if (random(3) === 0) {
    for (let left = random(3); left >= 0; left -= 1) {
      const words = random(2);
      extensions.unshift(first, words, ...noise(random, 6 + 8 * words));
      first = pick(random, [0, 43, 44, 60]);
    }
  }
  const payload = [...extensions, ...transport(random, protocol, depth)];
  return [
    0x60,
    0,
    0,
    0,
    ...u16(payload.length),
    first,
    64,
    ...hex(pick(random, IPV6)),
    ...hex(pick(random, IPV6)),
    ...payload,
  ];
}

function transport(random: Random, protocol: number, depth: number): number[] {
  const to = pick(random, PORTS);
  const ports = [...u16(pick(random, PORTS)), ...u16(to)];
  switch (protocol) {
    case 6: {
      const words = pick(random, [5, 5, 8, 10]);
      const text = pick(random, ['474554202f', '160301', '']);
      return [
        ...ports,
        ...noise(random, 8),
        words << 4,
        random(256),
        ...noise(random, 6 + (words - 5) * 4),
        ...hex(text),
        ...noise(random, random(40)),
      ];
    }
    case 17:
      return [...ports, ...u16(8 + random(50)), 0, 0, ...udpPayload(random, to, depth)];
    case 132:
      return [...ports, ...noise(random, 20)];
    case 1:
    case 58:
      return [pick(random, [0, 3, 8, 11, 128, 129, 135]), random(3), ...noise(random, 30)];
    default:
      return noise(random, 40);
  }
}

function udpPayload(random: Random, port: number, depth: number): number[] {
  if (depth > 1 || !(port === 6081 || port === 4789)) return noise(random, random(60));
  const network = [0, 0, pick(random, [5, 11]), 0];
  const inner = makeNetwork(random, depth + 1);
  const frame = [...linkHeader(random, 'ethernet', inner.type), ...inner.bytes];
  if (port === 4789) return [pick(random, [8, 8, 0]), 0, 0, 0, ...network, ...frame];
  const options = random(3);
  const bridged = random(2) === 0;
  const type = bridged ? 0x6558 : inner.type;
  return [options, 0, ...u16(type), ...network, ...noise(random, 4 * options), ...(bridged ? frame : inner.bytes)];
}

function linkHeader(random: Random, frame: Frame, type: number): number[] {
  switch (frame) {
    case 'ethernet':
      return [...hex(pick(random, MACS)), ...hex(pick(random, MACS)), ...u16(type)];
    case 'raw':
      return [];
    case 'sll':
      return [
        ...u16(random(5)),
        ...u16(1),
        ...u16(6),
        ...hex(pick(random, MACS)),
        0,
        0,
        ...u16(type < 1501 ? pick(random, [1, 4, 4]) : type),
      ];
    case 'sll2':
      return [
        ...u16(type < 1501 ? 4 : type),
        0,
        0,
        ...u32(random(4)),
        0,
        1,
        random(5),
        6,
        ...hex(pick(random, MACS)),
        0,
        0,
      ];
    case 'null':
    case 'loop': {
      const family = type === 0x0800 ? 2 : type === 0x86dd ? 10 : 7;
      return frame === 'null' ? [family, 0, 0, 0] : [0, 0, 0, family];
    }
    case 'ppp': {
      const known = new Map([
        [0x0800, 0x21],
        [0x86dd, 0x57],
        [0x8847, 0x281],
        [0x809b, 0x29],
      ]);
      return [0xff, 0x03, ...u16(known.get(type) ?? type)];
    }
    case 'wlan':
    case 'radiotap': {
      const qos = random(3) === 0 ? 0x80 : 0;
      const control = random(4) === 0 ? random(256) & 0xfc : 0x08 | qos;
      const head = [
        control,
        random(4),
        0,
        0,
        ...hex(pick(random, MACS)),
        ...hex(pick(random, MACS)),
        ...hex(pick(random, MACS)),
        0,
        0,
      ];
      if (qos !== 0) head.push(0, 0);
      const prefix = frame === 'radiotap' ? [0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0] : [];
      return [...prefix, ...head, 0xaa, 0xaa, 3, 0, 0, 0, ...u16(type)];
    }
  }
}
