/** ralabel: records with labels by their addresses, ports and whatever a filter can tell. */
import type { Program } from '../program.ts';
import { KIND, KIND_MANAGEMENT } from '../record/layout.ts';
import { RecordPrinter } from './client/printer.ts';
import { replacing } from './client/replace.ts';
import { type Client, type ClientContext, runClient } from './client/run.ts';
import { say } from './client/say.ts';
import { RecordFiles } from './client/writer.ts';
import { Labeler, labelSources } from './label/labeler.ts';

export const run: Program = (argv, io) => replacing(argv, io, (words) => runClient('ralabel', words, io, startRalabel));

async function startRalabel(context: ClientContext): Promise<Client> {
  const { settings, out, io, compile } = context;
  const sources = settings.flowModelFile === undefined ? null : await labelSources(settings.flowModelFile, compile);
  for (const key of sources?.ignored ?? []) say(io, 'ralabel', `${key} is not done here`);
  const labeler = sources === null ? null : new Labeler(sources);
  const printer = new RecordPrinter(settings, out);
  const files = await RecordFiles.open(context);
  return {
    record(record, source) {
      if (files !== null && (labeler === null || record.get(KIND) === KIND_MANAGEMENT)) {
        files.writeSource(record, source);
        return true;
      }
      labeler?.apply(record);
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
