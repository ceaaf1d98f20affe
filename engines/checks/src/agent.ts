/** Plugins run in the agent: they are programs of this host and look at it. */
import { badRequest, type Context, type Running } from '@undercroft/kernel';
import { runPlugin } from './checks/plugin/run.ts';
import { attempt } from './engine/attempt.ts';

export async function start(context: Context): Promise<Running> {
  context.provide('plugins.run', {
    async run({ options, timeoutMs }) {
      const { command } = options;
      if (!Array.isArray(command) || command.length === 0 || !command.every((word) => typeof word === 'string')) {
        throw badRequest('checks.command', 'A plugin needs its command as a list of words.');
      }
      return attempt((signal) => runPlugin(command, signal), timeoutMs, context.clock, context.signal);
    },
  });
  return {};
}
