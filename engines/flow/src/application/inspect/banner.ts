/** What a server says of itself before anything else. */
import { latin1Text, printable } from '../language/reader.ts';

const MAX_BANNER = 200;
/** Servers of these greet with a line of text. */
const GREET: ReadonlySet<string> = new Set(['smtp', 'ftp', 'imap', 'pop3', 'irc', 'nntp', 'vnc', 'rsync']);
const MYSQL_VERSION_AT = 5;

export function bannerOf(application: string, told: Uint8Array): string | null {
  if (application === 'mysql' && told.length > MYSQL_VERSION_AT + 1 && told[4] !== 0xff) {
    const end = told.subarray(0, MAX_BANNER).indexOf(0, MYSQL_VERSION_AT);
    return end < 0 ? null : printable(latin1Text(told, MYSQL_VERSION_AT, end));
  }
  if (!GREET.has(application)) return null;
  const end = told.subarray(0, MAX_BANNER).indexOf(0x0a);
  const line = printable(latin1Text(told, 0, end < 0 ? Math.min(told.length, MAX_BANNER) : end).trimEnd());
  return line === '' ? null : line;
}
