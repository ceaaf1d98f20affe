/** rahisto: how often a field's values fall into classes. */
import type { Program } from '../program.ts';
import { KIND, KIND_FLOW, KIND_IMPORTED } from '../record/layout.ts';
import { type Client, type ClientContext, runClient } from './client/run.ts';
import { say } from './client/say.ts';
import { styleOf } from './client/style.ts';
import { FIELDS } from './fields/table.ts';
import { printedFigure } from './graph/metrics.ts';
import { type ClassRule, classRule, Histogram, type HistogramClass, type Summary } from './histogram/histogram.ts';
import { LETTERS } from './options/parse.ts';
import { ClientError, UsageError } from './options/settings.ts';

/** Here `-H` has the field and its classes. */
const HISTOGRAM_LETTERS = LETTERS.replace('H', 'H:');
const ALL_NUMERIC = 3;
const DIGITS = 6;
const ALIASES: Readonly<Record<string, string>> = { avgdur: 'mean' };

export const run: Program = (argv, io) => runClient('rahisto', argv, io, startRahisto, { letters: HISTOGRAM_LETTERS });

function startRahisto(context: ClientContext): Client {
  const { settings, out, io } = context;
  const [word, text] = (settings.values.get('H') ?? []).flatMap((one) => one.split(/\s+/));
  if (word === undefined || text === undefined) throw new UsageError();
  const name = ALIASES[word] ?? word;
  if (!FIELDS.has(name)) throw new ClientError(`${word} is no field`);
  const rule = classRule(text);
  if (rule === null) throw new ClientError(`-H ${word} ${text}: classes as 10, 10:0-75u or 20L:1-10K`);
  const figure = printedFigure(
    name,
    styleOf({ ...settings, abbreviated: false, digits: Math.max(DIGITS, settings.digits) }, { numeric: ALL_NUMERIC }),
  );
  const histogram = new Histogram();
  return {
    record(record) {
      const kind = record.get(KIND);
      if (kind === KIND_FLOW || kind === KIND_IMPORTED) histogram.add(figure(record));
      return true;
    },
    end() {
      if (histogram.left > 0) say(io, 'rahisto', `${histogram.left} values had no room`);
      out.text(histogramText(histogram, rule, settings.modes));
    },
  };
}

function histogramText(histogram: Histogram, rule: ClassRule, modes: readonly string[]): string {
  const { summary, classes } = histogram.tell(
    rule,
    modes.some((mode) => mode.startsWith('outl')),
  );
  if (summary === null) return '';
  const isShown = ({ count }: HistogramClass): boolean => count > 0 || !modes.includes('nozero');
  let seen = 0;
  const lines = classes.map((one) => {
    seen += one.count;
    return { one, line: classLine(one, summary.count, seen) };
  });
  const shown = lines.filter(({ one }) => isShown(one)).map(({ line }) => line);
  return `${summaryText(summary)} Class      Interval         Freq    Rel.Freq     Cum.Freq    \n${shown.join('')}`;
}

function summaryText({ count, mean, deviation, max, min, median, percentile95, mode }: Summary): string {
  return (
    ` N = ${String(count).padEnd(6)}  mean = ${mean.toFixed(DIGITS)}  stddev = ${deviation.toFixed(DIGITS)}` +
    `  max = ${number(max)}  min = ${number(min)}\n` +
    `           median = ${number(median).padStart(8)}     95% = ${number(percentile95)}\n` +
    (mode === null ? '' : `             mode = ${number(mode).padStart(10)}\n`)
  );
}

function number(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(DIGITS);
}

function classLine({ number: at, from, count }: HistogramClass, all: number, seen: number): string {
  const percent = (part: number): string => `${((100 * part) / all).toFixed(4)}%`;
  const interval = from.toExponential(DIGITS).replace(/e([+-])(\d)$/, 'e$10$2');
  return `${String(at).padStart(6)}    ${interval}${String(count).padStart(11)}${percent(count).padStart(12)}${percent(seen).padStart(13)}    \n`;
}
