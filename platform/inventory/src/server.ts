import type { Context, Running } from '@undercroft/kernel';
import { inventoryRoutes } from './api.ts';
import type { InventoryConfig } from './module.ts';
import { announcer } from './publish.ts';
import { InventoryService } from './service.ts';

const FLUSH_INTERVAL_MS = 60_000;

export async function start(context: Context<InventoryConfig>): Promise<Running> {
  const { config, clock, scheduler, log } = context;
  const http = context.service('http');
  const service = await InventoryService.open({
    control: context.service('store').control,
    clock,
    silentAfterUs: { host: config.silentAfterS.host * 1e6, '*': config.silentAfterS.other * 1e6 },
    announce: announcer(context.service('events'), http.live, globs(config.quietAttributes)),
    knownObservations: config.knownObservations,
  });
  http.routes(inventoryRoutes(service, clock));
  context.provide('inventory', service);
  scheduler.every('inventory.seen', FLUSH_INTERVAL_MS, () => service.flushSeen());
  return {
    async stop() {
      await service
        .flushSeen()
        .catch((error: unknown) => log.error({ error }, 'Could not write when assets were seen last.'));
    },
  };
}

function globs(patterns: readonly string[]): (text: string) => boolean {
  const expressions = patterns.map((pattern) => {
    const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`);
  });
  return (text) => expressions.some((expression) => expression.test(text));
}
