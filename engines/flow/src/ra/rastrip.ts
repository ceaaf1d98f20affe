/** rastrip: records without some of their parts. */
import type { Program } from '../program.ts';
import { KIND, KIND_MANAGEMENT } from '../record/layout.ts';
import type { FlowRecord } from '../record/record.ts';
import { RecordPrinter } from './client/printer.ts';
import { replacing } from './client/replace.ts';
import { type Client, type ClientContext, runClient } from './client/run.ts';
import { RecordFiles } from './client/writer.ts';
import { DEFAULT_STRIPPED, stripper, without } from './record/strip.ts';

export const run: Program = (argv, io) => replacing(argv, io, (words) => runClient('rastrip', words, io, startRastrip));

async function startRastrip(context: ClientContext): Promise<Client> {
  const { settings, out } = context;
  const strip = stripperOf(settings.modes);
  const printer = new RecordPrinter(settings, out);
  const files = await RecordFiles.open(context);
  return {
    record(record, source) {
      if (record.get(KIND) === KIND_MANAGEMENT) {
        files?.writeSource(record, source);
        return true;
      }
      strip(record);
      if (files === null) return printer.print(record, source.offset);
      files.write(record);
      return true;
    },
    async end() {
      printer.end();
      await files?.close();
    },
  };
}

/**
 * `+part` stays out of those that go by default, `-part` and no others go, of plain names nothing else stays.
 *
 * @throws ClientError
 */
function stripperOf(modes: readonly string[]): (record: FlowRecord) => void {
  const words = modes.flatMap((mode) => mode.split(/[ ,]+/)).filter((word) => word !== '');
  const plain = words.filter((word) => !/^[+-]/.test(word));
  if (plain.length > 0) return stripper(plain.join(' '));
  const kept = words.filter((word) => word.startsWith('+')).map((word) => word.slice(1));
  const gone = words.filter((word) => word.startsWith('-')).map((word) => word.slice(1));
  const base = gone.length > 0 ? gone : DEFAULT_STRIPPED;
  return without(base.filter((part) => !kept.includes(part)));
}
