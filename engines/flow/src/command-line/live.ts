/** `undercroft flow live`: conversations of the last seconds, once or again and again. */
import type { Command, CommandCall } from '@undercroft/kernel';
import { isJson, LIMIT_OPTION, questionPath, short } from './options.ts';

interface LiveAnswer {
  readonly timeAt: string;
  readonly windowS: number;
  readonly conversations: number;
  readonly bitsPerSecond: number;
  readonly packetsPerSecond: number;
  readonly top: readonly {
    readonly source: string;
    readonly destination: string;
    readonly port: number | null;
    readonly protocol: string;
    readonly application: string | null;
    readonly bitsPerSecondOut: number;
    readonly bitsPerSecondIn: number;
    readonly packetsPerSecond: number;
    readonly state: string;
  }[];
}

export const command: Command = {
  name: 'live',
  summary: 'what goes on now',
  description: 'On a terminal, flow ratop shows records one by one.',
  options: {
    follow: { type: 'boolean', short: 'f', summary: 'again for each window, until Ctrl-C' },
    ...LIMIT_OPTION,
  },
  examples: [
    { line: 'undercroft flow live', does: 'the busiest conversations of the last seconds' },
    { line: 'undercroft flow live -f -n 5', does: 'the first five, again and again' },
  ],
  async run(call) {
    for (;;) {
      const answer = await call.client.request<LiveAnswer>('GET', questionPath('/flows/live', call, ['limit']));
      show(call, answer);
      if (call.options['follow'] !== true) return 0;
      await pause(answer.windowS * 1000, call.signal);
      if (call.signal.aborted) return 0;
    }
  },
};

function show(call: CommandCall, { timeAt, conversations, bitsPerSecond, packetsPerSecond, top }: LiveAnswer): void {
  if (isJson(call)) {
    call.print(top);
    return;
  }
  call.stderr.write(
    `${timeAt.slice(0, 19)}  ${conversations} conversations, ${short(bitsPerSecond)}bit/s, ${short(packetsPerSecond)} packets/s\n`,
  );
  call.print(
    top.map(({ bitsPerSecondOut, bitsPerSecondIn, packetsPerSecond: packets, ...rest }) => ({
      ...rest,
      'out bit/s': short(bitsPerSecondOut),
      'in bit/s': short(bitsPerSecondIn),
      'packets/s': short(packets),
    })),
  );
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
