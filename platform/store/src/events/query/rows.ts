/** Result columns of the store as JavaScript values: events, or rows of groups. */
import { type EventQueryResult, type JsonValue, type PlatformEvent, SEVERITIES } from '@undercroft/kernel';
import { type ChildQueryResult, type ChildValue, OTHERS_SEPARATOR } from '../protocol.ts';
import type { CompiledQuery, QueryOutput } from './compiled.ts';

type Row = readonly ChildValue[];

export function decodeResult(
  query: CompiledQuery,
  result: ChildQueryResult,
): Pick<EventQueryResult, 'events' | 'rows'> {
  if (!query.grouped) return { events: result.rows.map((row) => decodeEvent(query.outputs, row)), rows: [] };
  return { events: [], rows: result.rows.map((row) => decodeRow(query.outputs, row)) };
}

function decodeRow(outputs: readonly QueryOutput[], row: Row): Record<string, JsonValue> {
  return Object.fromEntries(
    outputs.map((output, index) => [output.name, decodeValue(output.type, row[index] ?? null)]),
  );
}

function decodeEvent(outputs: readonly QueryOutput[], row: Row): PlatformEvent {
  const common: Record<string, ChildValue> = {};
  const attributes: [string, JsonValue][] = [];
  for (let index = 0; index < outputs.length; index++) {
    const { name, type } = outputs[index]!;
    const value = row[index] ?? null;
    if (type === 'common') common[name] = value;
    else if (value !== null) attributes.push([name, decodeValue(type, value)]);
  }
  return {
    id: String(common['id']),
    class: String(common['class']),
    activity: String(common['activity']),
    timeUs: microseconds(common['time_ns'] ?? 0),
    receivedUs: microseconds(common['received_ns'] ?? 0),
    severity: SEVERITIES[Number(common['severity'])] ?? 'unknown',
    tenant: String(common['tenant']),
    source: String(common['source']),
    assets: decodeAssets(common['asset'] ?? null, common['others'] ?? null),
    message: String(common['message']),
    attributes: Object.fromEntries([...attributes, ...decodeUnmapped(common['unmapped'] ?? null)]),
  };
}

function decodeAssets(asset: ChildValue, others: ChildValue): string[] {
  if (typeof asset !== 'string') return [];
  if (typeof others !== 'string') return [asset];
  return [asset, ...others.split(OTHERS_SEPARATOR).slice(1, -1)];
}

function decodeUnmapped(text: ChildValue): [string, JsonValue][] {
  return typeof text === 'string' ? Object.entries(JSON.parse(text) as Record<string, JsonValue>) : [];
}

function decodeValue(type: QueryOutput['type'], value: ChildValue): JsonValue {
  if (value === null) return null;
  if (type === 'severity') return SEVERITIES[Number(value)] ?? 'unknown';
  if (type === 'time') return microseconds(value);
  if (type === 'json') return JSON.parse(String(value)) as JsonValue;
  return typeof value === 'bigint' ? Number(value) : value;
}

function microseconds(ns: ChildValue): number {
  return typeof ns === 'bigint' ? Number(ns / 1000n) : Math.round(Number(ns) / 1000);
}
