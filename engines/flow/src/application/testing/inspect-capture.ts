/** Runs a capture through the flow table and the inspector: what tests and benches look at. */
import { type CaptureSource, openCapture } from '@undercroft/packet';
import { flowUid } from '../../logs/facts.ts';
import type { DnsTransaction, HttpTransaction } from '../../logs/transactions.ts';
import * as word from '../../record/layout.ts';
import { FlowRecord } from '../../record/record.ts';
import { FlowTable } from '../../table/flow-table.ts';
import { GENERATE_APP_BYTES, GENERATE_INSPECTION, GENERATE_TCP_PERFORMANCE } from '../../table/options.ts';
import { ARGUS_SETTINGS } from '../../table/settings.ts';
import type { FlowFacts } from '../inspect/facts.ts';
import { Inspector, type InspectorCounts } from '../inspect/inspector.ts';
import type { InspectedHandshake } from '../inspect/sink.ts';
import { uidsOf } from '../inspect/uid.ts';

export interface InspectedCapture {
  /** Of each flow with payload, by its number. */
  readonly flows: ReadonlyMap<
    number,
    FlowFacts & { readonly protocol: number; readonly ports: string; readonly uid: string }
  >;
  readonly dns: readonly DnsTransaction[];
  readonly http: readonly HttpTransaction[];
  readonly tls: readonly InspectedHandshake[];
  readonly counts: InspectorCounts;
}

export async function inspectCapture(source: CaptureSource): Promise<InspectedCapture> {
  const dns: DnsTransaction[] = [];
  const http: HttpTransaction[] = [];
  const tls: InspectedHandshake[] = [];
  const inspector = new Inspector({
    uid: uidsOf(ARGUS_SETTINGS.sourceKind, ARGUS_SETTINGS.sourceId),
    sink: {
      dns: (transaction) => void dns.push(transaction),
      http: (transaction) => void http.push(transaction),
      tls: (transaction) => void tls.push(transaction),
    },
  });
  const generate = GENERATE_TCP_PERFORMANCE | GENERATE_APP_BYTES | GENERATE_INSPECTION;
  const table = new FlowTable({ ...ARGUS_SETTINGS, quirks: 0, generate }, inspector);
  const record = new FlowRecord();
  const flows = new Map<number, FlowFacts & { protocol: number; ports: string; uid: string }>();
  const take = (batch: Parameters<Parameters<FlowTable['addBlock']>[1]>[0]): void => {
    for (let index = 0; index < batch.count; index++) {
      record.at(batch, batch.address(index));
      const sequence = record.get(word.SEQUENCE);
      const facts = inspector.facts(sequence);
      if (facts === undefined) continue;
      const ports = `${record.get(word.SOURCE_PORT)}>${record.get(word.DESTINATION_PORT)}`;
      flows.set(sequence, { ...facts, protocol: record.get(word.PROTOCOL), ports, uid: flowUid(record) });
    }
  };
  for await (const block of openCapture(source)) table.addBlock(block, take);
  table.finish(take);
  inspector.finish();
  return { flows, dns, http, tls, counts: inspector.counts() };
}
