/**
 * `npm run bench [-- NAME...]`: each engine beside a peer, or beside its aim, on the same work. A bench prints both
 * sides and the ratio; none of them is a test.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const all = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && name !== 'run.ts')
  .map((name) => name.slice(0, -3))
  .sort();
const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}; there are ${all.join(', ')}.`);
  process.exit(64);
}
let failed = false;
for (const name of chosen.length > 0 ? chosen : all) {
  console.log(`\n== ${name}`);
  failed = spawnSync(process.execPath, [`${folder}${name}.ts`], { stdio: 'inherit' }).status !== 0 || failed;
}
process.exit(failed ? 1 : 0);
