import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { looksLikeDns, readDns } from './dns/message.ts';
import { basicUser, readHttp } from './http/message.ts';
import { Pieces } from './pieces.ts';
import { clientKeys, openInitial } from './quic/initial.ts';
import { initialPackets, isGoogleQuic, isQuic } from './quic/packet.ts';
import { recogniseDatagram } from './recognise/datagram.ts';
import { recogniseStream } from './recognise/stream.ts';
import { readSsh } from './ssh/kex-init.ts';
import { certificatesOf, nameMatches, readCertificate } from './tls/certificate.ts';
import { readDtls } from './tls/dtls.ts';
import { readHandshake } from './tls/handshake.ts';
import { readClientHello, readServerHello } from './tls/hello.ts';

describe('a message of DNS', () => {
  const header = [0x12, 0x34, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0];
  const question = [3, 0x77, 0x77, 0x77, 2, 0x64, 0x65, 0, 0, 1, 0, 1];
  const alias = [0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 4, 1, 0x78, 0xc0, 16];
  const host = [0xc0, 36, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4, 10, 0, 0, 1];

  it('is read with its compressed names', () => {
    expect(readDns(Uint8Array.from([...header, ...question, ...alias, ...host]))).toMatchObject({
      id: 0x1234,
      isAnswer: true,
      wantsRecursion: true,
      offersRecursion: true,
      code: 0,
      questions: [{ name: 'www.de', type: 1, class: 1 }],
      answers: [
        { name: 'www.de', type: 5, ttlS: 60, data: 'x.de' },
        { name: 'x.de', type: 1, ttlS: 256, data: '10.0.0.1' },
      ],
    });
  });

  it('whose names go round in a circle is none', () => {
    const loop = [...header.slice(0, 7), 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1];
    expect(readDns(Uint8Array.from(loop))).toBeNull();
    const forward = [...header.slice(0, 7), 0, 0, 0, 0, 0, 0xc0, 14, 0, 1, 0, 1];
    expect(readDns(Uint8Array.from(forward))).toBeNull();
  });

  it('shows what is not printable in a name by its number', () => {
    const odd = [...header.slice(0, 7), 0, 0, 0, 0, 0, 4, 0x61, 0x2e, 0x00, 0xff, 0, 0, 1, 0, 1];
    expect(readDns(Uint8Array.from(odd))?.questions[0]?.name).toBe('a\\.\\000\\255');
  });
});

describe('a head of HTTP', () => {
  it('of a request is read to its end', () => {
    const text = 'POST /a%20b?c HTTP/1.1\r\nHost: example.org\r\nContent-Length: 12\r\nVia: 1.1 x\r\n\r\nbody';
    expect(readHttp(Buffer.from(text))).toMatchObject({
      kind: 'request',
      method: 'POST',
      uri: '/a%20b?c',
      version: '1.1',
      proxied: ['VIA'],
      bytes: text.length - 4,
    });
  });

  it('of an answer that is cut says so', () => {
    expect(readHttp(Buffer.from('HTTP/1.0 404 Not Found\r\nServer: x'))).toMatchObject({
      kind: 'response',
      status: 404,
      reason: 'Not Found',
      bytes: null,
    });
    expect(readHttp(Buffer.from('HTTP/1.0 404 Not'))).toBeNull();
    expect(readHttp(Buffer.from('NOTHING of the kind\r\n'))).toBeNull();
  });

  it('gives the name that authenticates, and never the password', () => {
    const secret = Buffer.from('alice:secret').toString('base64');
    const head = readHttp(Buffer.from(`GET / HTTP/1.1\r\nAuthorization: Basic ${secret}\r\n\r\n`));
    expect(head && basicUser(head)).toBe('alice');
  });
});

describe('pieces', () => {
  it('come in any order and overlap', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        fc.array(fc.tuple(fc.nat(299), fc.integer({ min: 1, max: 60 })), { maxLength: 60 }),
        (whole, cuts) => {
          const pieces = new Pieces(300);
          const there = new Array<boolean>(whole.length).fill(false);
          for (const [from, count] of cuts) {
            const piece = whole.subarray(from, from + count);
            pieces.add(from, piece);
            there.fill(true, from, from + piece.length);
          }
          const hole = there.indexOf(false);
          expect(pieces.start).toEqual(whole.subarray(0, hole < 0 ? whole.length : hole));
        },
      ),
    );
  });

  it('beyond the limit are left out', () => {
    const pieces = new Pieces(10);
    pieces.add(8, new Uint8Array(3));
    pieces.add(0, Uint8Array.of(1, 2));
    expect(pieces.start).toEqual(Uint8Array.of(1, 2));
  });
});

describe('a name', () => {
  const facts = { ...readCertificate(new Uint8Array()), dnsNames: ['*.example.org', 'Example.org'] };

  it.each([
    ['example.org', true],
    ['www.EXAMPLE.org', true],
    ['a.b.example.org', false],
    ['.example.org', true],
    ['example.com', false],
  ])('%s is in the certificate: %s', (host, isThere) => {
    expect(nameMatches(facts, host)).toBe(isThere);
  });
});

describe('hostile bytes', () => {
  /** Bytes that begin as something does. */
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    fc
      .tuple(
        fc.constantFrom(
          [22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3],
          [0xc3, 0, 0, 0, 1, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0x40, 0x40],
          [22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 90, 1, 0, 0, 70, 0, 0, 0, 0, 0, 0, 0, 70, 0xfe, 0xfd],
          [...Buffer.from('SSH-2.0-x\r\n\x00\x00\x01\x00\x04\x14')],
          [...Buffer.from('GET / HTTP/1.1\r\n')],
          [0x12, 0x34, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 3],
        ),
        fc.uint8Array({ maxLength: 400 }),
      )
      .map(([head, tail]) => Uint8Array.from([...head, ...tail])),
  );

  it('are read without harm', () => {
    fc.assert(
      fc.property(bytes, bytes, fc.nat(65535), fc.nat(65535), (one, other, sourcePort, destinationPort) => {
        const body = one.subarray(5);
        readClientHello(body);
        readServerHello(body);
        for (const message of readHandshake(one).messages) certificatesOf(message.body).map(readCertificate);
        readDtls(one);
        readDns(one);
        looksLikeDns(one);
        readHttp(one);
        readSsh(one);
        isQuic(one);
        isGoogleQuic(one);
        for (const packet of initialPackets(one)) {
          const keys = clientKeys(packet.version, packet.destinationId);
          if (keys !== null) openInitial(one, packet, keys);
        }
        recogniseStream({ source: one, destination: other, sourcePort, destinationPort });
        recogniseDatagram({ bytes: one, wireBytes: one.length, sourcePort, destinationPort, isAnswer: false });
      }),
      { numRuns: 2000 },
    );
  });
});
