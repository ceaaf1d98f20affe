/** ranonymize: records without the names of anybody, the same way for the same key. */
import { RecordEncoder } from '../argus/wire/encode.ts';
import type { Program } from '../program.ts';
import { KIND, KIND_MANAGEMENT } from '../record/layout.ts';
import { Anonymizer } from './anonymize/anonymizer.ts';
import { anonymizeSettings } from './anonymize/settings.ts';
import { RecordPrinter } from './client/printer.ts';
import { replacing } from './client/replace.ts';
import { type Client, type ClientContext, runClient } from './client/run.ts';
import { say } from './client/say.ts';
import { RecordFiles } from './client/writer.ts';
import { greetingRecord } from './io/greeting.ts';
import { LETTERS } from './options/parse.ts';

export const run: Program = (argv, io) =>
  replacing(argv, io, (words) => runClient('ranonymize', words, io, startRanonymize, { letters: `${LETTERS}K:` }));

async function startRanonymize(context: ClientContext): Promise<Client> {
  const { settings, out, io } = context;
  const how = anonymizeSettings(settings.flowModelFile, settings.values.get('K')?.[0]);
  if (how.isRandom)
    say(io, 'ranonymize', 'no key is given (-K file, RANON_KEY_FILE, RANON_SEED): this run has one of its own');
  const anonymizer = new Anonymizer(how);
  const encoder = new RecordEncoder();
  // A file must not begin with a record that was not changed, even where a filter has taken the first one.
  let greeting = greetingRecord();
  const printer = new RecordPrinter(settings, out);
  const files = await RecordFiles.open({ ...context, greeting: () => greeting });
  return {
    record(record, { offset }) {
      anonymizer.apply(record);
      if (record.get(KIND) === KIND_MANAGEMENT && offset === 0) greeting = encoder.encode(record).slice();
      if (files === null) return printer.print(record);
      files.write(record);
      return true;
    },
    async end() {
      printer.end();
      await files?.close();
    },
  };
}
