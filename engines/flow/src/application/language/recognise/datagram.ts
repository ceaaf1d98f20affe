/** Protocols over UDP, told by one datagram; those with little to know them by only on their ports. */
import { looksLikeDns, readDns } from '../dns/message.ts';
import { isGoogleQuic, isQuic } from '../quic/packet.ts';
import { be16, be32, le16, spells } from '../reader.ts';
import { isDtlsRecord } from '../tls/dtls.ts';
import { isFirstOpenVpn } from './industry.ts';
import { isKerberosMessage, isLdap } from './remote.ts';
import { type Datagram, hasPort } from './speech.ts';
import { recogniseCall } from './text.ts';

const STUN_COOKIE = 0x2112a442;
const DHCP_COOKIE = 0x63825363;
const IKE_HEADER_BYTES = 28;
const RADIUS_CODES: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 11, 12, 13, 40, 41, 42, 43, 44, 45]);
const WIREGUARD_BYTES: ReadonlyMap<number, number> = new Map([
  [1, 148],
  [2, 92],
  [3, 64],
]);

export function recogniseDatagram(datagram: Datagram): string | null {
  const { bytes } = datagram;
  if (bytes.length < 2) return null;
  return named(datagram) ?? byMagic(datagram) ?? byPort(datagram) ?? (looksLikeDns(bytes) ? 'dns' : null);
}

/** Names of hosts: ports that these protocols share with no other. */
function named(datagram: Datagram): string | null {
  const { bytes } = datagram;
  if (bytes.length < 12) return null;
  if (hasPort(datagram, 53)) return (be16(bytes, 2) & 0x0040) === 0 && be16(bytes, 4) <= 16 ? 'dns' : null;
  if (hasPort(datagram, 5353)) return isNaming(bytes) ? 'mdns' : null;
  if (hasPort(datagram, 5355)) return isNaming(bytes) ? 'llmnr' : null;
  if (hasPort(datagram, 137) && be16(bytes, 4) <= 4) return 'netbios';
  if (hasPort(datagram, 138) && bytes[0]! >= 0x10 && bytes[0]! <= 0x16) return 'netbios';
  return null;
}

/** A plain question or answer that can be read. */
function isNaming(bytes: Uint8Array): boolean {
  return (be16(bytes, 2) & 0x7870) === 0 && readDns(bytes) !== null;
}

function byMagic(datagram: Datagram): string | null {
  const { bytes, wireBytes } = datagram;
  if (isStun(bytes)) return 'stun';
  if (isDtlsRecord(bytes)) return 'dtls';
  if (isQuic(bytes) || isGoogleQuic(bytes)) return 'quic';
  if (bytes.length >= 240 && be32(bytes, 236) === DHCP_COOKIE && (bytes[0] === 1 || bytes[0] === 2)) return 'dhcp';
  const text = recogniseCall(bytes);
  if (text !== null) return text;
  if (spells(bytes, 0, 'M-SEARCH * HTTP/') || spells(bytes, 0, 'NOTIFY * HTTP/')) return 'ssdp';
  if (spells(bytes, 0, 'HTTP/1.1 200 OK') && hasPort(datagram, 1900)) return 'ssdp';
  if (isBitTorrent(bytes)) return 'bittorrent';
  if (WIREGUARD_BYTES.get(bytes[0] as number) === wireBytes && bytes[1] === 0 && le16(bytes, 2) === 0)
    return 'wireguard';
  if (bytes[0] === 4 && bytes[1] === 0 && le16(bytes, 2) === 0 && hasPort(datagram, 51820)) return 'wireguard';
  if (isIke(bytes, 0, wireBytes) || (be32(bytes, 0) === 0 && isIke(bytes, 4, wireBytes))) return 'ike';
  if (isOpenVpn(bytes)) return 'openvpn';
  if (isSnmp(bytes)) return 'snmp';
  if (isRpcCall(bytes)) return 'sunrpc';
  if (isKerberosMessage(bytes)) return 'kerberos';
  return null;
}

function byPort(datagram: Datagram): string | null {
  const { bytes, wireBytes } = datagram;
  if (hasPort(datagram, 123) && isNtp(bytes, wireBytes)) return 'ntp';
  if ([1645, 1646, 1812, 1813, 3799].some((port) => hasPort(datagram, port)) && isRadius(bytes, wireBytes))
    return 'radius';
  if (datagram.destinationPort === 69 && be16(bytes, 0) >= 1 && be16(bytes, 0) <= 5) return 'tftp';
  if ((hasPort(datagram, 546) || hasPort(datagram, 547)) && bytes[0]! >= 1 && bytes[0]! <= 13) return 'dhcpv6';
  if (bytes[0] === 0x3c && isSyslog(bytes)) return 'syslog';
  if (hasPort(datagram, 389) && isLdap(bytes)) return 'ldap';
  if (hasPort(datagram, 4500) && wireBytes === 1 && bytes[0] === 0xff) return 'ike';
  if (hasPort(datagram, 11211) && bytes.length > 8 && be16(bytes, 6) === 0) return 'memcached';
  if (hasPort(datagram, 20000) && bytes[0] === 5 && bytes[1] === 0x64) return 'dnp3';
  if (hasPort(datagram, 111) && bytes.length >= 24 && be32(bytes, 4) <= 1) return 'sunrpc';
  if ((hasPort(datagram, 5683) || hasPort(datagram, 5684)) && (bytes[0]! & 0xc0) === 0x40) return 'coap';
  if (hasPort(datagram, 47808) && bytes[0] === 0x81) return 'bacnet';
  return null;
}

/** A call of version 2 of a registered program. */
function isRpcCall(bytes: Uint8Array): boolean {
  const program = be32(bytes, 12);
  return bytes.length >= 40 && be32(bytes, 4) === 0 && be32(bytes, 8) === 2 && program >= 100_000 && program < 500_000;
}

/** The magic cookie, a length that fits; without the cookie (RFC 3489) only on its port. */
function isStun(bytes: Uint8Array): boolean {
  if (bytes.length < 20 || (bytes[0] as number) >= 0x40) return false;
  return be32(bytes, 4) === STUN_COOKIE && (be16(bytes, 2) & 3) === 0 && be16(bytes, 2) + 20 <= 2048;
}

function isNtp(bytes: Uint8Array, wireBytes: number): boolean {
  const version = ((bytes[0] as number) >> 3) & 7;
  const mode = (bytes[0] as number) & 7;
  if (version < 1 || version > 4 || mode === 0) return false;
  return mode <= 5 ? wireBytes >= 48 : wireBytes >= 8;
}

function isRadius(bytes: Uint8Array, wireBytes: number): boolean {
  const length = be16(bytes, 2);
  return RADIUS_CODES.has(bytes[0] as number) && length >= 20 && length <= wireBytes && length <= 4096;
}

/** `<13>` and what follows. */
function isSyslog(bytes: Uint8Array): boolean {
  const close = bytes.subarray(0, 5).indexOf(0x3e);
  if (close < 2) return false;
  for (let at = 1; at < close; at++) if (bytes[at]! < 0x30 || bytes[at]! > 0x39) return false;
  return true;
}

/** SEQUENCE of a version (0, 1, 3) and a community, or of version 3 its header. */
function isSnmp(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x30) return false;
  const first = bytes[1] as number;
  const at = first < 0x80 ? 2 : 2 + (first & 0x7f);
  if (at > 6 || bytes[at] !== 2 || bytes[at + 1] !== 1) return false;
  const version = bytes[at + 2];
  if (version === 0 || version === 1) {
    const community = bytes[at + 4] as number;
    const operation = bytes[at + 5 + community] ?? 0;
    return bytes[at + 3] === 4 && operation >= 0xa0 && operation <= 0xa8;
  }
  return version === 3 && bytes[at + 3] === 0x30;
}

/** Dictionaries of the distributed table; connections of uTP. */
function isBitTorrent(bytes: Uint8Array): boolean {
  if (
    bytes[0] === 0x64 &&
    (spells(bytes, 0, 'd1:ad2:id20:') || spells(bytes, 0, 'd1:rd2:id20:') || spells(bytes, 0, 'd1:el'))
  )
    return true;
  return (
    spells(bytes, 0, 'd2:ip6:') ||
    (bytes.length >= 16 && be32(bytes, 0) === 0x417 && be32(bytes, 4) === 0x27101980 && be32(bytes, 8) === 0)
  );
}

/** Versions 1 and 2, an exchange that there is, and the length of the datagram. */
function isIke(bytes: Uint8Array, at: number, wireBytes: number): boolean {
  if (bytes.length < at + IKE_HEADER_BYTES || be32(bytes, at) === 0) return false;
  const version = bytes[at + 17];
  const exchange = bytes[at + 18] as number;
  const isKnown =
    version === 0x10
      ? [1, 2, 4, 5, 6, 32, 33].includes(exchange)
      : version === 0x20 && exchange >= 34 && exchange <= 43;
  return isKnown && be32(bytes, at + 24) + at <= wireBytes && be32(bytes, at + 24) + at + 4 > wireBytes - 4;
}

function isOpenVpn(bytes: Uint8Array): boolean {
  const first = bytes[0] as number;
  const operation = first >> 3;
  return (
    bytes.length >= 14 &&
    (first & 7) === 0 &&
    (operation === 7 || operation === 10 || operation === 1) &&
    isFirstOpenVpn(bytes)
  );
}

/** Is it RTP by its fixed header? One packet alone proves nothing: the next must be of the same source. */
export function maybeRtp(bytes: Uint8Array): 'rtp' | 'rtcp' | null {
  if (bytes.length < 8 || (bytes[0] as number) >> 6 !== 2) return null;
  const type = bytes[1] as number;
  if (type >= 192 && type <= 207) return (be16(bytes, 2) + 1) * 4 <= bytes.length ? 'rtcp' : null;
  const payload = type & 0x7f;
  if (bytes.length < 12 || (payload > 34 && payload < 96)) return null;
  return 'rtp';
}

/** Source and sequence of a packet that may be RTP. */
export function rtpSource(bytes: Uint8Array): { readonly source: number; readonly sequence: number } {
  return { source: be32(bytes, 8), sequence: be16(bytes, 2) };
}
