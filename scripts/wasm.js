// Compiles the AssemblyScript of every package (`assembly/index.ts`) to `dist/<package>.wasm` beside it, where it is stale.
// Plain JavaScript: npm may call it under an older Node than ours.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FLOORS = ['sources', 'engines'];
const OPTIONS = ['--runtime', 'stub', '--enable', 'simd', '--enable', 'bulk-memory', '-O3', '--noAssert'];
/** Imports and re-exports of a module by path. */
const IMPORT = /\bfrom\s+'(\.{1,2}\/[^']+)'/g;

/** Packages with AssemblyScript: where it starts and where its module goes. */
export function wasmTargets() {
  return FLOORS.flatMap((floor) =>
    existsSync(join(ROOT, floor))
      ? readdirSync(join(ROOT, floor)).map((name) => ({
          entry: join(ROOT, floor, name, 'assembly/index.ts'),
          output: join(ROOT, floor, name, 'dist', `${name}.wasm`),
        }))
      : [],
  ).filter(({ entry }) => existsSync(entry));
}

/** @returns the outputs that had to be compiled */
export async function buildWasm() {
  const compiled = [];
  for (const { entry, output } of wasmTargets()) {
    const stamp = stampOf(entry);
    if (existsSync(output) && existsSync(`${output}.stamp`)) {
      if ((await readFile(`${output}.stamp`, 'utf8')) === stamp) continue;
    }
    await compile(entry, output);
    await writeFile(`${output}.stamp`, stamp);
    compiled.push(output);
  }
  return compiled;
}

async function compile(entry, output) {
  const { main } = await import('assemblyscript/asc');
  await mkdir(dirname(output), { recursive: true });
  // Two builds at once must not write into each other.
  const next = `${output}.${process.pid}`;
  const { error, stderr } = await main([entry, '--outFile', next, '--baseDir', ROOT, ...OPTIONS]);
  if (error) throw new Error(`${entry} does not compile:\n${stderr.toString()}`);
  await rename(next, output);
}

/** A hash of the entry and of all that it imports. */
function stampOf(entry) {
  const hash = createHash('sha256').update(OPTIONS.join(' '));
  const seen = new Set();
  const visit = (file) => {
    if (seen.has(file)) return;
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    hash.update(text);
    for (const [, target] of text.matchAll(IMPORT)) {
      const path = join(dirname(file), target);
      const found = [path, `${path}.ts`].find((each) => each.endsWith('.ts') && existsSync(each));
      if (found) visit(found);
    }
  };
  visit(entry);
  return hash.digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildWasm();
