/** ragraph: figures of records over time as a picture, SVG or PNG. */
import { writeFileSync } from 'node:fs';
import type { Program } from '../program.ts';
import type { FlowRecord } from '../record/record.ts';
import { keySpec, maskAddresses } from './aggregate/keys.ts';
import { type Client, type ClientContext, runClient } from './client/run.ts';
import { say } from './client/say.ts';
import { styleOf } from './client/style.ts';
import { FIELDS } from './fields/table.ts';
import { chartScene } from './graph/chart.ts';
import { type Metric, metricOf } from './graph/metrics.ts';
import { type GraphCommand, graphCommand } from './graph/options.ts';
import { encodePng } from './graph/png.ts';
import { rasterOf } from './graph/raster.ts';
import type { Scene } from './graph/scene.ts';
import { OTHERS, SeriesTable } from './graph/series.ts';
import { svgOf } from './graph/svg.ts';
import { ClientError, type Settings } from './options/settings.ts';
import { Cell } from './text/cell.ts';
import { type BinRule, binRule } from './time/bins.ts';

const DEFAULT_OBJECTS = 10;
const MAX_NAME = 80;
/** Fields that ragraph(1) has other names for. */
const ALIASES: Readonly<Record<string, string>> = { addr: 'saddr', mac: 'smac', win: 'swin dwin', svc: 'sport dport' };
const BIN_WIDTH = /^\d+(?:\.\d+)?[smhdwMy]$/;

export const run: Program = async (argv, io) => {
  let command: GraphCommand;
  try {
    command = graphCommand(argv);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    say(io, 'ragraph', error.message);
    return error.exitCode;
  }
  return runClient('ragraph', command.rest, io, (context) => startRagraph(context, command));
};

function startRagraph(context: ClientContext, { options, fields }: GraphCommand): Client {
  const { settings, io, out } = context;
  const style = styleOf(settings);
  const words = [...fields.flatMap((field) => (ALIASES[field] ?? field).split(' ')), ...settings.masks];
  const metrics: Metric[] = [];
  const objects: string[] = [];
  for (const word of words) {
    const metric = metricOf(word, style);
    if (metric === null) objects.push(objectOf(word));
    else metrics.push(metric);
  }
  if (metrics.length === 0) throw new ClientError('name a metric to draw: bytes, sbytes dbytes, pkts, tcprtt, ...');
  const table = new SeriesTable(metrics, namer(objects, settings), ruleOf(settings));
  const most = Number.isFinite(settings.input.last) ? settings.input.last : DEFAULT_OBJECTS;
  // Of ragraph, -N counts objects.
  settings.input = { first: 0, last: Number.POSITIVE_INFINITY };
  return {
    record(record) {
      table.add(record);
      return true;
    },
    end() {
      if (table.tooLong > 0) say(io, 'ragraph', `${table.tooLong} records span too many bins and are not drawn`);
      const data = table.result(most);
      if (data === null) {
        out.text('no data\n');
        return;
      }
      const scene = chartScene({ data, metrics, hasObjects: objects.length > 0, options });
      write(options.path, scene, options.zoom, out);
    },
  };
}

/** @throws ClientError for a word that is neither a metric nor a key */
function objectOf(word: string): string {
  const name = word.split('/')[0] as string;
  if (name === 'label' || FIELDS.has(name)) return word;
  throw new ClientError(`${word} is no field`);
}

/** How records are told apart: by what ra prints of them in these columns. */
function namer(objects: readonly string[], settings: Settings): (record: FlowRecord) => string {
  if (objects.length === 0) return () => '';
  const masked = objects.filter((word) => /^[sd]addr\//.test(word));
  const spec = masked.length > 0 ? keySpec(masked) : null;
  const columns = objects.map((word) => FIELDS.get(word.split('/')[0] as string));
  const style = styleOf(settings);
  const cell = new Cell();
  const position = { offset: 0, rank: 0 };
  return (record) => {
    if (spec !== null) maskAddresses(record, spec);
    const texts = columns.map((field) => {
      cell.start(0);
      field?.write(cell, record, style, position);
      return cell.toString().trim();
    });
    const name = texts
      .filter((text) => text !== '')
      .join(' ')
      .slice(0, MAX_NAME);
    return name === '' ? 'none' : name === OTHERS ? `${OTHERS} ` : name;
  };
}

/** @returns null when no width is asked for @throws ClientError */
function ruleOf({ modes }: Settings): BinRule | null {
  const words = modes.flatMap((word, at) =>
    BIN_WIDTH.test(word) && modes[at - 1] !== 'time' ? ['time', word] : [word],
  );
  const found = binRule(words);
  if (found === null || !['all', 'time'].includes(found.rule.mode))
    throw new ClientError('-M wants a width of bins: -M 10s');
  if (found.rule.unit === 'M' || found.rule.unit === 'y')
    throw new ClientError('months are not even: -M wants s, m, h, d or w');
  return found.rule.mode === 'all' ? null : { ...found.rule, hard: false, zero: true, modify: true };
}

function write(path: string, scene: Scene, zoom: number, out: ClientContext['out']): void {
  const bytes = /\.svg$/i.test(path) ? Buffer.from(svgOf(scene, zoom)) : pngOf(scene, zoom);
  if (path === '-') out.write(bytes, 0, bytes.length);
  else writeFileSync(path, bytes);
}

function pngOf(scene: Scene, zoom: number): Buffer {
  const { width, height, rgb } = rasterOf(scene, zoom);
  return encodePng(width, height, rgb);
}
