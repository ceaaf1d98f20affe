/**
 * The one way to the platform's API: JSON in and out, problem details as errors, the CSRF header on changes.
 * Paths are below `/platform/v1`: `api.get<Page>('/assets', { q: 'type:host' })`.
 */

const ROOT = '/platform/v1';
const CSRF_HEADER = 'x-undercroft-csrf';
const TIMEOUT_MS = 30_000;

export type Params = Readonly<Record<string, string | number | boolean | undefined | null>>;

/** RFC 9457 problem details as the platform sends them. */
export interface ProblemDetails {
  readonly title?: string;
  readonly detail?: string;
  readonly status?: number;
  readonly code?: string;
  readonly fix?: string;
  readonly requestId?: string;
  readonly retryAt?: string;
  readonly errors?: readonly { readonly path?: string; readonly message: string }[];
}

/** A request that did not give what was asked for. `status` is 0 when no answer came at all. */
export class ApiProblem extends Error {
  readonly status: number;
  /** Stable, to decide by: `identity.link-used`, `network`, `timeout`. */
  readonly code: string;
  /** What to do about it, when the platform knows. */
  readonly fix: string | undefined;
  readonly requestId: string | undefined;
  readonly retryAt: string | undefined;
  readonly path: string;
  readonly method: string;
  readonly details: ProblemDetails;

  constructor(method: string, path: string, status: number, details: ProblemDetails) {
    super(details.detail ?? details.title ?? `The server answered ${status}.`);
    this.name = 'ApiProblem';
    this.method = method;
    this.path = path;
    this.status = status;
    this.code = details.code ?? `http.${status}`;
    this.fix = details.fix;
    this.requestId = details.requestId;
    this.retryAt = details.retryAt;
    this.details = details;
  }
}

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  /** 401 answers go to the caller instead of to the sign-in page. */
  readonly allowUnauthorized?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

let csrfToken: string | undefined;
let onUnauthorized: () => void = () => {};

/** The session's token against forged requests; changes carry it. */
export function setCsrf(token: string | undefined): void {
  csrfToken = token;
}

/** Called when the session has ended: the app leads to the sign-in page and keeps the address. */
export function whenUnauthorized(listener: () => void): void {
  onUnauthorized = listener;
}

export const api = {
  get: <T>(path: string, params?: Params, options?: RequestOptions) =>
    request<T>('GET', path, params, undefined, options),
  post: <T = void>(path: string, body?: unknown, options?: RequestOptions) =>
    request<T>('POST', path, undefined, body, options),
  put: <T = void>(path: string, body?: unknown, options?: RequestOptions) =>
    request<T>('PUT', path, undefined, body, options),
  patch: <T = void>(path: string, body?: unknown, options?: RequestOptions) =>
    request<T>('PATCH', path, undefined, body, options),
  delete: <T = void>(path: string, body?: unknown, options?: RequestOptions) =>
    request<T>('DELETE', path, undefined, body, options),
  /** The address of a path, for downloads and links. */
  url: (path: string, params?: Params) => `${ROOT}${path}${queryString(params)}`,
};

async function request<T>(
  method: string,
  path: string,
  params: Params | undefined,
  body: unknown,
  options: RequestOptions = {},
): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json', ...options.headers };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (method !== 'GET' && csrfToken !== undefined) headers[CSRF_HEADER] = csrfToken;
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  let response: Response;
  try {
    response = await fetch(`${ROOT}${path}${queryString(params)}`, {
      method,
      headers,
      credentials: 'same-origin',
      signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiProblem(
      method,
      path,
      0,
      timeout.aborted
        ? {
            code: 'timeout',
            detail: `The server did not answer within ${TIMEOUT_MS / 1000} s.`,
            fix: 'Try again, or ask for less.',
          }
        : {
            code: 'network',
            detail: 'The server cannot be reached.',
            fix: 'Check that undercroft is running and the network is up.',
          },
    );
  }
  if (response.ok) return (await readBody(response)) as T;
  const details = await readProblem(response);
  if (response.status === 401 && options.allowUnauthorized !== true) onUnauthorized();
  throw new ApiProblem(method, path, response.status, details);
}

async function readBody(response: Response): Promise<unknown> {
  if (response.status === 204 || response.headers.get('content-length') === '0') return undefined;
  const type = response.headers.get('content-type') ?? '';
  if (type.includes('json')) return response.json();
  return response.text();
}

async function readProblem(response: Response): Promise<ProblemDetails> {
  const requestId = response.headers.get('x-request-id');
  const base = requestId === null ? {} : { requestId };
  const type = response.headers.get('content-type') ?? '';
  if (!type.includes('json')) return base;
  try {
    return { ...base, ...((await response.json()) as ProblemDetails) };
  } catch {
    return base;
  }
}

function queryString(params: Params | undefined): string {
  if (params === undefined) return '';
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}
