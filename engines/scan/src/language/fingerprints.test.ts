import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identify, printable } from './fingerprints.ts';

describe('identify', () => {
  it.each([
    [
      'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n',
      { service: 'ssh', product: 'OpenSSH', version: '9.2p1', extra: 'Debian-2+deb12u3' },
    ],
    [
      'HTTP/1.1 200 OK\r\nDate: x\r\nServer: nginx/1.22.1\r\n\r\n<html>',
      { service: 'http', product: 'nginx', version: '1.22.1' },
    ],
    [
      'HTTP/1.1 404 Not Found\r\nServer: Apache/2.4.57 (Debian)\r\n',
      { service: 'http', product: 'Apache', version: '2.4.57', extra: 'Debian' },
    ],
    ['HTTP/1.0 400 Bad Request\r\n\r\n', { service: 'http' }],
    ['220 mail.example.net ESMTP Postfix (Debian/GNU)\r\n', { service: 'smtp', product: 'Postfix' }],
    ['220 (vsFTPd 3.0.3)\r\n', { service: 'ftp', product: 'vsFTPd', version: '3.0.3' }],
    ['* OK [CAPABILITY IMAP4rev1] Dovecot ready.\r\n', { service: 'imap', product: 'Dovecot' }],
    ['Y\0\0\0\n5.5.5-10.11.6-MariaDB-0+deb12u1\0', { service: 'mysql', product: 'MariaDB', version: '10.11.6' }],
    ["-ERR wrong number of arguments for 'get' command\r\n", { service: 'redis', product: 'Redis' }],
    ['E\0\0\0\x8cSFATAL\0VFATAL\0C0A000\0', { service: 'postgresql', product: 'PostgreSQL' }],
    ['@RSYNCD: 31.0\n', { service: 'rsync', version: '31.0' }],
    ['RFB 003.008\n', { service: 'vnc', version: '003.008' }],
    ['hello', undefined],
  ])('%j', (reply, facts) => expect(identify(reply)).toEqual(facts));

  it('takes any bytes in no time', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => void identify(Buffer.from(bytes).toString('latin1'))),
    );
    const startMs = performance.now();
    identify(`HTTP/1.1 200 ${'\r\nserver'.repeat(2000)}`);
    identify(`220 ${'ESMT '.repeat(2000)}`);
    expect(performance.now() - startMs).toBeLessThan(100);
  });

  it('shows no control characters', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(printable(Buffer.from(bytes).toString('latin1'))).toMatch(/^[\x20-\x7e]*$/);
      }),
    );
  });
});
