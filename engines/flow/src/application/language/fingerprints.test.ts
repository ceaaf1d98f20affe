import { isIPv6 } from 'node:net';
import { describe, expect, it } from 'vitest';
import { communityId } from './community-id.ts';
import { ENTROPY_BYTES, entropy } from './entropy.ts';
import { clientKeys } from './quic/initial.ts';
import { readSsh } from './ssh/kex-init.ts';
import type { ClientHello } from './tls/hello.ts';
import { ja3Text, md5 } from './tls/ja3.ts';
import { ja4Parts, ja4Text } from './tls/ja4.ts';

const HELLO: ClientHello = {
  legacyVersion: 0x0303,
  ciphers: [
    0x2a2a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d,
    0x002f, 0x0035,
  ],
  extensions: [
    0x3a3a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012, 0x002b, 0xff01,
    0x000b, 0x000a, 0x0015,
  ],
  serverName: 'example.org',
  hasServerName: true,
  protocols: ['h2', 'http/1.1'],
  versions: [0x4a4a, 0x0304, 0x0303],
  groups: [0x5a5a, 29, 23, 24],
  pointFormats: [0],
  signatureAlgorithms: [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601],
  sessionId: new Uint8Array(),
  isDtls: false,
};

describe('JA4', () => {
  it('is what its description says of its own example', () => {
    expect(ja4Text(ja4Parts(HELLO, 't'))).toBe('t13d1516h2_8daaf6152771_e5627efa2ab1');
  });

  it('stands still when the client shuffles', () => {
    const shuffled = { ...HELLO, extensions: HELLO.extensions.toReversed(), ciphers: HELLO.ciphers.toReversed() };
    expect(ja4Text(ja4Parts(shuffled, 't'))).toBe('t13d1516h2_8daaf6152771_e5627efa2ab1');
  });

  it.each([
    [['http/1.1'], 'q', 'q13d1516h1'],
    [[], 'd', 'd13d151600'],
    [['\xab\xcd'], 't', 't13d1516ad'],
    [['h'], 't', 't13d1516hh'],
  ] as const)('tells protocols %j over %s as %s', (protocols, carrier, head) => {
    expect(ja4Parts({ ...HELLO, protocols }, carrier).head).toBe(head);
  });

  it('has zeros in place of hashes of nothing', () => {
    const bare = {
      ...HELLO,
      ciphers: [],
      extensions: [],
      signatureAlgorithms: [],
      hasServerName: false,
      protocols: [],
    };
    expect(ja4Text(ja4Parts(bare, 't'))).toBe('t13i000000_000000000000_000000000000');
  });
});

describe('JA3', () => {
  it('has all lists in their order, without GREASE', () => {
    expect(ja3Text({ ...HELLO, ciphers: [0x2a2a, 47, 53], extensions: [0, 10, 11] })).toBe(
      '771,47-53,0-10-11,29-23-24,0',
    );
  });

  it('is an MD5 of it', () => {
    // The example of its description.
    expect(md5('769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0')).toBe(
      'ada70206e40642a3e4461f35503241d5',
    );
  });
});

describe('HASSH', () => {
  it('is an MD5 of what is offered in one direction', () => {
    const lists = ['kex', 'host', 'out', 'in', 'mac-out', 'mac-in', 'none', 'zlib', '', ''];
    const body = Buffer.concat([
      Buffer.from([20]),
      Buffer.alloc(16),
      ...lists.map((text) => Buffer.concat([Buffer.from([0, 0, 0, text.length]), Buffer.from(text)])),
      Buffer.alloc(5),
    ]);
    const head = Buffer.from([0, 0, 0, body.length + 1, 0]);
    const bytes = Buffer.concat([Buffer.from('SSH-2.0-Test_1\r\n'), head, body]);
    expect(readSsh(bytes)).toEqual({
      banner: 'SSH-2.0-Test_1',
      hassh: md5('kex;out;mac-out;none'),
      hasshServer: md5('kex;in;mac-in;zlib'),
    });
    expect(readSsh(bytes.subarray(0, 40))).toEqual({ banner: 'SSH-2.0-Test_1', hassh: null, hasshServer: null });
  });
});

describe('keys of QUIC', () => {
  const id = Buffer.from('8394c8f03e515708', 'hex');

  it.each([
    // RFC 9001, A.1; RFC 9369, A.1.
    [1, '1f369613dd76d5467730efcbe3b1a22d', 'fa044b2f42a3fd3b46fb255c', '9f50449e04a0e810283a1e9933adedd2'],
    [0x6b3343cf, '8b1a0bc121284290a29e0971b5cd045d', '91f73e2351d8fa91660e909f', '45b95e15235d6f45a6b19cbcb0294ba9'],
  ])('of version %i are those of its specification', (version, key, iv, header) => {
    const keys = clientKeys(version, id);
    expect(keys && [keys.key, keys.iv, keys.header].map((each) => each.toString('hex'))).toEqual([key, iv, header]);
  });
});

describe('community id', () => {
  it.each([
    [6, '128.232.110.120', '66.35.250.204', 34855, 80, '1:LQU9qZlK+B5F3KDmev6m5PMibrg='],
    [17, '192.168.1.52', '8.8.8.8', 54585, 53, '1:d/FP5EW3wiY1vCndhwleRRKHowQ='],
    [
      6,
      '2001:470:e5bf:dead:4957:2174:e82c:4887',
      '2607:f8b0:400c:c03::1a',
      63943,
      25,
      '1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=',
    ],
    [132, '192.168.170.8', '192.168.170.56', 7, 7, '1:MP2EtRCAUIZvTw6MxJHLV7N7JDs='],
    [1, '192.168.0.89', '192.168.0.1', 8, 0, '1:X0snYXpgwiv9TZtqg64sgzUn6Dk='],
    [1, '10.0.0.1', '10.0.0.2', 11, 0, '1:YHxtAirCG//0OzkcVAukqKQN9xM='],
    [58, 'fe80::200:86ff:fe05:80da', 'fe80::260:97ff:fe07:69ea', 135, 0, '1:dGHyGvjMfljg6Bppwm3bg0LO8TY='],
    [58, '3ffe:501:410:0:2c0:dfff:fe47:33e', '3ffe:507:0:1:200:86ff:fe05:80da', 1, 4, '1:hLZd0XGWojozrvxqE0dWB1iM6R0='],
    [46, '10.1.12.1', '10.1.12.2', undefined, undefined, '1:KHlLkgoJW7ifUTyTSgyVfkFHzKw='],
  ])('of protocol %i between %s and %s', (protocol, source, destination, sourcePort, destinationPort, id) => {
    const ports = sourcePort === undefined || destinationPort === undefined ? {} : { sourcePort, destinationPort };
    expect(communityId({ protocol, source: address(source), destination: address(destination), ...ports })).toBe(id);
  });

  it('is the same from both ends', () => {
    const one = { source: address('10.0.0.1'), destination: address('10.0.0.2'), sourcePort: 1, destinationPort: 2 };
    const other = { source: one.destination, destination: one.source, sourcePort: 2, destinationPort: 1 };
    expect(communityId({ protocol: 6, ...one })).toBe(communityId({ protocol: 6, ...other }));
  });
});

describe('entropy', () => {
  it.each([
    ['nothing', new Uint8Array(), null],
    ['one byte repeated', new Uint8Array(500).fill(7), 0],
    ['two in turn', Uint8Array.from({ length: 512 }, (_, index) => index & 1), 1],
    ['all bytes alike', Uint8Array.from({ length: 256 * 20 }, (_, index) => index & 255), 8],
  ])('of %s', (_what, bytes, bits) => {
    const found = entropy(bytes);
    if (bits === null) expect(found).toBeNull();
    else expect(found).toBeCloseTo(bits, 9);
    expect(ENTROPY_BYTES).toBeLessThan(5000);
  });
});

function address(text: string): Uint8Array {
  if (!isIPv6(text)) return Uint8Array.from(text.split('.').map(Number));
  const [head = '', tail] = text.split('::');
  const words = (part: string | undefined): number[] =>
    part ? part.split(':').map((each) => Number.parseInt(each, 16)) : [];
  const [front, back] = [words(head), words(tail)];
  const all =
    tail === undefined ? front : [...front, ...new Array<number>(8 - front.length - back.length).fill(0), ...back];
  return Uint8Array.from(all.flatMap((word) => [word >> 8, word & 255]));
}
