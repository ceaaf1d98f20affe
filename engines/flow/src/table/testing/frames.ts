/** Small frames of Ethernet, for tests of the flow table. */

const ETHERNET_BYTES = 14;
const IP_BYTES = 20;
const TCP_BYTES = 20;
const UDP_BYTES = 8;
const TCP_FLAGS: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, P: 8, A: 16, U: 32, E: 64, C: 128 };

export interface Ends {
  /** Last word of the address. */
  readonly from: number;
  readonly to: number;
  readonly fromPort?: number;
  readonly toPort?: number;
}

export interface Ip {
  readonly protocol: number;
  readonly id?: number;
  /** In units of 8 bytes. */
  readonly offset?: number;
  readonly isMore?: boolean;
}

export function ipv4(ends: Ends, { protocol, id = 1, offset = 0, isMore = false }: Ip, payload: Uint8Array): Buffer {
  const frame = Buffer.alloc(ETHERNET_BYTES + IP_BYTES + payload.length);
  frame.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0]);
  frame.writeUInt8(0x45, 14);
  frame.writeUInt16BE(IP_BYTES + payload.length, 16);
  frame.writeUInt16BE(id, 18);
  frame.writeUInt16BE((isMore ? 0x2000 : 0) | offset, 20);
  frame.writeUInt8(64, 22);
  frame.writeUInt8(protocol, 23);
  frame.writeUInt32BE(ends.from >>> 0, 26);
  frame.writeUInt32BE(ends.to >>> 0, 30);
  frame.set(payload, ETHERNET_BYTES + IP_BYTES);
  return frame;
}

/** @param flags letters of FSRPAUEC */
export function tcp(ends: Ends, flags: string, sequence: number, acknowledged: number, bytes = 0): Buffer {
  const segment = Buffer.alloc(TCP_BYTES + bytes);
  segment.writeUInt16BE(ends.fromPort ?? 40_000, 0);
  segment.writeUInt16BE(ends.toPort ?? 80, 2);
  segment.writeUInt32BE(sequence >>> 0, 4);
  segment.writeUInt32BE(acknowledged >>> 0, 8);
  segment.writeUInt8(TCP_BYTES << 2, 12);
  segment.writeUInt8(
    [...flags].reduce((bits, letter) => bits | (TCP_FLAGS[letter] ?? 0), 0),
    13,
  );
  segment.writeUInt16BE(8192, 14);
  return ipv4(ends, { protocol: 6 }, segment);
}

export function udpDatagram(ends: Ends, bytes: number): Buffer {
  const datagram = Buffer.alloc(UDP_BYTES + bytes);
  datagram.writeUInt16BE(ends.fromPort ?? 40_000, 0);
  datagram.writeUInt16BE(ends.toPort ?? 5_000, 2);
  datagram.writeUInt16BE(datagram.length, 4);
  return datagram;
}

export function udp(ends: Ends, bytes = 0): Buffer {
  return ipv4(ends, { protocol: 17 }, udpDatagram(ends, bytes));
}

/** An ICMP error about a frame of IPv4, from any address to the frame's source. */
export function icmpError(from: number, type: number, code: number, about: Buffer): Buffer {
  const message = Buffer.alloc(8 + IP_BYTES + 8);
  message.writeUInt8(type, 0);
  message.writeUInt8(code, 1);
  message.set(about.subarray(ETHERNET_BYTES, ETHERNET_BYTES + IP_BYTES + 8), 8);
  return ipv4({ from, to: about.readUInt32BE(26) }, { protocol: 1 }, message);
}

/** The same ends, seen from the other side. */
export function back({ from, to, fromPort = 40_000, toPort = 80 }: Ends): Ends {
  return { from: to, to: from, fromPort: toPort, toPort: fromPort };
}
