/** rasort: records in another order. */
import { RecordEncoder } from '../argus/wire/encode.ts';
import type { Program } from '../program.ts';
import { KIND, KIND_MANAGEMENT } from '../record/layout.ts';
import type { FlowRecord } from '../record/record.ts';
import { RecordLog } from './aggregate/log.ts';
import { SortTable, sortKeys } from './aggregate/sort.ts';
import { RecordPrinter } from './client/printer.ts';
import { replacing } from './client/replace.ts';
import { type Client, type ClientContext, runClient } from './client/run.ts';
import { RecordFiles } from './client/writer.ts';
import { directionByPorts } from './record/direction.ts';
import { emitBoth } from './record/views.ts';

export const run: Program = (argv, io) => replacing(argv, io, (words) => runClient('rasort', words, io, startRasort));

async function startRasort(context: ClientContext): Promise<Client> {
  const { settings, out } = context;
  const printer = new RecordPrinter(settings, out);
  const files = await RecordFiles.open(context);
  const words = settings.masks.length > 0 ? settings.masks : settings.sortFields;
  const isReversed = (settings.flags.get('v') ?? 0) > 0;
  const table = new SortTable(sortKeys(words), isReversed);
  const log = new RecordLog();
  const encoder = new RecordEncoder();
  const isRmon = settings.modes.some((mode) => /^rmon/i.test(mode));
  const changes = isRmon || settings.stripParts !== undefined || directionByPorts(settings.portDirection) !== null;
  const range = settings.input;
  // Of rasort, -N counts what comes out.
  settings.input = { first: 0, last: Number.POSITIVE_INFINITY };
  const keep = (record: FlowRecord): boolean => {
    const bytes = encoder.encode(record);
    table.add(record);
    log.add(bytes, 0, bytes.length);
    return true;
  };
  return {
    record(record, source) {
      if (record.get(KIND) === KIND_MANAGEMENT) return true;
      if (isRmon) return emitBoth(record, keep);
      if (changes) return keep(record);
      table.add(record);
      log.add(source.bytes, source.at, source.length);
      return true;
    },
    async end() {
      let rank = 0;
      for (const row of table.order()) {
        rank += 1;
        if (rank > range.last) break;
        if (rank < range.first) continue;
        if (files?.takesAll) files.writeBytes(log.source(row));
        else if (files !== null) files.writeSource(log.record(row), log.source(row));
        else if (!printer.print(log.record(row))) break;
      }
      printer.end();
      await files?.close();
    },
  };
}
