/** `undercroft metrics query CHART`. */
import type { Command, MetricsQueryResult } from '@undercroft/kernel';

export const command: Command = {
  name: 'query',
  summary: 'Shows the values of a chart.',
  examples: [
    { line: 'undercroft metrics query system.cpu --after -60', does: 'shows the last minute, a line a second' },
    {
      line: 'undercroft metrics query disk_space./ --after -86400 --points 24 --group max',
      does: 'shows the most of each hour of a day',
    },
  ],
  positionals: [{ name: 'chart', summary: 'the chart, as listed by `undercroft metrics charts`' }],
  options: {
    host: { type: 'string', value: 'NAME', summary: 'the host, if there are several' },
    after: {
      type: 'string',
      value: 'TIME',
      summary: 'from when: seconds before now (-600) or ISO 8601',
      default: '-600',
    },
    before: { type: 'string', value: 'TIME', summary: 'until when', default: '0' },
    points: { type: 'string', value: 'N', summary: 'at most so many lines; 0 is one a second', default: '20' },
    group: { type: 'string', value: 'HOW', summary: 'average, min, max, sum or last', default: 'average' },
    dimension: { type: 'string', value: 'NAME', many: true, summary: 'only this dimension (again for more)' },
  },
  async run({ client, positionals, options, print, stderr }) {
    const { dimension, host } = options;
    const result = await client.request<MetricsQueryResult>('POST', '/metrics/query', {
      charts: [positionals[0]],
      from: options['after'],
      to: options['before'],
      points: Number(options['points']),
      group: options['group'],
      ...(host === undefined ? {} : { host }),
      ...(dimension === undefined ? {} : { dimensions: dimension }),
    });
    const count = result.series[0]?.values.length ?? 0;
    const rows = Array.from({ length: count }, (_, i) => ({
      time: new Date((result.fromS + i * result.stepS) * 1000).toISOString().replace('.000Z', 'Z'),
      ...Object.fromEntries(result.series.map(({ dimension, values }) => [dimension, values[i] ?? null])),
    }));
    print(rows, ['time', ...result.series.map(({ dimension }) => dimension)]);
    for (const { fromS, toS, reason } of result.gaps) {
      stderr.write(`no samples from ${iso(fromS)} to ${iso(toS)}: ${reason}\n`);
    }
    return 0;
  },
};

function iso(second: number): string {
  return new Date(second * 1000).toISOString().replace('.000Z', 'Z');
}
