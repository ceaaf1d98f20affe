/** Protocols of lines of text: mail, files, chat, calls. */
import { latin1Text, spells } from '../reader.ts';
import { hasPort, type Speech } from './speech.ts';

const LINE = 256;
const IMAP_COMMAND = /^[A-Za-z0-9.]{1,16} (CAPABILITY|LOGIN|AUTHENTICATE|STARTTLS|NOOP|SELECT|ID|LOGOUT)\b/i;
const SIP_REQUEST =
  /^(INVITE|REGISTER|OPTIONS|ACK|BYE|CANCEL|SUBSCRIBE|NOTIFY|MESSAGE|INFO|PRACK|REFER|UPDATE|PUBLISH) sips?:\S+ SIP\/2\.0/;
const RTSP_REQUEST = /^(OPTIONS|DESCRIBE|SETUP|PLAY|PAUSE|TEARDOWN|ANNOUNCE|RECORD|GET_PARAMETER) \S+ RTSP\/1\.0/;
const IRC_COMMAND = /^(:\S+ )?(NICK|USER|CAP LS|PASS|NOTICE|JOIN|PING) /;
const POP3_COMMAND = /^(USER|APOP|CAPA|AUTH|STLS|QUIT)\b/i;
const FTP_COMMAND = /^(USER|AUTH (TLS|SSL)|SYST|FEAT|OPTS|PASS|HOST|CLNT)\b/i;
const SMTP_COMMAND = /^(EHLO|HELO|LHLO|XCLIENT|MAIL FROM:)/i;

/** Mail, files and chat over TCP; servers that speak first may need their client's word. */
export function recogniseText(speech: Speech): string | null {
  if (!isTextual(speech.source) && !isTextual(speech.destination)) return null;
  const asked = firstLine(speech.source);
  const told = firstLine(speech.destination);
  return mailOrFiles(asked, told, speech) ?? imapOrPop(asked, told) ?? others(asked, told);
}

/** SIP and RTSP, over whatever transport. */
export function recogniseCall(bytes: Uint8Array): string | null {
  if (spells(bytes, 0, 'SIP/2.0 ')) return 'sip';
  if (spells(bytes, 0, 'RTSP/1.0 ')) return 'rtsp';
  const first = bytes[0] ?? 0;
  if (first < 0x41 || first > 0x5a) return null;
  const line = firstLine(bytes);
  if (SIP_REQUEST.test(line)) return 'sip';
  return RTSP_REQUEST.test(line) ? 'rtsp' : null;
}

/** Does it begin with four printable characters? */
function isTextual(bytes: Uint8Array): boolean {
  if (bytes.length < 4) return false;
  for (let at = 0; at < 4; at++) if ((bytes[at] as number) < 0x20 || (bytes[at] as number) > 0x7e) return false;
  return true;
}

function mailOrFiles(asked: string, told: string, speech: Speech): string | null {
  if (SMTP_COMMAND.test(asked)) return 'smtp';
  if (/^220[ -]/.test(told)) {
    if (/\bE?SMTP\b/i.test(told)) return 'smtp';
    if (/\bFTPD?\b|FileZilla|vsFTPd|ProFTPD|Pure-FTPd/i.test(told)) return 'ftp';
    if (FTP_COMMAND.test(asked)) return 'ftp';
    // Silent clients: the port decides between the two that greet so.
    if (asked === '' && hasPort(speech, 25)) return 'smtp';
    if (asked === '' && hasPort(speech, 21)) return 'ftp';
  }
  if (/^(120|421|530)[ -]/.test(told) && hasPort(speech, 21)) return 'ftp';
  if (/^(421|554)[ -]/.test(told) && hasPort(speech, 25)) return 'smtp';
  if (told === '' && FTP_COMMAND.test(asked) && hasPort(speech, 21)) return 'ftp';
  return null;
}

function imapOrPop(asked: string, told: string): string | null {
  if (/^\* (OK|PREAUTH|BYE)\b/i.test(told)) return 'imap';
  if (IMAP_COMMAND.test(asked)) return 'imap';
  if (/^\+OK\b/.test(told) || (/^-ERR\b/.test(told) && POP3_COMMAND.test(asked))) return 'pop3';
  return null;
}

function others(asked: string, told: string): string | null {
  if (/^(:\S+ )?NOTICE (AUTH|\*) /.test(told)) return 'irc';
  if (IRC_COMMAND.test(asked) && !/^220/.test(told) && !/^(USER|PASS) \S+\r?$/.test(asked)) return 'irc';
  if (/^<\?xml.*jabber|^<stream:stream|^<\?xml[^>]*>\s*<stream/.test(asked)) return 'xmpp';
  if (/^@RSYNCD: /.test(told) || /^@RSYNCD: /.test(asked)) return 'rsync';
  if (/^20[01] .*(NNTP|news|InterNetNews)/i.test(told)) return 'nntp';
  if (/^git-(upload|receive)-pack \//.test(asked.slice(4))) return 'git';
  return null;
}

function firstLine(bytes: Uint8Array): string {
  if (bytes.length === 0) return '';
  const end = bytes.subarray(0, LINE).indexOf(0x0a);
  return latin1Text(bytes, 0, end < 0 ? Math.min(bytes.length, LINE) : end);
}
