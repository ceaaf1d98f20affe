/** The console: files built beforehand, from this address alone. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { API_ROOT } from '../api/dispatcher.ts';

const PREFIX = '/app/';
const YEAR_S = 31_536_000;
/** Vite names its output by content, so that what has such a name never changes. */
const HASHED = /[/\\]assets[/\\][^/\\]+-[A-Za-z0-9_-]{8,}\.[a-z0-9]+(\.(br|gz))?$/;

export interface ConsoleOptions {
  /** Folder with `index.html`; undefined when it has not been built. */
  readonly dir: string | undefined;
  /** Takes every request that is no page or file of the console. */
  readonly otherwise: (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
}

/** Where the built console lies: as configured, or in the workspace's package. */
export function findConsole(configured: string | undefined): string | undefined {
  const dir = configured ?? fromPackage();
  return dir !== undefined && existsSync(join(dir, 'index.html')) ? dir : undefined;
}

function fromPackage(): string | undefined {
  try {
    return join(fileURLToPath(import.meta.resolve('@undercroft/console/package.json')), '..', 'dist');
  } catch {
    return undefined;
  }
}

export async function registerConsole(app: FastifyInstance, options: ConsoleOptions): Promise<void> {
  const { dir, otherwise } = options;
  for (const path of ['/', '/app']) app.get(path, (_request, reply) => reply.redirect(PREFIX, 302));
  const icon = ['favicon.ico', 'favicon.svg'].find((name) => dir !== undefined && existsSync(join(dir, name)));
  if (icon !== undefined) app.get('/favicon.ico', (_request, reply) => reply.redirect(PREFIX + icon, 302));
  if (dir !== undefined) {
    await app.register(fastifyStatic, {
      root: dir,
      prefix: PREFIX,
      preCompressed: true,
      dotfiles: 'ignore',
      cacheControl: false,
      setHeaders: (reply, path) => {
        reply.header('cache-control', HASHED.test(path) ? `public, max-age=${YEAR_S}, immutable` : 'no-cache');
      },
    });
  }
  app.setNotFoundHandler(async (request, reply) => {
    if (!isPage(request)) await otherwise(request, reply);
    else if (dir === undefined) reply.code(503).type('text/html; charset=utf-8').send(NOT_BUILT);
    else return reply.sendFile('index.html');
    return reply;
  });
}

/** Begins with a letter: an address of IP at the end of a path is none. */
const FILE_ENDING = /\.[a-z][^.]*$/i;

/** A path of the console's own router, not a file that is missing. */
function isPage(request: FastifyRequest): boolean {
  const [path = ''] = (request.raw.url ?? '').split('?', 1);
  const last = path.slice(path.lastIndexOf('/') + 1);
  return (request.method === 'GET' || request.method === 'HEAD') && path.startsWith(PREFIX) && !FILE_ENDING.test(last);
}

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Undercroft</title>
<h1>The console has not been built</h1>
<p>The platform runs, and its API answers at <a href="${API_ROOT}/health">${API_ROOT}/health</a>.
<p>To build the console, run <code>npm run prepare</code> in the folder of Undercroft, then start it again.
`;
