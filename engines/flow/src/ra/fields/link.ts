/** Columns of the link layer and of the IP header: MACs, VLANs, MPLS, encapsulations, TOS, TTL, ids. */
import {
  DESTINATION_ENCAPSULATION,
  DESTINATION_IP_ID,
  DESTINATION_MAC,
  DESTINATION_MPLS,
  DESTINATION_TOS,
  DESTINATION_TTL,
  DESTINATION_VLAN,
  FLOW_ARP,
  FLOW_TYPE,
  HAS_ENCAPSULATION,
  HAS_FLOW,
  HAS_IP,
  HAS_MAC,
  HAS_MPLS,
  HAS_NETWORK,
  HAS_VLAN,
  IP_HAS,
  MPLS_HAS,
  NET_ARP,
  NET_KIND,
  NET_WORDS,
  SOURCE_ENCAPSULATION,
  SOURCE_IP_ID,
  SOURCE_MAC,
  SOURCE_MPLS,
  SOURCE_TOS,
  SOURCE_TTL,
  SOURCE_VLAN,
  VLAN_HAS,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { writeMac } from '../text/address.ts';
import type { Cell } from '../text/cell.ts';
import type { Field, FieldWriter, Style } from './field.ts';
import { eachEncapsulation } from './flags.ts';

const SOURCE_BIT = 1;
const DESTINATION_BIT = 2;
const MAX_VENDOR_CHARACTERS = 16;
const NUMERIC_CODES = 3;

function plain(name: string, header: string, width: number, write: FieldWriter): Field {
  return { name, header, width, write, kind: 'plain' };
}

function vendorOf(record: FlowRecord, word: number, style: Style): string | undefined {
  const at = (record.base + word) * 4;
  const { bytes } = record;
  const prefix = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
  return style.vendors.get(prefix);
}

function isBroadcast(record: FlowRecord, word: number): boolean {
  return record.get(word) === 0xffffffff && (record.get(word + 1) & 0xffff) === 0xffff;
}

function macField(name: string, header: string, word: number): Field {
  return plain(name, header, 18, (cell, record, style) => {
    if (!record.has(HAS_MAC)) return;
    const vendor = style.showVendors ? vendorOf(record, word, style) : undefined;
    if (style.numeric < NUMERIC_CODES && isBroadcast(record, word)) return cell.text('Broadcast');
    if (vendor === undefined) return writeMac(cell, record.bytes, (record.base + word) * 4);
    const from = cell.length;
    writeMac(cell, record.bytes, (record.base + word) * 4);
    const tail = cell.toString().slice(from + 9);
    cell.length = from;
    cell.text(`${vendor.slice(0, 8).padEnd(8, '_')}_${tail}`);
  });
}

function vendorField(name: string, header: string, word: number): Field {
  return plain(name, header, 9, (cell, record, style) => {
    if (record.has(HAS_MAC)) cell.text((vendorOf(record, word, style) ?? '').slice(0, MAX_VENDOR_CHARACTERS));
  });
}

function vlanField(name: string, header: string, word: number, bit: number): Field {
  return plain(name, header, 8, (cell, record) => {
    if (!record.has(HAS_VLAN) || ((record.get(VLAN_HAS) & bit) === 0 && record.get(word) === 0)) return;
    cell.text('0x');
    cell.hex(record.get(word), 4);
  });
}

function vlanIdField(name: string, header: string, word: number, bit: number): Field {
  return plain(name, header, 6, (cell, record) => {
    if (record.has(HAS_VLAN) && record.get(VLAN_HAS) & bit) cell.whole(record.get(word) & 0xfff);
  });
}

function mplsField(name: string, header: string, word: number, bit: number): Field {
  return plain(name, header, 8, (cell, record) => {
    if (record.has(HAS_MPLS) && record.get(MPLS_HAS) & bit) cell.whole(record.get(word) >>> 12);
  });
}

function encapsulationField(name: string, header: string, word: number): Field {
  return plain(name, header, 12, (cell, record) => {
    if (!record.has(HAS_ENCAPSULATION)) return;
    eachEncapsulation(record.get(word), (letter) => {
      if (letter !== ' ') cell.text(letter);
    });
  });
}

function ipField(
  name: string,
  header: string,
  width: number,
  bit: number,
  write: (cell: Cell, record: FlowRecord, style: Style) => void,
): Field {
  return plain(name, header, width, (cell, record, style) => {
    if (record.has(HAS_IP) && record.get(IP_HAS) & bit) write(cell, record, style);
  });
}

function numberOf(word: number) {
  return (cell: Cell, record: FlowRecord) => cell.whole(record.get(word));
}

function codeOf(word: number) {
  return (cell: Cell, record: FlowRecord, style: Style) => {
    const code = record.get(word) >>> 2;
    const name = style.numeric < NUMERIC_CODES ? style.diffServNames.get(code) : undefined;
    cell.text(name ?? String(code).padStart(2));
  };
}

/** How many routers a packet passed, if it began at the next power of two. */
function hopsOf(word: number) {
  return (cell: Cell, record: FlowRecord) => {
    const ttl = record.get(word);
    let begun = 1;
    while (begun < ttl) begun *= 2;
    cell.whole(begun - ttl);
  };
}

function idOf(word: number) {
  return (cell: Cell, record: FlowRecord) => {
    cell.text('0x');
    cell.hex(record.get(word), 4);
  };
}

const arpAnswer: FieldWriter = (cell, record) => {
  if (!record.has(HAS_FLOW | HAS_NETWORK) || record.get(FLOW_TYPE) !== FLOW_ARP) return;
  if (record.get(NET_KIND) === NET_ARP) writeMac(cell, record.bytes, (record.base + NET_WORDS) * 4);
};

const nothing: FieldWriter = () => {};

export const LINK_FIELDS: readonly Field[] = [
  macField('smac', 'SrcMac', SOURCE_MAC),
  macField('dmac', 'DstMac', DESTINATION_MAC),
  vendorField('soui', 'SrcOui', SOURCE_MAC),
  vendorField('doui', 'DstOui', DESTINATION_MAC),
  vlanField('svlan', 'sVlan', SOURCE_VLAN, SOURCE_BIT),
  vlanField('dvlan', 'dVlan', DESTINATION_VLAN, DESTINATION_BIT),
  vlanIdField('svid', 'sVid', SOURCE_VLAN, SOURCE_BIT),
  vlanIdField('dvid', 'dVid', DESTINATION_VLAN, DESTINATION_BIT),
  plain('svpri', 'sVpri', 6, nothing),
  plain('dvpri', 'dVpri', 6, nothing),
  mplsField('smpls', 'sMpls', SOURCE_MPLS, SOURCE_BIT),
  mplsField('dmpls', 'dMpls', DESTINATION_MPLS, DESTINATION_BIT),
  encapsulationField('senc', 'sEnc', SOURCE_ENCAPSULATION),
  encapsulationField('denc', 'dEnc', DESTINATION_ENCAPSULATION),
  plain('bssid', 'Bssid', 18, nothing),
  plain('ssid', 'Ssid', 9, nothing),
  ipField('stos', 'sTos', 5, SOURCE_BIT, numberOf(SOURCE_TOS)),
  ipField('dtos', 'dTos', 5, DESTINATION_BIT, numberOf(DESTINATION_TOS)),
  ipField('sdsb', 'sDSb', 5, SOURCE_BIT, codeOf(SOURCE_TOS)),
  ipField('ddsb', 'dDSb', 5, DESTINATION_BIT, codeOf(DESTINATION_TOS)),
  ipField('sttl', 'sTtl', 4, SOURCE_BIT, numberOf(SOURCE_TTL)),
  ipField('dttl', 'dTtl', 4, DESTINATION_BIT, numberOf(DESTINATION_TTL)),
  ipField('shops', 'sHops', 5, SOURCE_BIT, hopsOf(SOURCE_TTL)),
  ipField('dhops', 'dHops', 5, DESTINATION_BIT, hopsOf(DESTINATION_TTL)),
  ipField('sipid', 'sIpId', 7, SOURCE_BIT, idOf(SOURCE_IP_ID)),
  ipField('dipid', 'dIpId', 7, DESTINATION_BIT, idOf(DESTINATION_IP_ID)),
  plain('resp', 'Response', 12, arpAnswer),
];
