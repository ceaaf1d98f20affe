// Builds what `npm start` runs: the bundle of the daemon and its command, and the console with its compressed assets.
// Plain JavaScript: npm may call it under an older Node than ours.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildWasm, wasmTargets } from './wasm.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCE_FOLDERS = ['apps', 'engines', 'sources', 'platform', 'scripts'];
const SKIP = new Set(['node_modules', 'dist', 'test', 'drills', 'fixtures']);
const DIST = join(ROOT, 'apps/undercroft/dist');
/** The script of a role process, by the name under which `up` starts it. */
const ROLE = 'apps/undercroft/src/role.ts';
const CONSOLE = join(ROOT, 'apps/console');
/** Native addons, which no bundle can hold. */
const EXTERNAL = [/^@duckdb\//, /^koffi$/, /^pg-native$/];
/** How a source names a WebAssembly module, and a script that runs in a process or thread of its own. */
const WASM_URL = /new URL\(\s*'[^']+\/dist\/([a-z]+\.wasm)',\s*import\.meta\.url\s*,?\s*\)/g;
const SCRIPT_URL = /new URL\(\s*'(\.{1,2}\/[^']+\.ts)',\s*import\.meta\.url\s*,?\s*\)/g;

/** What a build was made of: a hash of every source and the lock. */
export async function stampOfSources() {
  const hash = createHash('sha256');
  for (const path of await sources())
    hash
      .update(path)
      .update('\0')
      .update(await readFile(join(ROOT, path)));
  hash.update(await readFile(join(ROOT, 'package-lock.json')));
  return hash.digest('hex');
}

/** True when the tools that build are installed (`npm ci --omit=dev` leaves them out). */
export function canBuild() {
  return existsSync(join(ROOT, 'node_modules/rolldown')) && existsSync(join(ROOT, 'node_modules/vite'));
}

export async function build() {
  const stamp = await stampOfSources();
  await buildWasm();
  await Promise.all([bundleDaemon(), bundleConsole()]);
  await writeFile(join(DIST, 'stamp'), stamp);
}

async function bundleDaemon() {
  const { rolldown } = await import('rolldown');
  const scripts = await ownScripts();
  // Two builds at once must not write into each other.
  const next = `${DIST}.${process.pid}`;
  const bundle = await rolldown({
    input: {
      main: join(ROOT, 'apps/undercroft/src/main.ts'),
      ...Object.fromEntries([...scripts].map(([path, name]) => [name, path])),
    },
    platform: 'node',
    external: EXTERNAL,
    plugins: [scriptUrls(scripts)],
    logLevel: 'silent',
  });
  await rm(next, { recursive: true, force: true });
  await bundle.write({
    dir: next,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    minify: { mangle: false, compress: true, codegen: { removeWhitespace: true } },
  });
  await bundle.close();
  for (const { output } of wasmTargets()) await copyFile(output, join(next, basename(output)));
  await swap(next, DIST);
}

async function bundleConsole() {
  const configFile = join(CONSOLE, 'vite.config.ts');
  if (!existsSync(configFile)) return;
  process.env.NODE_ENV = 'production';
  const { build: viteBuild } = await import('vite');
  const next = `${CONSOLE}/dist.${process.pid}`;
  await viteBuild({ root: CONSOLE, configFile, logLevel: 'error', build: { outDir: next, emptyOutDir: true } });
  await swap(next, join(CONSOLE, 'dist'));
}

/** Puts a finished folder in the place of another, which a running server may be reading. */
async function swap(next, place) {
  const old = `${next}.old`;
  if (existsSync(place)) await rename(place, old);
  await rename(next, place);
  await rm(old, { recursive: true, force: true });
}

/** Every script that a source starts by its URL, and its name in the bundle. */
async function ownScripts() {
  const scripts = new Map();
  for (const path of await sources()) {
    if (!path.endsWith('.ts') || path.startsWith('apps/console/') || path.endsWith('.test.ts')) continue;
    const file = join(ROOT, path);
    for (const [, target] of (await readFile(file, 'utf8')).matchAll(SCRIPT_URL)) {
      const script = join(file, '..', target);
      if (!existsSync(script)) continue;
      const path = relative(ROOT, script);
      const name = path.replace('/src/', '-').replace(/\.ts$/, '').replaceAll('/', '-');
      scripts.set(script, path === ROLE ? 'role' : name);
    }
  }
  return scripts;
}

/** In the bundle everything lies in one folder, so a script's URL becomes its name there. */
function scriptUrls(scripts) {
  return {
    name: 'script-urls',
    transform(code, id) {
      if (!code.includes('import.meta.url')) return null;
      return code
        .replace(WASM_URL, (_, name) => `new URL('./${name}', import.meta.url)`)
        .replace(SCRIPT_URL, (whole, target) => {
          const name = scripts.get(join(id, '..', target));
          return name === undefined ? whole : `new URL('./${name}.js', import.meta.url)`;
        });
    },
  };
}

async function sources() {
  const found = [];
  const walk = async (folder) => {
    for (const entry of await readdir(join(ROOT, folder), { withFileTypes: true })) {
      if (SKIP.has(entry.name) || /^(\.|dist\.)/.test(entry.name)) continue;
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) await walk(path);
      else if (entry.isFile() && !entry.name.includes('.test.')) found.push(path);
    }
  };
  for (const folder of SOURCE_FOLDERS) if (existsSync(join(ROOT, folder))) await walk(folder);
  return found.sort();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await mkdir(DIST, { recursive: true });
  await build();
}
