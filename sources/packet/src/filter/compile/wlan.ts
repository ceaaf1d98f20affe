/** Addresses of 802.11 frames: which of up to four they are depends on the frame's type and way. */
import { meaningError } from '../language/error.ts';
import type { Direction } from '../language/syntax.ts';
import type { Condition } from './condition.ts';
import { all, any, not } from './condition.ts';
import type { Mac, Packet } from './packet.ts';

const ADDRESS_1 = 4;
const ADDRESS_2 = 10;
const ADDRESS_3 = 16;
const ADDRESS_4 = 24;
const DATA_BIT = 0x08;
const CONTROL_BIT = 0x04;
const TO_NETWORK = 0x01;
const FROM_NETWORK = 0x02;

export function wlanAddress(packet: Packet, mac: Mac, direction: Direction | null, position: number): Condition {
  const at = (offset: number) => packet.macEquals(packet.layers.header, offset, mac);
  switch (direction) {
    case 'src':
      return wlanSource(packet, at);
    case 'dst':
      return wlanDestination(packet, at);
    case 'and':
      return all(wlanSource(packet, at), wlanDestination(packet, at));
    case 'or':
    case null:
      return any(wlanSource(packet, at), wlanDestination(packet, at));
    case 'addr1':
      return at(ADDRESS_1);
    case 'addr2':
      return all(hasSecond(packet), at(ADDRESS_2));
    case 'addr3':
      return all(not(isControl(packet)), at(ADDRESS_3));
    case 'addr4':
      return all(packet.masked(flags(packet), 0x03, 0x03), at(ADDRESS_4));
    case 'ra':
      return all(packet.anyBit(control(packet), DATA_BIT), at(ADDRESS_1));
    case 'ta':
      return all(packet.anyBit(control(packet), DATA_BIT), hasSecond(packet), at(ADDRESS_2));
    default:
      throw meaningError('This direction is unknown.', position);
  }
}

/** A group address in the destination. */
export function wlanMulticast(packet: Packet): Condition {
  return wlanDestination(packet, (offset) => packet.anyBit(packet.load(1, packet.layers.header, offset), 1));
}

function wlanSource(packet: Packet, at: (offset: number) => Condition): Condition {
  const toNetwork = packet.anyBit(flags(packet), TO_NETWORK);
  const fromNetwork = packet.anyBit(flags(packet), FROM_NETWORK);
  const bridged = any(all(not(toNetwork), at(ADDRESS_3)), all(toNetwork, at(ADDRESS_4)));
  const data = any(all(not(fromNetwork), at(ADDRESS_2)), all(fromNetwork, bridged));
  return byType(packet, at(ADDRESS_2), data);
}

function wlanDestination(packet: Packet, at: (offset: number) => Condition): Condition {
  const toNetwork = packet.anyBit(flags(packet), TO_NETWORK);
  return byType(packet, at(ADDRESS_1), any(all(not(toNetwork), at(ADDRESS_1)), all(toNetwork, at(ADDRESS_3))));
}

/** Management and data frames differ; control frames have neither end. */
function byType(packet: Packet, management: Condition, data: Condition): Condition {
  const isData = packet.anyBit(control(packet), DATA_BIT);
  const isControlFrame = packet.anyBit(control(packet), CONTROL_BIT);
  return all(not(isControlFrame), any(all(not(isData), management), all(isData, data)));
}

/** All but CTS and ACK have a second address. */
function hasSecond(packet: Packet): Condition {
  const subtype = (k: number) => packet.masked(control(packet), 0xf0, k);
  return any(not(isControl(packet)), all(not(subtype(0xc0)), not(subtype(0xd0))));
}

function isControl(packet: Packet): Condition {
  return packet.masked(control(packet), 0x0c, CONTROL_BIT);
}

function control(packet: Packet) {
  return packet.load(1, packet.layers.header, 0);
}

function flags(packet: Packet) {
  return packet.load(1, packet.layers.header, 1);
}
