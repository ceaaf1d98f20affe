/** The packet as the compiler sees it at one point of the expression: loads and link types relative to its layers. */
import { meaningError, unsupported } from '../language/error.ts';
import { ADD, AND, LSH, OR, RSH } from '../program.ts';
import type { Condition } from './condition.ts';
import { ALWAYS, all, any, compare, NEVER, not } from './condition.ts';
import type { Layers, Place } from './link.ts';
import { LINK_LOOP, LINK_RADIOTAP, layersOf } from './link.ts';
import type { Value } from './value.ts';
import { ValueTable } from './value.ts';

/** Values up to this in the type field of Ethernet are lengths of 802.3 frames. */
const MAX_FRAME_LENGTH = 1500;
const SLL_802_3 = 1;
const SLL_802_2 = 4;
const ETHER_IP = 0x0800;
const ETHER_IP6 = 0x86dd;
const ETHER_IPX = 0x8137;
const ETHER_AARP = 0x80f3;
const ETHER_ATALK = 0x809b;
const ETHER_MPLS = 0x8847;
const SAP_IP = 0x06;
const SAP_ISO = 0xfe;
const SAP_NETBEUI = 0xf0;
const SAP_IPX = 0xe0;

/** PPP's number of an Ethernet type; others stand for themselves. */
const PPP_TYPES: ReadonlyMap<number, number> = new Map([
  [ETHER_IP, 0x0021],
  [ETHER_IP6, 0x0057],
  [0x6003, 0x0027],
  [ETHER_ATALK, 0x0029],
  [0x0600, 0x0025],
  [SAP_ISO, 0x0023],
  [0x42, 0x0031],
  [SAP_IPX, 0x002b],
  [ETHER_MPLS, 0x0281],
]);

export interface PacketOptions {
  readonly linkType: number;
  /** For a socket, whose kernel keeps the outer VLAN tag and the direction beside the packet. */
  readonly kernel: boolean;
  /** Byte order of the machine that wrote packets of link type NULL. */
  readonly bigEndian: boolean;
}

/** An Ethernet address: its upper two and lower four bytes. */
export interface Mac {
  readonly high: number;
  readonly low: number;
}

export class Packet {
  readonly values = new ValueTable();
  readonly options: PacketOptions;
  /** Where the headers lie from here on; `vlan` and its like move them. */
  layers: Layers;

  constructor(options: PacketOptions) {
    const layers = layersOf(options.linkType);
    if (layers === null) {
      throw unsupported(`Filters cannot be compiled for link type ${options.linkType}.`, 0);
    }
    this.options = options;
    this.layers = this.#withVariableParts(layers);
  }

  load(size: 1 | 2 | 4, place: Place, offset: number): Value {
    return this.values.load(size, place.base, place.k + offset);
  }

  equals(value: Value, k: number): Condition {
    return compare(this.values, 'equal', value, this.values.constant(k));
  }

  greater(value: Value, k: number): Condition {
    return compare(this.values, 'greater', value, this.values.constant(k));
  }

  anyBit(value: Value, mask: number): Condition {
    return compare(this.values, 'any-bit', value, this.values.constant(mask));
  }

  /** Whether value & mask is k. */
  masked(value: Value, mask: number, k: number): Condition {
    return this.equals(this.values.operation(AND, value, this.values.constant(mask)), k);
  }

  /** Six bytes, the lower four first: those differ between machines of one maker. */
  macEquals(place: Place, offset: number, mac: Mac): Condition {
    return all(
      this.equals(this.load(4, place, offset + 2), mac.low),
      this.equals(this.load(2, place, offset), mac.high),
    );
  }

  /** The network header. */
  network(): Place {
    return { base: this.layers.payload.base, k: this.layers.payload.k + this.layers.network };
  }

  /** Behind an IPv4 header with its options. */
  transport(): Place {
    const { base, k } = this.network();
    if (base === null) return { base: this.values.headerLength(k), k };
    const first = this.values.load(1, base, k);
    const words = this.values.operation(AND, first, this.values.constant(0xf));
    const bytes = this.values.operation(LSH, words, this.values.constant(2));
    return { base: this.values.operation(ADD, bytes, base), k };
  }

  /** The packet carries this Ethernet type, or, up to 1500, this 802.2 service access point. */
  carries(type: number, position: number): Condition {
    const { family, labels } = this.layers;
    if (labels > 0) return this.#carriesBehindLabels(type, position);
    switch (family) {
      case 'ethernet':
        return this.#carriesEthernet(type);
      case 'sll':
      case 'sll2':
        return this.#carriesCooked(type);
      case 'ppp':
        return this.equals(this.type(), PPP_TYPES.get(type) ?? type);
      case 'loopback':
        return this.#carriesLoopback(type);
      case 'raw':
        return type === ETHER_IP ? this.version(4) : type === ETHER_IP6 ? this.version(6) : NEVER;
      case 'ipv4':
        return type === ETHER_IP ? ALWAYS : NEVER;
      case 'ipv6':
        return type === ETHER_IP6 ? ALWAYS : NEVER;
      case 'wlan':
        return all(this.isWlanData(), this.#carriesLlc(type));
    }
  }

  /** The 16 bits with the type of the payload. */
  type(): Value {
    return this.load(2, this.layers.type!, 0);
  }

  version(version: 4 | 6): Condition {
    return this.masked(this.load(1, this.network(), 0), 0xf0, version << 4);
  }

  /** The first bytes behind the link header, where LLC begins. */
  llc(size: 1 | 2 | 4, offset: number): Value {
    return this.load(size, this.layers.payload, offset);
  }

  isWlanData(): Condition {
    return this.masked(this.load(1, this.layers.header, 0), 0x0c, 0x08);
  }

  isLlcFrame(): Condition {
    return not(this.greater(this.type(), MAX_FRAME_LENGTH));
  }

  /** 1 in the last label's byte: no label follows. */
  lastLabel(): Condition {
    return this.anyBit(this.load(1, this.network(), -2), 1);
  }

  #withVariableParts(layers: Layers): Layers {
    if (layers.family !== 'wlan') return layers;
    const { values } = this;
    let prefix: Value | null = null;
    if (this.options.linkType === LINK_RADIOTAP) {
      const high = values.operation(LSH, values.load(1, null, 3), values.constant(8));
      prefix = values.operation(OR, high, values.load(1, null, 2));
    }
    // A QoS header is two bytes longer.
    const qos = values.operation(AND, values.load(1, prefix, 0), values.constant(0x80));
    const longer = values.operation(RSH, qos, values.constant(6));
    const base = prefix === null ? longer : values.operation(ADD, longer, prefix);
    return { ...layers, header: { base: prefix, k: 0 }, payload: { base, k: layers.payload.k } };
  }

  #carriesBehindLabels(type: number, position: number): Condition {
    if (type === ETHER_IP) return all(this.lastLabel(), this.version(4));
    if (type === ETHER_IP6) return all(this.lastLabel(), this.version(6));
    throw meaningError('Behind MPLS labels only IPv4 and IPv6 can be told apart.', position, 'Write "ip" or "ip6".');
  }

  #carriesEthernet(type: number): Condition {
    const framed = this.isLlcFrame();
    switch (type) {
      case SAP_ISO:
      case SAP_IP:
      case SAP_NETBEUI:
        return all(framed, this.equals(this.llc(2, 0), type * 0x101));
      case SAP_IPX: {
        const bare = this.equals(this.llc(2, 0), 0xffff);
        const inside = any(this.#snap(0, ETHER_IPX), this.equals(this.llc(1, 0), SAP_IPX), bare);
        return any(this.equals(this.type(), ETHER_IPX), all(framed, inside));
      }
      case ETHER_ATALK:
        return any(this.equals(this.type(), type), all(framed, this.#snap(0x080007, type)));
      case ETHER_AARP:
        return any(this.equals(this.type(), type), all(framed, this.#snap(0, type)));
    }
    if (type > MAX_FRAME_LENGTH) return this.equals(this.type(), type);
    return all(framed, this.equals(this.load(1, this.layers.type!, 2), type));
  }

  #carriesCooked(type: number): Condition {
    const framed = this.equals(this.type(), SLL_802_2);
    switch (type) {
      case SAP_ISO:
      case SAP_IP:
      case SAP_NETBEUI:
        return all(framed, this.equals(this.llc(2, 0), type * 0x101));
      case SAP_IPX: {
        const inside = any(this.#snap(0, ETHER_IPX), this.equals(this.llc(1, 0), SAP_IPX));
        const bare = this.equals(this.type(), SLL_802_3);
        return any(this.equals(this.type(), ETHER_IPX), bare, all(framed, inside));
      }
      case ETHER_ATALK:
        return any(this.equals(this.type(), type), all(framed, this.#snap(0x080007, type)));
      case ETHER_AARP:
        return any(this.equals(this.type(), type), all(framed, this.#snap(0, type)));
    }
    if (type > MAX_FRAME_LENGTH) return this.equals(this.type(), type);
    return all(framed, this.equals(this.llc(1, 0), type));
  }

  #carriesLlc(type: number): Condition {
    switch (type) {
      case SAP_ISO:
      case SAP_IP:
      case SAP_NETBEUI:
        return this.equals(this.llc(2, 0), type * 0x101);
      case ETHER_ATALK:
        return this.#snap(0x080007, type);
    }
    if (type > MAX_FRAME_LENGTH) return this.equals(this.llc(2, 6), type);
    return this.equals(this.llc(1, 0), type);
  }

  #carriesLoopback(type: number): Condition {
    const family = this.load(4, this.layers.type!, 0);
    const networkOrder = this.options.linkType === LINK_LOOP || this.options.bigEndian;
    const isFamily = (k: number) => this.equals(family, networkOrder ? k : k * 0x100_0000);
    if (type === ETHER_IP) return isFamily(2);
    // Linux, NetBSD and OpenBSD, FreeBSD, Darwin.
    if (type === ETHER_IP6) return any(isFamily(10), isFamily(24), isFamily(28), isFamily(30));
    return NEVER;
  }

  /** Eight bytes of LLC and SNAP. */
  #snap(organisation: number, type: number): Condition {
    return all(
      this.equals(this.llc(4, 4), (((organisation & 0xffff) << 16) | type) >>> 0),
      this.equals(this.llc(4, 0), (0xaaaa0300 | (organisation >>> 16)) >>> 0),
    );
  }
}
