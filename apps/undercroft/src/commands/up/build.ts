/** `up` runs the bundle; when it is missing or older than the sources (a pull, an install without scripts), it is built first. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UndercroftError } from '@undercroft/kernel';

interface Build {
  stampOfSources(): Promise<string>;
  build(): Promise<void>;
}

/** @returns the script that runs a role */
export async function ensureBuilt(stderr: NodeJS.WriteStream): Promise<string> {
  if (process.env['UNDERCROFT_FROM_SOURCE'] !== undefined)
    return fileURLToPath(new URL('../../role.ts', import.meta.url));
  const root = checkoutRoot();
  const dist = new URL('apps/undercroft/dist/', root);
  const script = new URL('scripts/build.js', root);
  // An installed package has no sources beside it: what it ships is what runs.
  if (existsSync(script)) {
    const { stampOfSources, build } = (await import(script.href)) as Build;
    const stampFile = new URL('stamp', dist);
    const built = existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : undefined;
    if (built !== (await stampOfSources())) {
      stderr.write('undercroft: the sources are newer than the build; building (a few seconds)\n');
      try {
        await build();
      } catch (cause) {
        throw new UndercroftError('up.build', `the build failed: ${(cause as Error).message}`, {
          cause,
          fix: 'run "npm ci", or start from source with UNDERCROFT_FROM_SOURCE=1',
        });
      }
      // This very process may be of the old build: start again with the new one.
      if (import.meta.url.startsWith(dist.href)) restart();
    }
  }
  return fileURLToPath(new URL('role.js', dist));
}

function checkoutRoot(): URL {
  const own = import.meta.url;
  const marker = own.lastIndexOf('/apps/undercroft/');
  return new URL(own.slice(0, marker + 1));
}

/** The same process, with the same pid, terminal and signals, under the new build. Windows cannot: the old one goes on. */
function restart(): void {
  process.execve?.(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], process.env);
}
