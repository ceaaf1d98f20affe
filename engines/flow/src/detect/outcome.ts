/** How an attempt to talk ended, read from a flow record. */
import type { FlowRow } from '../archive/rows.ts';

/** Nobody answered, or the answer was no. Only of connections that would be answered: TCP, and UDP by its ICMP errors. */
export function failed(row: FlowRow): boolean {
  if (row.protocol === 'tcp') {
    if (row.packetsIn === 0) return true;
    return row.state === 'RST' && row.appBytesIn === 0 && row.appBytesOut === 0 && row.packetsIn <= 2;
  }
  return row.state.startsWith('UR');
}

/** The first record of a flow: later ones are the same attempt going on. */
export function begins(row: FlowRow): boolean {
  return row.cause === 'start';
}
