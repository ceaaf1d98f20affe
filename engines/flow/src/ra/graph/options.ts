/** ragraph's own options, taken out of a command line that is otherwise ra's. */
import { ClientError } from '../options/settings.ts';

const MAX_SIDE = 10_000;
const MAX_PIXELS = 64_000_000;

export interface GraphOptions {
  readonly path: string;
  readonly title: string;
  readonly verticalLabel: string;
  readonly watermark: string;
  /** Of the plot, without what is written around it. */
  readonly width: number;
  readonly height: number;
  readonly zoom: number;
  readonly upper: number | null;
  readonly lower: number | null;
  readonly fill: boolean;
  readonly stack: boolean;
  readonly split: boolean;
  readonly invert: boolean;
  readonly log: boolean;
  readonly slope: boolean;
  readonly onlyGraph: boolean;
  readonly legend: boolean;
  readonly xGrid: boolean;
  readonly yGrid: boolean;
}

export interface GraphCommand {
  readonly options: GraphOptions;
  /** Metrics and objects. */
  readonly fields: readonly string[];
  /** The command line that remains for ra. */
  readonly rest: readonly string[];
}

/** With a value; those without an entry here are rrdtool's and change nothing. */
const VALUES: Readonly<Record<string, keyof GraphOptions>> = {
  '-w': 'path',
  '-title': 'title',
  '-vertical-label': 'verticalLabel',
  '-yaxis-label': 'verticalLabel',
  '-watermark': 'watermark',
  '-comment': 'watermark',
  '-width': 'width',
  '-height': 'height',
  '-zoom': 'zoom',
  '-upper': 'upper',
  '-upper-limit': 'upper',
  '-lower': 'lower',
  '-lower-limit': 'lower',
};
/** Naming one of these sets it to the value here; `-fill`, `-stack` and `-split` turn off, as ragraph(1) says. */
const SWITCHES: Readonly<Record<string, readonly [keyof GraphOptions, boolean]>> = {
  '-fill': ['fill', false],
  '-stack': ['stack', false],
  '-split': ['split', false],
  '-invert': ['invert', true],
  '-log': ['log', true],
  '-slope-mode': ['slope', true],
  '-only-graph': ['onlyGraph', true],
  '-no-legend': ['legend', false],
};
const WITHOUT_EFFECT = [
  '-rigid',
  '-alt-autoscale',
  '-alt-autoscale-max',
  '-no-gridfit',
  '-alt-y-grid',
  '-norrdwmark',
  '-units=si',
];
const VALUE_WITHOUT_EFFECT = [
  '-font',
  '-font-render-mode',
  '-font-smoothing-threshold',
  '-imginfo',
  '-units-exponent',
  '-units-length',
];
const NUMBERS: readonly (keyof GraphOptions)[] = ['width', 'height', 'zoom', 'upper', 'lower'];

const DEFAULTS: GraphOptions = {
  path: 'ragraph.png',
  title: '',
  verticalLabel: '',
  watermark: '',
  width: 800,
  height: 275,
  zoom: 1,
  upper: null,
  lower: null,
  fill: true,
  stack: true,
  split: true,
  invert: false,
  log: false,
  slope: false,
  onlyGraph: false,
  legend: true,
  xGrid: true,
  yGrid: true,
};

/** @throws ClientError for a value that is none */
export function graphCommand(argv: readonly string[]): GraphCommand {
  const set: Partial<Record<keyof GraphOptions, string | number | boolean>> = {};
  const fields: string[] = [];
  const rest: string[] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] as string;
    if (word === '-' || word === '--') {
      rest.push(...argv.slice(at));
      break;
    }
    const value = VALUES[word];
    const change = SWITCHES[word];
    if (value !== undefined) set[value] = optionValue(value, word, argv[++at]);
    else if (change !== undefined) set[change[0]] = change[1];
    else if (word === '-x-grid' || word === '-y-grid') {
      set[word === '-x-grid' ? 'xGrid' : 'yGrid'] = argv[++at] !== 'none';
    } else if (VALUE_WITHOUT_EFFECT.includes(word)) at += 1;
    else if (WITHOUT_EFFECT.includes(word)) continue;
    else if (rest.length === 0 && !word.startsWith('-')) fields.push(...word.split(/[ ,]+/));
    else {
      rest.push(word);
      // `-r -` is standard input, no end of the options.
      if (word === '-r' && argv[at + 1] === '-') rest.push(argv[++at] as string);
    }
  }
  const options = { ...DEFAULTS, ...set } as GraphOptions;
  checkSize(options);
  return { options, fields: fields.filter((field) => field !== ''), rest };
}

function optionValue(name: keyof GraphOptions, word: string, text: string | undefined): string | number {
  if (text === undefined) throw new ClientError(`${word} wants a value`);
  if (!NUMBERS.includes(name)) return text;
  const number = Number(text);
  if (!Number.isFinite(number)) throw new ClientError(`${word} wants a number, not ${text}`);
  return number;
}

function checkSize({ width, height, zoom }: GraphOptions): void {
  const isRight = width >= 10 && height >= 10 && width <= MAX_SIDE && height <= MAX_SIDE && zoom > 0;
  if (!isRight || width * height * zoom * zoom > MAX_PIXELS) {
    throw new ClientError(`a graph of ${width} by ${height} pixels times ${zoom} is not drawn`);
  }
}
