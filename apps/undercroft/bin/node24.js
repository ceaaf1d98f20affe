// The Node 24 that npm brought along, for what is started under another one.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { delimiter, dirname } from 'node:path';

const WANTED_MAJOR = 24;

export function isNode24() {
  return Number(process.versions.node.split('.')[0]) >= WANTED_MAJOR;
}

/** Path of the packaged Node, undefined where the platform has none. */
export function packagedNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  try {
    return createRequire(import.meta.url).resolve(`node-${platform}-${process.arch}/bin/node`);
  } catch {
    return undefined;
  }
}

export function whyNot() {
  return `undercroft: Node ${WANTED_MAJOR} or later is needed, this is ${process.version}, and npm has none for ${process.platform} ${process.arch}. Run "npm ci" again, or install Node ${WANTED_MAJOR}.`;
}

/** Starts this script again under Node 24 and ends with its exit code; returns when it already runs under it. */
export function requireNode24() {
  if (isNode24()) return;
  const node = packagedNode();
  if (node === undefined) {
    console.error(whyNot());
    process.exit(69);
  }
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
  process.exit(spawnSync(node, process.argv.slice(1), { stdio: 'inherit', env }).status ?? 70);
}
