#!/usr/bin/env node
// Plain JavaScript for whatever Node is in the path: it goes on under the Node 24 that npm brought along.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { isNode24, packagedNode, whyNot } from './node24.js';

if (isNode24()) {
  const built = new URL('../dist/main.js', import.meta.url);
  const useBuilt = process.env.UNDERCROFT_FROM_SOURCE === undefined && existsSync(built);
  await import(useBuilt ? built.href : new URL('../src/main.ts', import.meta.url).href);
} else {
  const node = packagedNode();
  if (node === undefined) {
    console.error(whyNot());
    process.exit(69);
  }
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both; any other signal reaches only this process and is passed on.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}
