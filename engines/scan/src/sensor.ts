/** Scans are run in the sensor: it sees the network and no secret. */
import { type Context, conflict, type Running, type ScanProgress } from '@undercroft/kernel';
import { network } from './edge/network.ts';
import { runScan } from './engine/scan.ts';
import { Scope } from './language/targets.ts';
import type { ScanConfig } from './module.ts';

const MAX_SCANS = 8;

export async function start(context: Context<ScanConfig>): Promise<Running> {
  const scope = new Scope(context.config.allowed, context.config.denied);
  const running = new Map<string, { readonly abort: AbortController; progress: ScanProgress | undefined }>();
  context.provide('scan.run', {
    async run(id, request) {
      if (running.size >= MAX_SCANS)
        throw conflict('scan.busy', `${MAX_SCANS} scans are running already.`, 'Wait for one to end, or cancel it.');
      const scan = { abort: new AbortController(), progress: undefined as ScanProgress | undefined };
      running.set(id, scan);
      try {
        return await runScan({
          id,
          request,
          world: network,
          clock: context.clock,
          signal: AbortSignal.any([context.signal, scan.abort.signal]),
          refusal: (address) => scope.refusal(address),
          progress(progress) {
            scan.progress = progress;
          },
        });
      } finally {
        running.delete(id);
      }
    },
    progress: async (id) => running.get(id)?.progress,
    async cancel(id) {
      running.get(id)?.abort.abort(new Error('cancelled'));
      return running.has(id);
    },
  });
  return {
    async stop() {
      for (const scan of running.values()) scan.abort.abort(new Error('stopping'));
    },
  };
}
