import type { Command, CommandCall } from '@undercroft/kernel';

interface ProblemItem {
  readonly id: string;
  readonly state: string;
  readonly hard: boolean;
  readonly title: string;
  readonly source: string;
  readonly openedAt: string;
  readonly closedAt?: string;
  readonly acknowledged?: { readonly by: string };
  readonly downtime?: { readonly untilAt: string };
  readonly flapping: boolean;
  readonly behind?: string;
}

interface HistoryItem {
  readonly timeAt: string;
  readonly kind: string;
  readonly text: string;
  readonly by?: string;
}

const PAGE = 200;
const ID = { name: 'id', summary: 'id of the problem; several take it all at once', many: true };
const COMMENT = { type: 'string', short: 'm', value: 'TEXT', summary: 'why' } as const;
const SPAN_S: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400, w: 604_800 };

export const command: Command = {
  name: 'problems',
  summary: 'List problems, acknowledge, comment, plan downtime.',
  examples: [
    { line: 'undercroft problems', does: 'what is open now' },
    { line: 'undercroft problems --all --output json', does: 'closed ones too, as JSON' },
    {
      line: 'undercroft problems ack 01K5QJ3V7N8Y2M4X6Z0A1B2C3D -m "on it"',
      does: 'tells the others that you are at it',
    },
    {
      line: 'undercroft problems downtime 01K5QJ3V7N8Y2M4X6Z0A1B2C3D --for 2h -m "disk swap"',
      does: 'two hours of quiet',
    },
  ],
  positionals: [{ name: 'words', summary: 'words in title, rule or subject', optional: true, many: true }],
  options: {
    all: { type: 'boolean', short: 'a', summary: 'closed ones too' },
    state: { type: 'string', value: 'STATE', summary: 'notice, warning, critical, unknown; several with commas' },
    asset: { type: 'string', value: 'ID', summary: 'only about this asset' },
    limit: { type: 'string', short: 'n', value: 'COUNT', summary: 'at most so many', default: '100' },
  },
  subcommands: [
    { name: 'show', summary: 'Show a problem with its history.', load: async () => ({ command: show }) },
    { name: 'ack', summary: 'Acknowledge problems.', load: async () => ({ command: ack }) },
    { name: 'unack', summary: 'Take acknowledgements back.', load: async () => ({ command: unack }) },
    { name: 'comment', summary: 'Comment on a problem.', load: async () => ({ command: comment }) },
    { name: 'downtime', summary: 'Put problems into downtime.', load: async () => ({ command: downtime }) },
  ],
  async run(call) {
    const limit = Number(call.options.limit ?? 100);
    if (!Number.isInteger(limit) || limit < 1)
      return wrong(call, `--limit wants a whole number from 1, not ${String(call.options.limit)}`);
    const problems = await list(call, limit);
    call.print(
      problems.map((problem) => ({
        id: problem.id,
        state: problem.closedAt === undefined ? problem.state : 'closed',
        title: problem.title,
        source: problem.source,
        openedAt: problem.openedAt,
        note: noteOf(problem),
      })),
      ['id', 'state', 'title', 'source', 'openedAt', 'note'],
    );
    return 0;
  },
};

const show: Command = {
  name: 'show',
  summary: 'Show a problem with its history.',
  positionals: [{ name: 'id', summary: 'id of the problem' }],
  async run(call) {
    const path = `/problems/${encodeURIComponent(call.positionals[0] ?? '')}`;
    const { history, ...problem } = await call.client.request<ProblemItem & { history: HistoryItem[] }>('GET', path);
    const lines = history.map(
      ({ timeAt, kind, text, by }) => `${timeAt} ${kind}${by === undefined ? '' : ` by ${by}`}: ${text}`,
    );
    call.printOne({ ...problem, history: lines });
    return 0;
  },
};

const ack: Command = {
  name: 'ack',
  summary: 'Acknowledge problems: no more notifications until they change.',
  positionals: [ID],
  options: {
    comment: COMMENT,
    sticky: { type: 'boolean', short: 's', summary: 'until it is ok, whatever state it takes' },
    for: { type: 'string', value: 'SPAN', summary: 'only for so long: 30m, 4h, 2d' },
  },
  async run(call) {
    const spanS = spanOf(call.options.for);
    if (spanS === null) return wrong(call, '--for wants a span such as 30m, 4h or 2d');
    const body = {
      ...(typeof call.options.comment === 'string' ? { comment: call.options.comment } : {}),
      ...(call.options.sticky === true ? { sticky: true } : {}),
      ...(spanS === undefined ? {} : { expiresAt: inFuture(spanS) }),
    };
    return each(call, (id) => call.client.request('POST', `/problems/${id}/acknowledge`, body), 'acknowledged');
  },
};

const unack: Command = {
  name: 'unack',
  summary: 'Take acknowledgements back.',
  positionals: [ID],
  run: (call) =>
    each(call, (id) => call.client.request('DELETE', `/problems/${id}/acknowledge`), 'not acknowledged any more'),
};

const comment: Command = {
  name: 'comment',
  summary: 'Comment on a problem.',
  positionals: [
    { name: 'id', summary: 'id of the problem' },
    { name: 'text', summary: 'the comment', many: true },
  ],
  async run(call) {
    const [id = '', ...words] = call.positionals;
    await call.client.request('POST', `/problems/${encodeURIComponent(id)}/comment`, { text: words.join(' ') });
    return 0;
  },
};

const downtime: Command = {
  name: 'downtime',
  summary: 'Put problems into downtime from now on.',
  positionals: [ID],
  options: {
    for: { type: 'string', value: 'SPAN', summary: 'how long: 30m, 4h, 2d', default: '1h' },
    comment: COMMENT,
  },
  async run(call) {
    const spanS = spanOf(call.options.for ?? '1h');
    if (spanS === null || spanS === undefined) return wrong(call, '--for wants a span such as 30m, 4h or 2d');
    const body = {
      untilAt: inFuture(spanS),
      comment: typeof call.options.comment === 'string' ? call.options.comment : '',
    };
    return each(
      call,
      (id) => call.client.request('POST', `/problems/${id}/downtime`, body),
      `in downtime until ${body.untilAt}`,
    );
  },
};

async function list(call: CommandCall, limit: number): Promise<ProblemItem[]> {
  const problems: ProblemItem[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({ limit: String(Math.min(PAGE, limit - problems.length)) });
    if (call.options.all !== true) query.set('open', 'true');
    if (typeof call.options.state === 'string') query.set('state', call.options.state);
    if (typeof call.options.asset === 'string') query.set('asset', call.options.asset);
    if (call.positionals.length > 0) query.set('q', call.positionals.join(' '));
    if (cursor !== undefined) query.set('cursor', cursor);
    const page = await call.client.request<{ items: ProblemItem[]; next?: string }>('GET', `/problems?${query}`);
    problems.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined && problems.length < limit);
  return problems;
}

/** Does it to each, goes on after a failure. @returns exit code 1 if one failed */
async function each(call: CommandCall, act: (id: string) => Promise<unknown>, done: string): Promise<number> {
  let failed = 0;
  for (const id of call.positionals) {
    try {
      await act(encodeURIComponent(id));
      call.stdout.write(`${id} ${done}\n`);
    } catch (error) {
      failed++;
      call.stderr.write(`${id}: ${(error as Error).message}\n`);
    }
  }
  return failed === 0 ? 0 : 1;
}

function noteOf(problem: ProblemItem): string {
  const notes = [
    problem.hard ? '' : 'soft',
    problem.acknowledged === undefined ? '' : `acknowledged by ${problem.acknowledged.by}`,
    problem.downtime === undefined ? '' : `downtime until ${problem.downtime.untilAt}`,
    problem.flapping ? 'flapping' : '',
    problem.behind === undefined ? '' : `behind ${problem.behind}`,
  ];
  return notes.filter((note) => note !== '').join(', ');
}

/** Undefined when nothing was given, null when it is no span. */
function spanOf(text: unknown): number | null | undefined {
  if (text === undefined) return undefined;
  const [, number, unit] = /^(\d{1,6})([mhdw])$/.exec(String(text)) ?? [];
  return number === undefined ? null : Number(number) * (SPAN_S[unit as string] as number);
}

/** The terminal's own clock: the span is the person's. */
function inFuture(spanS: number): string {
  return new Date(Date.now() + spanS * 1000).toISOString();
}

function wrong(call: CommandCall, message: string): number {
  call.stderr.write(`${message}\n`);
  return 2;
}
