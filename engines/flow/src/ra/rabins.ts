/** rabins: records gathered in bins of time. */
import type { Program } from '../program.ts';
import {
  HAS,
  HAS_METRIC,
  HAS_TIME,
  KIND,
  KIND_FLOW,
  RECORD_BYTES,
  SOURCE_START_S,
  START_S,
  TIME_HAS,
  TIMEHAS_SOURCE_END,
  TIMEHAS_SOURCE_START,
} from '../record/layout.ts';
import { FlowRecord, recordMemory } from '../record/record.ts';
import { BinnedClusters } from './aggregate/binned.ts';
import { setTime } from './aggregate/cut.ts';
import { emit, type Output } from './aggregate/emit.ts';
import { rulesOf } from './aggregate/rules.ts';
import { sortKeys } from './aggregate/sort.ts';
import { RecordPrinter } from './client/printer.ts';
import { type Client, type ClientContext, runClient } from './client/run.ts';
import { RecordFiles } from './client/writer.ts';
import { UsageError } from './options/settings.ts';
import { zoneOf } from './text/zone.ts';
import { BinEdges, binRule } from './time/bins.ts';

const US_PER_S = 1e6;

export const run: Program = (argv, io) => runClient('rabins', argv, io, startRabins);

async function startRabins(context: ClientContext): Promise<Client> {
  const { settings, out } = context;
  const parsed = binRule(settings.modes);
  if (parsed === null) throw new UsageError();
  const { rule } = parsed;
  const files = await RecordFiles.open(context);
  const output: Output = { printer: new RecordPrinter(settings, out), files };
  const isFilled = rule.mode === 'count' || rule.mode === 'size';
  const order = settings.sortFields.length > 0 ? settings.sortFields : isFilled ? [] : ['stime'];
  const bins = new BinnedClusters({
    rule,
    edges: new BinEdges(rule, zoneOf(settings.timeZone)),
    clusterRules: await rulesOf(context),
    settings,
    output,
    keys: sortKeys(order),
    emptyBin: (start, end) => void emit(emptyRecord(start, end), output),
  });
  return {
    record(record) {
      bins.add(record);
      return true;
    },
    tick() {
      bins.tell((Date.now() / 1000 - settings.holdSeconds) * US_PER_S);
    },
    async end() {
      bins.tell();
      output.printer.end();
      await files?.close();
    },
  };
}

/** What stands for a bin in which nothing was. */
function emptyRecord(startUs: number, endUs: number): FlowRecord {
  const record = new FlowRecord().at(recordMemory(new ArrayBuffer(RECORD_BYTES)), 0);
  record.set(KIND, KIND_FLOW);
  record.set(HAS, HAS_TIME | HAS_METRIC);
  for (const word of [START_S, SOURCE_START_S]) {
    setTime(record, word, startUs);
    setTime(record, word + 2, endUs);
  }
  record.set(TIME_HAS, TIMEHAS_SOURCE_START | TIMEHAS_SOURCE_END);
  return record;
}
