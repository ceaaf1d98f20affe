/** NetFlow versions 1, 5 and 7: a header and records of one fixed form. */
import {
  DESTINATION_ASN,
  DESTINATION_MASK,
  DESTINATION_PORT,
  INPUT_INTERFACE,
  OUTPUT_INTERFACE,
  PROTOCOL,
  SOURCE_ASN,
  SOURCE_BYTES,
  SOURCE_MASK,
  SOURCE_PACKETS,
  SOURCE_PORT,
} from '../../record/layout.ts';
import type { Draft, ExportTime } from './draft.ts';
import type { ExporterState } from './exporter.ts';
import type { RecordSink } from './message.ts';
import { follow } from './sequence.ts';

interface Form {
  readonly headerBytes: number;
  readonly recordBytes: number;
}

const FORMS: Readonly<Record<number, Form>> = {
  1: { headerBytes: 16, recordBytes: 52 },
  5: { headerBytes: 24, recordBytes: 48 },
  7: { headerBytes: 24, recordBytes: 52 },
};
/** The low 14 bits of version 5's sampling field; above them the mode. */
const SAMPLING_INTERVAL = 0x3fff;

/** @returns bytes of the whole message from its head, or 0 if the head is no such message */
export function fixedMessageBytes(view: DataView, at: number): number {
  const form = FORMS[view.getUint16(at)];
  return form === undefined ? 0 : form.headerBytes + form.recordBytes * view.getUint16(at + 2);
}

/** Decodes one message of version 1, 5 or 7. A cut one gives its whole records and counts as malformed. */
export function decodeFixed(view: DataView, exporter: ExporterState, draft: Draft, sink: RecordSink): void {
  const version = view.getUint16(0);
  const form = FORMS[version] as Form;
  const { counters } = exporter;
  if (view.byteLength < form.headerBytes) {
    counters.malformed++;
    return;
  }
  const claimed = view.getUint16(2);
  const count = Math.min(claimed, Math.floor((view.byteLength - form.headerBytes) / form.recordBytes));
  if (count < claimed) counters.malformed++;
  const exportMs = view.getUint32(8) * 1000 + Math.floor(view.getUint32(12) / 1e6);
  const time: ExportTime = { exportMs, uptimeMs: view.getUint32(4) };
  const engine = version === 5 ? view.getUint16(20) : 0;
  const domain = exporter.domain(version, engine);
  if (version !== 1) follow(domain, view.getUint32(16), claimed, counters);
  const rate = version === 5 ? view.getUint16(22) & SAMPLING_INTERVAL : 0;
  const from = { version, domain: engine, address: exporter.address, scale: exporter.scaleBySampling };
  for (let index = 0; index < count; index++) {
    draft.begin();
    readRecord(view, form.headerBytes + index * form.recordBytes, version, draft);
    counters.records++;
    sink(draft.finish(from, time, rate));
  }
}

function readRecord(view: DataView, at: number, version: number, draft: Draft): void {
  const { record } = draft;
  draft.sourceIpv4 = view.getUint32(at);
  draft.destinationIpv4 = view.getUint32(at + 4);
  draft.hasIpv4 = true;
  draft.setNextHop(4, view, at + 8);
  record.set(INPUT_INTERFACE, view.getUint16(at + 12));
  record.set(OUTPUT_INTERFACE, view.getUint16(at + 14));
  draft.setCounter(SOURCE_PACKETS, view.getUint32(at + 16), 0);
  draft.setCounter(SOURCE_BYTES, view.getUint32(at + 20), 0);
  draft.start.uptimeMs = view.getUint32(at + 24);
  draft.end.uptimeMs = view.getUint32(at + 28);
  record.set(SOURCE_PORT, view.getUint16(at + 32));
  record.set(DESTINATION_PORT, view.getUint16(at + 34));
  // Version 1 has two bytes of padding here and the flags behind the type of service.
  record.set(PROTOCOL, view.getUint8(at + 38));
  record.set(draft.side(false).tcpFlags, view.getUint8(at + (version === 1 ? 40 : 37)));
  draft.setTos(draft.side(false), view.getUint8(at + 39));
  if (version === 1) return;
  draft.setAsn(SOURCE_ASN, view.getUint16(at + 40));
  draft.setAsn(DESTINATION_ASN, view.getUint16(at + 42));
  draft.setMask(SOURCE_MASK, view.getUint8(at + 44));
  draft.setMask(DESTINATION_MASK, view.getUint8(at + 45));
}
