/** A record by the names that the pages use, out of its columns. */
import { msOf } from '../time/format.ts';
import type { FlowRecord } from './types.ts';

export function text(record: FlowRecord, name: string): string {
  const value = record.attributes[name];
  return value === undefined || value === null ? '' : String(value);
}

export function number(record: FlowRecord, name: string): number | undefined {
  const value = record.attributes[name];
  return typeof value === 'number' ? value : undefined;
}

export interface Ends {
  readonly source: string;
  readonly destination: string;
  readonly port: number | undefined;
  readonly sourcePort: number | undefined;
  readonly protocol: string;
  readonly application: string;
}

export function endsOf(record: FlowRecord): Ends {
  return {
    source: text(record, 'src_endpoint.ip'),
    destination: text(record, 'dst_endpoint.ip'),
    port: number(record, 'dst_endpoint.port'),
    sourcePort: number(record, 'src_endpoint.port'),
    protocol: text(record, 'connection_info.protocol_name'),
    application: text(record, 'app_name'),
  };
}

/** From its first packet to its last, in epoch milliseconds. */
export function spanOf(record: FlowRecord): { readonly fromMs: number; readonly toMs: number } {
  const fromMs = msOf(record.timeAt);
  return { fromMs, toMs: fromMs + (number(record, 'flow.duration_us') ?? 0) / 1000 };
}

export function bytesOf(record: FlowRecord): number {
  return (number(record, 'traffic.bytes_out') ?? 0) + (number(record, 'traffic.bytes_in') ?? 0);
}
