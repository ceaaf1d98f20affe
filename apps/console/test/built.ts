/** Builds the console for the browser tests, when its sources are newer than its output. */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LOCK = join(ROOT, 'node_modules', '.console-build');
const BUILD_TIMEOUT_MS = 60_000;

/** A copy of the built console, that no build takes away while a test uses it; the caller removes it. */
export async function copyOfBuilt(): Promise<string> {
  await ensureBuilt();
  const folder = mkdtempSync(join(tmpdir(), 'undercroft-console-'));
  cpSync(join(ROOT, 'dist'), folder, { recursive: true });
  return folder;
}

/** Two test files may ask at once: one builds, the other waits. */
async function ensureBuilt(): Promise<void> {
  const deadline = Date.now() + BUILD_TIMEOUT_MS;
  mkdirSync(join(ROOT, 'node_modules'), { recursive: true });
  while (isStale()) {
    if (tryLock()) {
      try {
        if (isStale()) await build();
        return;
      } finally {
        rmSync(LOCK, { recursive: true, force: true });
      }
    }
    if (Date.now() > deadline) throw new Error(`Another build has not ended; remove ${LOCK} if there is none.`);
    await wait(100);
  }
}

/** In a process of its own: a test runner's NODE_ENV would give React's development build. */
async function build(): Promise<void> {
  const vite = fileURLToPath(new URL('bin/vite.js', import.meta.resolve('vite/package.json')));
  await promisify(execFile)(process.execPath, [vite, 'build', '--logLevel', 'error'], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: 'production' },
  });
}

function tryLock(): boolean {
  try {
    mkdirSync(LOCK);
    return true;
  } catch {
    return false;
  }
}

function isStale(): boolean {
  const output = join(ROOT, 'dist', 'index.html');
  if (!existsSync(output)) return true;
  const builtMs = statSync(output).mtimeMs;
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  return [...sources, join(ROOT, 'index.html'), join(ROOT, 'vite.config.ts'), join(ROOT, 'public', 'theme.js')].some(
    (file) => statSync(file).mtimeMs > builtMs,
  );
}
