/** rastrip: records without the parts that are not needed. */
import type { Program } from '../program.ts';
import { KIND, KIND_MANAGEMENT } from '../record/layout.ts';
import { Outlet } from './client/outlet.ts';
import { replacing } from './client/replace.ts';
import { type Client, type ClientContext, runClient } from './client/run.ts';
import { DEFAULT_STRIPPED, stripper } from './record/strip.ts';

export const run: Program = (argv, io) => replacing(argv, io, (words) => runClient('rastrip', words, io, startRastrip));

async function startRastrip(context: ClientContext): Promise<Client> {
  const words = context.settings.modes.filter((mode) => mode !== 'replace');
  const stripped = DEFAULT_STRIPPED.map((name) => `-${name}`);
  // Names with `+` change what is taken out by default; names with `-` alone are all that is.
  const isOwnList = words.length > 0 && words.every((word) => word.startsWith('-'));
  const strip = stripper((isOwnList ? words : [...stripped, ...words]).join(' '));
  const outlet = await Outlet.open(context);
  return {
    record(record, source) {
      if (record.get(KIND) === KIND_MANAGEMENT) return true;
      strip(record);
      return outlet.put(record, source);
    },
    end: () => outlet.close(),
  };
}
