/** `undercroft metrics charts`. */
import type { Chart, Command } from '@undercroft/kernel';

export const command: Command = {
  name: 'charts',
  summary: 'Lists the charts.',
  examples: [{ line: 'undercroft metrics charts --context disk.space', does: 'lists the charts of filesystems' }],
  options: {
    host: { type: 'string', value: 'NAME', summary: 'only charts of this host' },
    context: { type: 'string', value: 'CONTEXT', summary: 'only charts of this kind, as system.cpu' },
  },
  async run({ client, options, print }) {
    const host = typeof options['host'] === 'string' ? `?host=${encodeURIComponent(options['host'])}` : '';
    const { items } = await client.request<{ items: Chart[] }>('GET', `/metrics/charts${host}`);
    const rows = items.filter(({ context }) => options['context'] === undefined || context === options['context']);
    print(
      rows.map(({ id, host, title, units, dimensions }) => ({
        chart: id,
        host,
        title,
        units,
        dimensions: dimensions.map(({ name }) => name).join(', '),
      })),
      ['chart', 'host', 'title', 'units', 'dimensions'],
    );
    return 0;
  },
};
