/** The arrows of the house: who may import whom. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'rolldown/utils';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FLOORS = ['platform', 'sources', 'engines', 'apps'] as const;
/** On the platform floor a package may import those named here, and nothing of the floor besides. */
const PLATFORM_ARROWS: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  store: ['kernel'],
  http: ['kernel'],
  identity: ['http', 'store', 'kernel'],
  inventory: ['http', 'store', 'kernel'],
  alerts: ['http', 'store', 'kernel'],
};
/** Inside a package: language below engine below edge. Pure layers may not reach what does I/O. */
const LAYERS = ['language', 'engine'];

interface Source {
  readonly path: string;
  readonly text: string;
}

interface Package {
  readonly floor: (typeof FLOORS)[number];
  readonly folder: string;
  readonly name: string;
  readonly dependencies: ReadonlySet<string>;
}

describe('the arrows of the house', () => {
  const packages = findPackages();
  const sources = packages
    .flatMap((each) => filesOf(join(ROOT, each.folder)))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));

  it('sees the sources at all', () => {
    expect(packages.map((each) => each.folder)).toContain('platform/kernel');
    expect(sources.length).toBeGreaterThan(50);
  });

  it.each([
    [
      'an engine that imports another',
      'engines/watch/src/x.ts',
      "import type { Chart } from '@undercroft/metrics';",
      'engines never import each other',
    ],
    [
      'an engine reaching into another by path',
      'engines/watch/src/x.ts',
      "import { x } from '../../metrics/src/index.ts';",
      'leaves its package',
    ],
    ['the platform looking up', 'platform/kernel/src/x.ts', "export * from '@undercroft/scan';", 'a lower floor'],
    [
      'the store using http',
      'platform/store/src/x.ts',
      "const x = await import('@undercroft/http');",
      'platform arrow',
    ],
    [
      'a dependency that is not declared',
      'engines/scan/src/x.ts',
      "import lodash from 'lodash';",
      'not in its package.json',
    ],
    [
      'pure code that reads files',
      'engines/scan/src/language/x.ts',
      "import { readFile } from 'node:fs/promises';",
      'language does no I/O',
    ],
    [
      'language that uses the engine',
      'engines/scan/src/language/x.ts',
      "import { y } from '../engine/y.ts';",
      'upper layer',
    ],
  ])('catches %s', (_what, path, text, reason) => {
    expect(violations([{ path, text }], packages).join()).toContain(reason);
  });

  it('holds', () => {
    expect(violations(sources, packages)).toEqual([]);
  });
});

function violations(sources: readonly Source[], packages: readonly Package[]): string[] {
  const byName = new Map(packages.map((each) => [each.name, each]));
  return sources.flatMap(({ path, text }) => {
    const own = packages.find((each) => path.startsWith(`${each.folder}/`)) as Package;
    return importsOf(path, text).flatMap((target) =>
      check(path, own, target, byName).map((reason) => `${path}: "${target}": ${reason}`),
    );
  });
}

function check(path: string, own: Package, target: string, byName: ReadonlyMap<string, Package>): string[] {
  const isTest = /\.(test|bench)\.tsx?$|\/(test|testing|drills)(\/|\.ts$)/.test(path);
  if (target.startsWith('.')) {
    const inside = relative(join(ROOT, own.folder), resolve(ROOT, dirname(path), target));
    if (inside.startsWith('..')) {
      return isWireAssembly(path, target) ? [] : ['leaves its package by path'];
    }
    return isTest ? [] : layers(path.slice(own.folder.length + 1), inside);
  }
  const name = target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
  if (target.startsWith('node:') || builtinModules.includes(name)) {
    const pure = /\/src\/language\//.test(path) && !isTest;
    return pure && !/^node:(assert|buffer|util|crypto|net)$/.test(target) ? ['language does no I/O'] : [];
  }
  const found: string[] = [];
  if (!own.dependencies.has(name) && !(isTest && rootDependencies().has(name)))
    found.push('is not in its package.json');
  const other = byName.get(name);
  if (other === undefined || other === own) return found;
  if (FLOORS.indexOf(other.floor) > FLOORS.indexOf(own.floor))
    found.push('points up: a lower floor imports a higher one');
  if (own.floor === 'engines' && other.floor === 'engines') found.push('engines never import each other');
  if (own.floor === 'apps' && other.floor === 'apps') found.push('apps never import each other');
  if (
    own.floor === 'platform' &&
    other.floor === 'platform' &&
    !PLATFORM_ARROWS[own.folder.split('/')[1] as string]?.includes(other.folder.split('/')[1] as string)
  ) {
    found.push('no such platform arrow');
  }
  return found;
}

/** One WebAssembly module is compiled from one set of sources: an engine's takes the decoder in, below its own. */
function isWireAssembly(path: string, target: string): boolean {
  const to = relative(ROOT, resolve(ROOT, dirname(path), target));
  return /^engines\/[^/]+\/assembly\//.test(path) && /^sources\/packet\/(assembly|src\/decode)\//.test(to);
}

/** `from` and `to` are paths inside one package. */
function layers(from: string, to: string): string[] {
  const layer = (path: string): number => {
    const index = LAYERS.indexOf(path.split('/')[1] as string);
    return index === -1 ? LAYERS.length : index;
  };
  return layer(to) > layer(from) ? ['a lower layer imports an upper layer'] : [];
}

function importsOf(path: string, text: string): string[] {
  const { module } = parseSync(path, text);
  const fixed = [...module.staticImports, ...module.staticExports.flatMap((each) => each.entries)]
    .map((each) => each.moduleRequest?.value)
    .filter((value) => value !== undefined);
  const lazy = module.dynamicImports
    .map((each) => /^['"`](.+)['"`]$/.exec(text.slice(each.moduleRequest.start, each.moduleRequest.end))?.[1])
    .filter((value) => value !== undefined);
  return [...new Set([...fixed, ...lazy])];
}

function findPackages(): Package[] {
  return FLOORS.filter((floor) => existsSync(join(ROOT, floor))).flatMap((floor) =>
    readdirSync(join(ROOT, floor), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => {
        const folder = `${floor}/${entry.name}`;
        const manifest = readManifest(join(ROOT, folder, 'package.json'));
        return {
          floor,
          folder,
          name: manifest.name,
          dependencies: new Set([
            ...Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }),
            manifest.name,
          ]),
        };
      }),
  );
}

interface Manifest {
  readonly name: string;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
}

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
}

function rootDependencies(): ReadonlySet<string> {
  return new Set(Object.keys(readManifest(join(ROOT, 'package.json')).devDependencies ?? {}));
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(
      (entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\/(node_modules|dist)(\/|$)/.test(entry.parentPath),
    )
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}
