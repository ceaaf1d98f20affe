/** Which service, product and version a reply shows. Own patterns, for the replies of services we ran ourselves. */

export interface ServiceFacts {
  readonly service: string;
  readonly product?: string;
  readonly version?: string;
  readonly extra?: string;
}

interface Pattern {
  readonly service: string;
  /** Groups `product`, `version`, `extra` become the facts of the same names. */
  readonly match: RegExp;
  readonly product?: string;
}

/** A reply is looked at this far: a pattern never runs over more. */
export const MAX_REPLY_BYTES = 4_096;

const PATTERNS: readonly Pattern[] = [
  { service: 'ssh', match: /^SSH-[\d.]+-(?<product>OpenSSH)_(?<version>[\w.]+)(?: (?<extra>[^\r\n]{1,80}))?/ },
  { service: 'ssh', match: /^SSH-[\d.]+-dropbear_(?<version>[\w.]+)/, product: 'Dropbear sshd' },
  { service: 'ssh', match: /^SSH-[\d.]+-(?<product>[^\s\r\n]{1,60})/ },
  {
    service: 'http',
    match:
      /^HTTP\/1\.[01] \d{3}[\s\S]*?\r\n[Ss]erver: ?(?<product>[^\s/\r\n(]{1,60})(?:\/(?<version>[^\s\r\n(]{1,40}))?(?: \((?<extra>[^)\r\n]{1,60})\))?/,
  },
  { service: 'http', match: /^HTTP\/1\.[01] \d{3}/ },
  {
    service: 'smtp',
    match:
      /^220 [^\r\n]*?(?<product>Postfix|Exim|Sendmail|OpenSMTPD|Microsoft ESMTP MAIL Service)[ ,]?(?<version>\d[\d.]*)?/i,
  },
  {
    service: 'ftp',
    match:
      /^220[ -][^\r\n]*?(?<product>vsFTPd|ProFTPD|Pure-FTPd|FileZilla Server|Microsoft FTP Service)[ )]*(?<version>\d[\d.]*)?/i,
  },
  { service: 'smtp', match: /^220[ -][^\r\n]*E?SMTP/ },
  { service: 'ftp', match: /^220[ -][^\r\n]*FTP/i },
  { service: 'imap', match: /^\* OK [^\r\n]*?(?<product>Dovecot|Cyrus IMAP|Courier-IMAP)(?: (?<version>v?\d[\w.]*))?/ },
  { service: 'imap', match: /^\* OK [^\r\n]*IMAP4/ },
  { service: 'pop3', match: /^\+OK [^\r\n]*?(?<product>Dovecot|Courier|Cyrus POP3)?/ },
  // The handshake packet of MySQL's protocol 10: length, sequence 0, protocol 10, version, NUL.
  { service: 'mysql', match: /^[\s\S]{3}\0\n(?:5\.5\.5-)?(?<version>[\d.]+)-(?<product>MariaDB)/ },
  { service: 'mysql', match: /^[\s\S]{3}\0\n(?<version>\d[\w.-]{1,40})\0/, product: 'MySQL' },
  { service: 'mysql', match: /^[\s\S]{3}\0\xff[\s\S]{2}Host /, product: 'MySQL' },
  { service: 'redis', match: /^-(?:ERR|NOAUTH|DENIED)[^\r\n]*\r\n/, product: 'Redis' },
  { service: 'postgresql', match: /^E[\s\S]{4}S(?:FATAL|ERROR)\0/, product: 'PostgreSQL' },
  { service: 'memcached', match: /^(?:ERROR\r\n)+$/, product: 'Memcached' },
  { service: 'rsync', match: /^@RSYNCD: (?<version>[\d.]+)/ },
  { service: 'vnc', match: /^RFB (?<version>\d{3}\.\d{3})\n/ },
  { service: 'amqp', match: /^AMQP\0/ },
  { service: 'telnet', match: /^\xff[\xfb-\xfe]/ },
];

/** @param reply bytes as latin1 text, at most {@link MAX_REPLY_BYTES} */
export function identify(reply: string): ServiceFacts | undefined {
  const text = reply.slice(0, MAX_REPLY_BYTES);
  for (const pattern of PATTERNS) {
    const groups = pattern.match.exec(text);
    if (groups === null) continue;
    const named = groups.groups ?? {};
    const product = named['product'] ?? pattern.product;
    return {
      service: pattern.service,
      ...(product === undefined ? {} : { product }),
      ...(named['version'] === undefined ? {} : { version: named['version'] }),
      ...(named['extra'] === undefined ? {} : { extra: named['extra'] }),
    };
  }
  return undefined;
}

/** A reply as one line that a terminal and a page can show. */
export function printable(reply: string): string {
  return reply
    .slice(0, 200)
    .replace(/[\r\n]+/g, ' ')
    .replace(/[^\x20-\x7e]/g, '.')
    .trim();
}
