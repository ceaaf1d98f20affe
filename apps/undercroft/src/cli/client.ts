/** A client of the running platform, signed in by `undercroft login` or `UNDERCROFT_TOKEN`. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type ApiClient, UndercroftError } from '@undercroft/kernel';

const DEFAULT_URL = 'http://127.0.0.1:7600';
const TIMEOUT_MS = 60_000;

interface SavedLogin {
  readonly url?: string;
  readonly token?: string;
}

export function connectClient(env: NodeJS.ProcessEnv, url: string | undefined, signal: AbortSignal): ApiClient {
  return {
    async request<T>(method: string, path: string, body?: unknown): Promise<T> {
      const saved = savedLogin(env);
      const base = (url ?? env['UNDERCROFT_URL'] ?? saved.url ?? DEFAULT_URL).replace(/\/+$/, '');
      // A saved token goes to the server it was made for, and to no other.
      const token =
        env['UNDERCROFT_TOKEN'] ??
        (saved.url === undefined || saved.url.replace(/\/+$/, '') === base ? saved.token : undefined);
      let response: Response;
      try {
        response = await fetch(`${base}/platform/v1${path}`, {
          method,
          headers: {
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
        });
      } catch (cause) {
        if (signal.aborted) throw signal.reason;
        const reason = (cause as { cause?: { code?: string } }).cause?.code ?? (cause as Error).message;
        throw new UndercroftError('cli.unreachable', `no answer from ${base}: ${reason}`, {
          fix: 'start it with "undercroft up", or give --url',
          cause,
        });
      }
      return (await read(response)) as T;
    },
  };
}

async function read(response: Response): Promise<unknown> {
  const text = await response.text();
  const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '');
  const value: unknown = isJson && text !== '' ? JSON.parse(text) : text;
  if (response.ok) return value;
  const problem = (typeof value === 'object' ? value : {}) as {
    code?: string;
    title?: string;
    detail?: string;
    fix?: string;
  };
  const fix = problem.fix ?? (response.status === 401 ? 'sign in with "undercroft login"' : undefined);
  throw new UndercroftError(
    problem.code ?? `http.${response.status}`,
    problem.detail ?? problem.title ?? `the server answered ${response.status}`,
    {
      status: response.status,
      ...(fix === undefined ? {} : { fix }),
    },
  );
}

function savedLogin(env: NodeJS.ProcessEnv): SavedLogin {
  try {
    const folder = env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config');
    return JSON.parse(readFileSync(join(folder, 'undercroft', 'client.json'), 'utf8')) as SavedLogin;
  } catch {
    // Nobody has signed in here.
    return {};
  }
}
