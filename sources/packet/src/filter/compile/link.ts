/** Link types, and where in a frame their parts lie. */
import type { Value } from './value.ts';

/** Numbers of link types as capture files write them. */
export const LINK_NULL = 0;
export const LINK_ETHERNET = 1;
export const LINK_PPP = 9;
export const LINK_PPP_SERIAL = 50;
export const LINK_RAW = 101;
export const LINK_WLAN = 105;
export const LINK_LOOP = 108;
export const LINK_SLL = 113;
export const LINK_RADIOTAP = 127;
export const LINK_IPV4 = 228;
export const LINK_IPV6 = 229;
export const LINK_SLL2 = 276;

/** Two numbers of systems that write DLT numbers into files. */
const RAW_ALIASES = new Set([12, 14]);

export type LinkFamily = 'ethernet' | 'loopback' | 'ppp' | 'raw' | 'ipv4' | 'ipv6' | 'wlan' | 'sll' | 'sll2';

/** A place in the packet: a constant, and a part that each packet decides. */
export interface Place {
  readonly base: Value | null;
  readonly k: number;
}

/** Where the headers lie for the words of the expression that come next. */
export interface Layers {
  readonly family: LinkFamily;
  /** First byte of the link header. */
  readonly header: Place;
  /** The field with the type of what is inside; null where there is none. */
  readonly type: Place | null;
  /** What is inside, and how far from it the network header is: behind LLC and SNAP, or behind LLC alone. */
  readonly payload: Place;
  readonly network: number;
  readonly networkWithoutSnap: number;
  readonly vlans: number;
  readonly labels: number;
  /** Inside a tunnel that may carry frames or bare packets: the condition for a frame, as a value that is 1 then. */
  readonly framed: Value | null;
}

interface Shape {
  readonly family: LinkFamily;
  readonly type: number | null;
  readonly payload: number;
  readonly network?: number;
  readonly networkWithoutSnap?: number;
}

const ETHERNET: Shape = { family: 'ethernet', type: 12, payload: 14, networkWithoutSnap: 3 };
const LOOPBACK: Shape = { family: 'loopback', type: 0, payload: 4 };
const PPP: Shape = { family: 'ppp', type: 2, payload: 4 };
const RAW: Shape = { family: 'raw', type: null, payload: 0 };
const WLAN: Shape = { family: 'wlan', type: null, payload: 24, network: 8, networkWithoutSnap: 3 };

const SHAPES: ReadonlyMap<number, Shape> = new Map<number, Shape>([
  [LINK_NULL, LOOPBACK],
  [LINK_ETHERNET, ETHERNET],
  [LINK_PPP, PPP],
  [LINK_PPP_SERIAL, PPP],
  [LINK_RAW, RAW],
  [LINK_WLAN, WLAN],
  [LINK_LOOP, LOOPBACK],
  [LINK_SLL, { family: 'sll', type: 14, payload: 16 }],
  [LINK_RADIOTAP, WLAN],
  [LINK_IPV4, { family: 'ipv4', type: null, payload: 0 }],
  [LINK_IPV6, { family: 'ipv6', type: null, payload: 0 }],
  [LINK_SLL2, { family: 'sll2', type: 0, payload: 20 }],
]);

/** Link types that filters can be compiled for. */
export const FILTER_LINK_TYPES: readonly number[] = [...SHAPES.keys()];

/** @returns null for a link type that filters are not compiled for */
export function layersOf(linkType: number): Layers | null {
  const shape = SHAPES.get(RAW_ALIASES.has(linkType) ? LINK_RAW : linkType);
  if (shape === undefined) return null;
  return {
    family: shape.family,
    header: { base: null, k: 0 },
    type: shape.type === null ? null : { base: null, k: shape.type },
    payload: { base: null, k: shape.payload },
    network: shape.network ?? 0,
    networkWithoutSnap: shape.networkWithoutSnap ?? 0,
    vlans: 0,
    labels: 0,
    framed: null,
  };
}
