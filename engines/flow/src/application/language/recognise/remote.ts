/** Remote control, files and directories over TCP. */
import { be16, be32, spells } from '../reader.ts';
import { hasPort, type Speech } from './speech.ts';

const TELNET_IAC = 0xff;
const NETBIOS_SESSION = 0;
const NETBIOS_REQUEST = 0x81;

export function recogniseRemote(speech: Speech): string | null {
  const { source, destination } = speech;
  if (spells(destination, 0, 'RFB 00') || spells(source, 0, 'RFB 00')) return 'vnc';
  if (isRdp(source)) return 'rdp';
  if (isSmb(source) || isSmb(destination)) return 'smb';
  if (source[0] === NETBIOS_REQUEST && source[1] === 0 && source.length >= 68 && source[4] === 0x20) return 'netbios';
  if (isKerberos(source)) return 'kerberos';
  if (isLdap(source)) return 'ldap';
  if (isTelnet(destination) || isTelnet(source)) return 'telnet';
  if (isRpcCall(source, speech)) return 'sunrpc';
  if (isDcerpc(source)) return 'dcerpc';
  if (isSocks(source, destination)) return 'socks';
  if (spells(source, 0, '\x00\x00\x00\x00') && hasPort(speech, 514)) return 'rsh';
  return null;
}

/** TPKT, COTP connection request, and either a cookie or a negotiation request. */
function isRdp(bytes: Uint8Array): boolean {
  if (bytes.length < 11 || bytes[0] !== 3 || bytes[1] !== 0 || be16(bytes, 2) > 512 || bytes[5] !== 0xe0) return false;
  if (spells(bytes, 11, 'Cookie: mst')) return true;
  const length = be16(bytes, 2);
  return (
    length >= 19 &&
    length === bytes.length &&
    bytes[length - 8] === 1 &&
    bytes[length - 6] === 8 &&
    bytes[length - 5] === 0
  );
}

function isSmb(bytes: Uint8Array): boolean {
  if (bytes.length < 8 || bytes[0] !== NETBIOS_SESSION || bytes[1] !== 0) return false;
  const kind = bytes[4];
  return (kind === 0xff || kind === 0xfe || kind === 0xfd || kind === 0xfc) && spells(bytes, 5, 'SMB');
}

/** A message behind its length: AS-REQ, AS-REP, TGS-REQ, TGS-REP, KRB-ERROR. */
function isKerberos(bytes: Uint8Array): boolean {
  const length = be32(bytes, 0);
  return bytes.length >= 16 && length >= 12 && length < 65_536 && isKerberosMessage(bytes.subarray(4));
}

export function isKerberosMessage(bytes: Uint8Array): boolean {
  const tag = bytes[0] ?? 0;
  if (![0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x7e].includes(tag)) return false;
  const header = 1 + lengthBytes(bytes, 1);
  if (bytes[header] !== 0x30) return false;
  const inner = header + 1 + lengthBytes(bytes, header + 1);
  // Its version, 5, is the first element (of requests in tag 1, of answers in tag 0).
  return (
    (bytes[inner] === 0xa1 || bytes[inner] === 0xa0) &&
    bytes[inner + 1] === 3 &&
    bytes[inner + 2] === 2 &&
    bytes[inner + 4] === 5
  );
}

/** SEQUENCE, message id, then an operation of LDAP. */
export function isLdap(bytes: Uint8Array): boolean {
  if (bytes.length < 7 || bytes[0] !== 0x30) return false;
  const at = 1 + lengthBytes(bytes, 1);
  const idBytes = bytes[at + 1] ?? 0;
  if (bytes[at] !== 2 || idBytes < 1 || idBytes > 4) return false;
  const operation = bytes[at + 2 + idBytes] ?? 0;
  // Application tags 0 to 25, of which 2, 10 and 16 are not constructed.
  return (operation >= 0x60 && operation <= 0x79) || operation === 0x42 || operation === 0x4a || operation === 0x50;
}

/** Bytes that a length of BER takes. */
function lengthBytes(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  return first < 0x80 ? 1 : 1 + Math.min(first & 0x7f, 4);
}

/** Options are negotiated. */
function isTelnet(bytes: Uint8Array): boolean {
  const command = bytes[1] ?? 0;
  return (
    bytes.length >= 3 && bytes[0] === TELNET_IAC && command >= 0xfa && command <= 0xfe && (bytes[2] as number) < 0x40
  );
}

function isRpcCall(bytes: Uint8Array, speech: Speech): boolean {
  if (bytes.length < 28 || ((bytes[0] as number) & 0x80) === 0) return false;
  return (
    be32(bytes, 8) === 0 &&
    be32(bytes, 12) === 2 &&
    be32(bytes, 16) >= 100_000 &&
    (be32(bytes, 16) < 500_000 || hasPort(speech, 111))
  );
}

/** A bind of version 5. */
function isDcerpc(bytes: Uint8Array): boolean {
  return (
    bytes.length >= 24 &&
    bytes[0] === 5 &&
    (bytes[1] as number) <= 1 &&
    (bytes[2] === 11 || bytes[2] === 0) &&
    (bytes[4] === 0x10 || bytes[4] === 0) &&
    ((bytes[8] as number) | ((bytes[9] as number) << 8)) >= 24
  );
}

/** A greeting and its answer; a request of version 4 that ends in a zero. */
function isSocks(asked: Uint8Array, told: Uint8Array): boolean {
  if (asked[0] === 5 && asked.length === 2 + (asked[1] ?? 255) && asked.length <= 12) {
    return (
      told.length >= 2 && told[0] === 5 && ((told[1] as number) <= 2 || told[1] === 0xff || (told[1] as number) >= 0x80)
    );
  }
  if (asked[0] !== 4 || asked.length < 9 || asked.length > 512 || (asked[1] !== 1 && asked[1] !== 2)) return false;
  return (
    asked[asked.length - 1] === 0 &&
    told.length >= 8 &&
    told[0] === 0 &&
    (told[1] as number) >= 90 &&
    (told[1] as number) <= 93
  );
}
