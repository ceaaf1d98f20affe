import { type Command, UndercroftError } from '@undercroft/kernel';

interface EventRow {
  readonly id: string;
  readonly timeAt: string;
  readonly severity: string;
  readonly class: string;
  readonly source: string;
  readonly message: string;
}

const FOLLOW_EVERY_MS = 1_000;
const COLUMNS = ['time', 'severity', 'source', 'class', 'message'];

export const command: Command = {
  name: 'events',
  summary: 'what happened: search, follow',
  positionals: [{ name: 'query', summary: 'words and key:value, as in the console', optional: true, many: true }],
  options: {
    from: { type: 'string', value: 'TIME', summary: 'ISO time; the last hour if absent' },
    to: { type: 'string', value: 'TIME', summary: 'ISO time; now if absent' },
    limit: { type: 'string', short: 'n', value: 'N', summary: 'at most so many, newest first', default: '100' },
    follow: { type: 'boolean', short: 'f', summary: 'go on as they happen, until Ctrl-C' },
  },
  examples: [
    { line: 'undercroft events severity:high', does: 'what was serious in the last hour' },
    { line: 'undercroft events class:authentication -f', does: 'sign-ins as they happen' },
  ],
  async run(call) {
    const limit = Number(call.options['limit']);
    if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
      throw new UndercroftError('cli.usage', '--limit takes a whole number from 1 to 1000', {
        fix: 'undercroft events --help',
      });
    const query = new URLSearchParams({
      limit: String(limit),
      from: (call.options['from'] as string | undefined) ?? new Date(Date.now() - 3_600_000).toISOString(),
    });
    if (call.positionals.length > 0) query.set('q', call.positionals.join(' '));
    if (typeof call.options['to'] === 'string') query.set('to', call.options['to']);
    const first = await call.client.request<{ items: readonly EventRow[] }>('GET', `/events?${query}`);
    if (!call.options['follow']) {
      call.print(first.items.map(shown), COLUMNS);
      return 0;
    }
    const seen = new Set<string>();
    const write = (items: readonly EventRow[]): void => {
      for (const event of [...items].reverse()) {
        if (seen.has(event.id)) continue;
        seen.add(event.id);
        call.stdout.write(
          call.options['output'] === 'json'
            ? `${JSON.stringify(event)}\n`
            : `${Object.values(shown(event)).join('  ')}\n`,
        );
      }
    };
    write(first.items);
    while (!call.signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, FOLLOW_EVERY_MS));
      if (call.signal.aborted) break;
      const last = first.items[0]?.timeAt;
      if (last !== undefined) query.set('from', last);
      write((await call.client.request<{ items: readonly EventRow[] }>('GET', `/events?${query}`)).items);
    }
    return 0;
  },
};

function shown(event: EventRow): Record<string, string> {
  return {
    time: event.timeAt.slice(0, 19),
    severity: event.severity,
    source: event.source,
    class: event.class,
    message: event.message.replace(/\p{Cc}/gu, ' '),
  };
}
