/** `undercroft metrics top`. */
import type { Command, ProcessRow } from '@undercroft/kernel';

export const command: Command = {
  name: 'top',
  summary: 'Shows the busiest processes.',
  examples: [{ line: 'undercroft metrics top --limit 5', does: 'shows the five busiest' }],
  options: { limit: { type: 'string', value: 'N', summary: 'how many', default: '20' } },
  async run({ client, options, print }) {
    const limit = Number(options['limit'] ?? 20);
    const { items } = await client.request<{ items: ProcessRow[] }>('GET', `/metrics/processes?limit=${limit}`);
    print(
      items.map((row) => ({
        pid: row.pid,
        user: row.user,
        'cpu %': row.cpuPercent,
        'memory MiB': Math.round(row.rssBytes / 1_048_576),
        'read KiB/s': Math.round(row.readBps / 1024),
        'write KiB/s': Math.round(row.writeBps / 1024),
        threads: row.threads,
        listens: row.listens.join(', '),
        command: row.command.slice(0, 100),
      })),
    );
    return 0;
  },
};
