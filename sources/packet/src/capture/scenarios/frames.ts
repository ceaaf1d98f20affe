/** Frames for scenarios. */

const ETHER_TYPE_IPV4 = 0x0800;
const ETHER_TYPE_IPV6 = 0x86dd;
const UDP = 17;

export interface FrameParts {
  readonly source: number;
  readonly destination: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** A later fragment: it has no ports. */
  readonly fragment?: boolean;
  readonly version?: 4 | 6;
  readonly vlan?: number;
  readonly etherType?: number;
  /** Last 4 bytes. */
  readonly mark?: number;
}

/** A UDP datagram in Ethernet; addresses are the last four bytes of the IP addresses. */
export function frameOf(parts: FrameParts): Uint8Array {
  const ip = parts.version === 6 ? ipv6(parts) : ipv4(parts);
  const tag = parts.vlan === undefined ? Buffer.alloc(0) : Buffer.from([0x81, 0, parts.vlan >> 8, parts.vlan & 255]);
  const etherType = Buffer.alloc(2);
  etherType.writeUInt16BE(parts.etherType ?? (parts.version === 6 ? ETHER_TYPE_IPV6 : ETHER_TYPE_IPV4));
  const mark = Buffer.alloc(4);
  mark.writeUInt32BE(parts.mark ?? 0);
  return Buffer.concat([Buffer.from('020000000002020000000001', 'hex'), tag, etherType, ip, udp(parts), mark]);
}

function udp({ sourcePort, destinationPort }: FrameParts): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(sourcePort, 0);
  header.writeUInt16BE(destinationPort, 2);
  header.writeUInt16BE(12, 4);
  return header;
}

function ipv4({ source, destination, fragment = false }: FrameParts): Buffer {
  const header = Buffer.from('4500002000070000401100000a0000000a000000', 'hex');
  header.writeUInt16BE(fragment ? 100 : 0, 6);
  header.writeUInt32BE(source, 12);
  header.writeUInt32BE(destination, 16);
  let sum = 0;
  for (let at = 0; at < header.length; at += 2) sum += header.readUInt16BE(at);
  sum = (sum & 0xffff) + (sum >>> 16);
  header.writeUInt16BE(~((sum & 0xffff) + (sum >>> 16)) & 0xffff, 10);
  return header;
}

function ipv6({ source, destination }: FrameParts): Buffer {
  const header = Buffer.alloc(40);
  header.writeUInt32BE(0x60000000, 0);
  header.writeUInt16BE(12, 4);
  header[6] = UDP;
  header[7] = 64;
  header.write('fd000000000000000000000000000000', 8, 'hex');
  header.writeUInt32BE(source, 20);
  header.write('fd000000000000000000000000000000', 24, 'hex');
  header.writeUInt32BE(destination, 36);
  return header;
}
