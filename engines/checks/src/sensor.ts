/** Native checks run in the sensor: what they read comes from the network. */
import { badRequest, type Context, type Running } from '@undercroft/kernel';
import { NATIVE_CHECKS } from './checks/kinds.ts';
import { attempt } from './engine/attempt.ts';

export async function start(context: Context): Promise<Running> {
  context.provide('checks.run', {
    async run({ kind, options, timeoutMs }) {
      const check = NATIVE_CHECKS.find((each) => each.kind === kind);
      if (check === undefined) throw badRequest('checks.kind', `There is no native check ${JSON.stringify(kind)}.`);
      return attempt((signal) => check.run(options as never, signal), timeoutMs, context.clock, context.signal);
    },
  });
  return {};
}
