/**
 * Keeps the console within its budgets, from the manifest of the last build:
 * first load (entry, shell and overview) at most 230 kB of JS and CSS by gzip, at most 250 kB as served (brotli, with
 * the two preloaded fonts); at most 40 kB by gzip for what one route alone needs, and for each part that routes share
 * (the table, the popups), which is loaded once.
 */
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
const FIRST_GZIP_BYTES = 230_000;
const FIRST_SERVED_BYTES = 250_000;
const ROUTE_GZIP_BYTES = 40_000;
const FIRST_PAGE = 'src/overview/page.tsx';

interface Chunk {
  readonly file: string;
  readonly src?: string;
  readonly isEntry?: boolean;
  readonly isDynamicEntry?: boolean;
  readonly imports?: readonly string[];
  readonly css?: readonly string[];
}
type Manifest = Readonly<Record<string, Chunk>>;

export interface SizeReport {
  readonly firstGzipBytes: number;
  readonly firstServedBytes: number;
  /** What each lazily loaded page or part adds to the first load, by gzip: alone, and with what it shares. */
  readonly routes: readonly { readonly name: string; readonly ownBytes: number; readonly withSharedBytes: number }[];
  /** Sentences about what is over its budget. */
  readonly over: readonly string[];
}

/** @throws Error when the console has not been built */
export function sizeReport(dist = DIST): SizeReport {
  const manifest = JSON.parse(readFileSync(`${dist}.vite/manifest.json`, 'utf8')) as Manifest;
  const sizeOf = (file: string, suffix: string) => statSync(`${dist}${file}${suffix}`).size;
  const entries = Object.entries(manifest)
    .filter(([, chunk]) => chunk.isEntry === true)
    .map(([key]) => key);
  const first = filesOf(manifest, [...entries, FIRST_PAGE]);
  const sum = (files: Iterable<string>, suffix: string) =>
    [...files].reduce((total, file) => total + sizeOf(file, suffix), 0);
  const html = readFileSync(`${dist}index.html`, 'utf8');
  const fonts = [...html.matchAll(/href="\/app\/([^"]+\.woff2)"/g)].map((match) => match[1] ?? '');
  const firstGzipBytes = sum(first, '.gz');
  const firstServedBytes = sum(first, '.br') + sum(fonts, '') + sizeOf('index.html', '.br') + sizeOf('theme.js', '.br');
  const added = Object.entries(manifest)
    .filter(([, chunk]) => chunk.isDynamicEntry === true && chunk.src !== undefined)
    .map(([key, chunk]) => ({
      name: chunk.src ?? key,
      files: [...filesOf(manifest, [key])].filter((file) => !first.has(file)),
    }));
  const users = Map.groupBy(
    added.flatMap(({ files }) => files),
    (file) => file,
  );
  const routes = added
    .map(({ name, files }) => ({
      name,
      ownBytes: sum(
        files.filter((file) => users.get(file)?.length === 1),
        '.gz',
      ),
      withSharedBytes: sum(files, '.gz'),
    }))
    .sort((one, other) => other.withSharedBytes - one.withSharedBytes);
  const shared = [...users].filter(([, list]) => list.length > 1).map(([file]) => [file, sizeOf(file, '.gz')] as const);
  const over = [
    ...(firstGzipBytes > FIRST_GZIP_BYTES
      ? [`First load is ${kB(firstGzipBytes)} by gzip; ${kB(FIRST_GZIP_BYTES)} is the budget.`]
      : []),
    ...(firstServedBytes > FIRST_SERVED_BYTES
      ? [`First load is ${kB(firstServedBytes)} as served with fonts; ${kB(FIRST_SERVED_BYTES)} is the budget.`]
      : []),
    ...[...routes.map(({ name, ownBytes }) => [name, ownBytes] as const), ...shared]
      .filter(([, bytes]) => bytes > ROUTE_GZIP_BYTES)
      .map(([name, bytes]) => `${name} has ${kB(bytes)} by gzip; ${kB(ROUTE_GZIP_BYTES)} is the budget.`),
  ];
  return { firstGzipBytes, firstServedBytes, routes, over };
}

/** Script and style files that these chunks need, with all they import. */
function filesOf(manifest: Manifest, keys: readonly string[]): Set<string> {
  const files = new Set<string>();
  const seen = new Set<string>();
  const visit = (key: string) => {
    const chunk = manifest[key];
    if (chunk === undefined || seen.has(key)) return;
    seen.add(key);
    if (/\.(js|css)$/.test(chunk.file)) files.add(chunk.file);
    for (const css of chunk.css ?? []) files.add(css);
    for (const imported of chunk.imports ?? []) visit(imported);
  };
  for (const key of keys) visit(key);
  return files;
}

function kB(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

if (import.meta.main) {
  const report = sizeReport();
  process.stdout.write(
    `first load ${kB(report.firstGzipBytes)} gzip, ${kB(report.firstServedBytes)} as served with fonts\n`,
  );
  for (const { name, ownBytes, withSharedBytes } of report.routes) {
    process.stdout.write(
      `  + ${kB(ownBytes).padStart(8)} alone, ${kB(withSharedBytes).padStart(8)} with what it shares  ${name}\n`,
    );
  }
  for (const line of report.over) process.stderr.write(`${line}\n`);
  process.exitCode = report.over.length > 0 ? 1 : 0;
}
