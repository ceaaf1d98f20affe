/**
 * Kill: at random moments, while events come in, move to Parquet and are merged, the process that holds DuckDB is ended
 * with SIGKILL, or the one above it, or first one and then the other.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { DrillOptions, DrillResult } from './drill.ts';
import { checkEvents } from './events-state.ts';
import { killRounds } from './kill-rounds.ts';
import type { Random } from './random.ts';

export const EVENTS_WRITER = fileURLToPath(new URL('./events-writer.ts', import.meta.url));
/** The longest a writer runs after its first acknowledgement. */
const MAX_RUN_MS = 700;

export function run(options: DrillOptions): Promise<DrillResult> {
  return killRounds(options, {
    name: 'events kill',
    writes: 'events',
    killedWriter,
    acknowledges: (line) => line.startsWith('event '),
    check: checkEvents,
  });
}

/** @returns the lines it said before it was killed */
async function killedWriter(dataDir: string, seed: number, random: Random): Promise<readonly string[]> {
  const writer = spawn(process.execPath, [EVENTS_WRITER, dataDir, String(seed), '0'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise((resolve) => writer.once('close', resolve));
  const timers: NodeJS.Timeout[] = [];
  // Some die while they open the store.
  timers.push(setTimeout(() => writer.kill('SIGKILL'), random.below(10) === 0 ? random.below(900) : 60_000));
  const whom = random.below(3);
  const lines: string[] = [];
  const reader = createInterface({ input: writer.stdout });
  reader.on('line', (line) => {
    lines.push(line);
    const childPid = /^child (\d+)$/.exec(line)?.[1];
    if (childPid === undefined || timers.length > 1) return;
    const firstMs = random.below(MAX_RUN_MS);
    if (whom > 0) timers.push(setTimeout(() => kill(Number(childPid)), firstMs));
    timers.push(setTimeout(() => writer.kill('SIGKILL'), whom === 1 ? firstMs : firstMs + random.below(MAX_RUN_MS)));
  });
  await ended;
  for (const timer of timers) clearTimeout(timer);
  return lines;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
