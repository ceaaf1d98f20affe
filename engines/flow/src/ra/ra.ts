/** ra: reads records and prints or writes those that are wanted. */
import type { Program } from '../program.ts';
import {
  DESTINATION_BYTES,
  DESTINATION_PACKETS,
  KIND,
  KIND_MANAGEMENT,
  SOURCE_BYTES,
  SOURCE_PACKETS,
} from '../record/layout.ts';
import type { FlowRecord } from '../record/record.ts';
import { RecordPrinter } from './client/printer.ts';
import { type ClientContext, type InputTotals, runClient } from './client/run.ts';
import { RecordFiles } from './client/writer.ts';
import { emitBoth, keepSource } from './record/views.ts';

export const run: Program = (argv, io) => runClient('ra', argv, io, startRa);

export async function startRa(context: ClientContext) {
  const { settings, out, totals } = context;
  const printer = new RecordPrinter(settings, out);
  const files = await RecordFiles.open(context);
  const isRmon = settings.modes.some((mode) => /^rmon/i.test(mode));
  const isOneWay = settings.modes.some((mode) => /^uni/i.test(mode));
  const changes = isRmon || isOneWay || settings.stripParts !== undefined;
  const emit = (record: FlowRecord, offset: number): boolean => {
    if (isOneWay && !keepSource(record)) return true;
    if (files === null) return printer.print(record, offset);
    files.write(record);
    return true;
  };
  return {
    record(record: FlowRecord, source: Parameters<RecordFiles['writeSource']>[1]): boolean {
      const isManagement = record.get(KIND) === KIND_MANAGEMENT;
      if (settings.summary && !isManagement) count(totals, record);
      if (files !== null && (!changes || isManagement)) {
        files.writeSource(record, source);
        return true;
      }
      if (isManagement || (!isRmon && !isOneWay)) return emit(record, source.offset);
      return emitBoth(record, (one) => emit(one, source.offset));
    },
    async end() {
      printer.end();
      await files?.close();
      if (settings.summary) out.text(summaryLine(totals));
    },
  };
}

function count(totals: InputTotals, record: FlowRecord): void {
  totals.packets += record.getWide(SOURCE_PACKETS) + record.getWide(DESTINATION_PACKETS);
  totals.bytes += record.getWide(SOURCE_BYTES) + record.getWide(DESTINATION_BYTES);
}

/** ra counts the stream's first record twice. */
function summaryLine(totals: InputTotals): string {
  const field = (value: number): string => String(value).padEnd(8);
  return (
    ` Totalrecords ${field(totals.records + 1)}  TotalManRecords ${field(totals.management + 1)}  ` +
    `TotalFarRecords ${field(totals.flows)} TotalPkts ${field(totals.packets)} TotalBytes ${field(totals.bytes)}\n`
  );
}
