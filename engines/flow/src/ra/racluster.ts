/** racluster: one record out of many, by key. */
import type { Program } from '../program.ts';
import { Clusters } from './aggregate/clusters.ts';
import type { Output } from './aggregate/emit.ts';
import { rulesOf, sortOrder } from './aggregate/rules.ts';
import { RecordPrinter } from './client/printer.ts';
import { replacing } from './client/replace.ts';
import { type Client, type ClientContext, runClient } from './client/run.ts';
import { RecordFiles } from './client/writer.ts';

export const run: Program = (argv, io) =>
  replacing(argv, io, (words) => runClient('racluster', words, io, startRacluster));

async function startRacluster(context: ClientContext): Promise<Client> {
  const { settings } = context;
  const files = await RecordFiles.open(context);
  const output: Output = { printer: new RecordPrinter(settings, context.out), files };
  const clusters = new Clusters(await rulesOf(context), settings, output, sortOrder(settings));
  const { first } = settings.input;
  const last = settings.input.last;
  // Of racluster, -N counts what comes out.
  settings.input = { first: 0, last: Number.POSITIVE_INFINITY };
  return {
    record(record) {
      clusters.add(record);
      return true;
    },
    async end() {
      clusters.end(last - Math.max(0, first - 1));
      output.printer.end();
      await files?.close();
    },
  };
}
