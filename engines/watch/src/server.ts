import type { Context, Running } from '@undercroft/kernel';
import { describeNewPort, portThatAppeared } from './engine/new-port.ts';
import type { WatchConfig } from './module.ts';

/** Ports waiting for their process to be known; a scan of a whole network brings many at once. */
const MAX_WAITING = 1_000;

export async function start(context: Context<WatchConfig>): Promise<Running> {
  const { config, clock, log } = context;
  const coverage = context.service('coverage');
  if (!config.newPort.enabled) {
    coverage.report({
      feature: 'New ports',
      state: 'off',
      text: 'nobody is told when a port opens',
      fix: 'set watch.newPort.enabled: true',
    });
    return {};
  }
  const events = context.service('events');
  const parts = {
    inventory: context.service('inventory'),
    host: context.service('host.inspect'),
    metrics: context.service('metrics.query'),
    clock,
    quietUs: config.newPort.quietS * 1e6,
  };
  const waiting = new Map<string, () => void>();
  let skipped = 0;
  const look = async (portId: string): Promise<void> => {
    waiting.delete(portId);
    try {
      const event = await describeNewPort(portId, parts);
      if (event !== undefined) events.publish(event);
    } catch (error) {
      log.warn({ err: error, port: portId }, 'a new port could not be looked into');
    }
  };
  const unsubscribe = events.subscribe(
    (event) => {
      const portId = portThatAppeared(event);
      if (portId === undefined || waiting.has(portId)) return;
      if (waiting.size >= MAX_WAITING) {
        skipped++;
        coverage.report({
          feature: 'New ports',
          state: 'warning',
          text: `${skipped} new ports were not looked into: too many at once`,
        });
        return;
      }
      waiting.set(
        portId,
        clock.after(config.newPort.settleS * 1000, () => void look(portId)),
      );
    },
    { classes: ['device_inventory_info', 'device_config_state_change'] },
  );
  return {
    async stop() {
      unsubscribe();
      for (const cancel of waiting.values()) cancel();
    },
  };
}
