/**
 * The whole platform under write load, killed with all its processes at a random moment and started again: every change
 * that was acknowledged is there, and so is the audit line of each.
 */
import { seeded } from '../../platform/store/drills/random.ts';
import { descendants, type RunningPlatform, startPlatform } from '../e2e/platform.ts';
import type { DrillOptions } from './drill.ts';

const WRITERS = 8;
const MOST_MS = 1_500;

export async function run({ rounds, seed, log }: DrillOptions): Promise<{ rounds: number; failures: string[] }> {
  const failures: string[] = [];
  const random = seeded(seed);
  const acknowledged = new Set<string>();
  let platform = await startPlatform();
  try {
    for (let round = 1; round <= rounds; round++) {
      const stop = new AbortController();
      const writers = Array.from({ length: WRITERS }, () => write(platform, acknowledged, stop.signal));
      await new Promise((resolve) => setTimeout(resolve, 200 + random.next() * MOST_MS));
      killTree(platform.process.pid as number);
      stop.abort();
      await Promise.all(writers);
      platform = await startPlatform({ dataDir: platform.dataDir, port: Number(new URL(platform.url).port) });
      const kept = new Set(
        (await platform.api<{ items: readonly { id: string }[] }>('GET', '/checks')).items.map((check) => check.id),
      );
      const lost = [...acknowledged].filter((id) => !kept.has(id));
      const audited = await auditedAdditions(platform);
      if (lost.length > 0)
        failures.push(
          `round ${round}: ${lost.length} of ${acknowledged.size} acknowledged checks are gone, ${lost[0]} first`,
        );
      if (audited < acknowledged.size)
        failures.push(`round ${round}: ${acknowledged.size} acknowledged changes, but ${audited} audit lines`);
      log(`round ${round}: ${acknowledged.size} acknowledged, ${kept.size} kept, ${audited} audited`);
    }
  } finally {
    await platform.stop();
    platform.remove();
  }
  return { rounds, failures };
}

async function write(platform: RunningPlatform, acknowledged: Set<string>, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    try {
      const check = { name: 'drill', kind: 'tcp', options: { host: '127.0.0.1', port: 1 }, enabled: false };
      acknowledged.add((await platform.api<{ id: string }>('POST', '/checks', check)).id);
    } catch {
      // Killed under us: not acknowledged, so not owed.
      return;
    }
  }
}

async function auditedAdditions(platform: RunningPlatform): Promise<number> {
  const query = {
    classes: ['api_activity'],
    text: 'checks',
    filter: { op: 'eq', field: 'activity', value: 'create' },
    aggregates: [{ fn: 'count', as: 'count' }],
  };
  const { rows } = await platform.api<{ rows: readonly { count: number }[] }>('POST', '/events/query', query);
  return Number(rows[0]?.count ?? 0);
}

function killTree(pid: number): void {
  const family = [pid, ...descendants(pid)];
  for (const member of family) {
    try {
      process.kill(member, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}
