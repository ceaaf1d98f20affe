/** `undercroft flow live`: conversations of the last seconds, once or again and again. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command, CommandCall } from '@undercroft/kernel';
import type { LiveSummary } from '../live/live-flows.ts';
import { isJson, LIMIT_OPTION, questionPath, short } from './options.ts';

type LiveAnswer = Omit<LiveSummary, 'timeUs'> & { readonly timeAt: string };

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
      // Ctrl-C ends the pause.
      await sleep(answer.windowS * 1000, undefined, { signal: call.signal }).catch(() => {});
      if (call.signal.aborted) return 0;
    }
  },
};

function show(call: CommandCall, { timeAt, conversations, bitsPerSecond, packetsPerSecond, top }: LiveAnswer): void {
  if (isJson(call)) {
    call.print(top.map((conversation) => ({ ...conversation })));
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
