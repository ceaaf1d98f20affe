/** Lines of /proc/net/{tcp,tcp6,udp,udp6}. */
import { addressText } from '@undercroft/packet';

const LISTENING = '0A';
const MAX_LINES = 262_144;

export interface SocketLine {
  readonly address: string;
  readonly port: number;
  readonly peer: string;
  readonly peerPort: number;
  readonly isListening: boolean;
  readonly inode: number;
}

/** @param text of one table; lines that are not understood are passed over */
export function parseSockets(text: string): SocketLine[] {
  const lines = text.split('\n').slice(1, MAX_LINES);
  return lines.flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const local = endOf(fields[1]);
    const remote = endOf(fields[2]);
    const inode = Number(fields[9]);
    // A socket in its last wait has no process any more.
    if (local === null || remote === null || !(inode > 0)) return [];
    return [
      {
        address: local.address,
        port: local.port,
        peer: remote.address,
        peerPort: remote.port,
        isListening: fields[3] === LISTENING,
        inode,
      },
    ];
  });
}

export function socketKey(protocol: number, address: string, port: number, peer: string, peerPort: number): string {
  return `${protocol} ${address} ${port} ${peer} ${peerPort}`;
}

/** `0100007F:1F90`: words of the address in the machine's order, which is little endian where this runs. */
function endOf(field: string | undefined): { readonly address: string; readonly port: number } | null {
  const parts = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(field ?? '');
  if (parts === null) return null;
  const bytes = Buffer.from(parts[1] as string, 'hex');
  bytes.swap32();
  // What speaks IPv4 through a socket of IPv6 is IPv4 on the wire.
  const isMapped =
    bytes.length === 16 &&
    bytes.readUInt32BE(8) === 0xffff &&
    bytes.readUInt32BE(0) === 0 &&
    bytes.readUInt32BE(4) === 0;
  return { address: addressText(isMapped ? bytes.subarray(12) : bytes), port: Number.parseInt(parts[2] as string, 16) };
}
