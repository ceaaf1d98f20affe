/** Heads of HTTP/1 requests and answers. */
import { latin1Text, printable, spells } from '../reader.ts';

const MAX_HEAD_BYTES = 8192;
const MAX_HEADERS = 100;
const MAX_VALUE = 4096;
const METHODS = [
  'GET',
  'POST',
  'HEAD',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'CONNECT',
  'TRACE',
  'PROPFIND',
  'PROPPATCH',
  'MKCOL',
  'COPY',
  'MOVE',
  'LOCK',
  'UNLOCK',
  'REPORT',
  'SEARCH',
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'NOTIFY',
  'M-SEARCH',
  'BITS_POST',
  'CCM_POST',
  'RPC_IN_DATA',
  'RPC_OUT_DATA',
] as const;
const PREFACE = 'PRI * HTTP/2.0\r\n';
const PROXY_HEADERS: ReadonlySet<string> = new Set([
  'via',
  'x-forwarded-for',
  'forwarded',
  'x-forwarded-from',
  'proxy-connection',
  'proxy-authorization',
  'client-ip',
  'xroxy-connection',
]);

export interface HttpHead {
  /** `1.0`, `1.1`. */
  readonly version: string;
  /** Names in lower case; of several the last. */
  readonly headers: ReadonlyMap<string, string>;
  /** Names of headers that speak of proxies, as they came. */
  readonly proxied: readonly string[];
  /** Bytes up to the body; null where the head is cut. */
  readonly bytes: number | null;
}

export interface HttpRequest extends HttpHead {
  readonly kind: 'request';
  readonly method: string;
  readonly uri: string;
}

export interface HttpResponse extends HttpHead {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
}

/** Do the bytes begin with a method and a blank? */
export function isHttpRequest(bytes: Uint8Array): boolean {
  const first = bytes[0] ?? 0;
  if (first < 0x41 || first > 0x5a) return false;
  return METHODS.some((method) => spells(bytes, 0, method) && bytes[method.length] === 0x20);
}

export function isHttpResponse(bytes: Uint8Array): boolean {
  return spells(bytes, 0, 'HTTP/1.') || spells(bytes, 0, 'HTTP/0.9');
}

/** The preface of HTTP/2 in clear. */
export function isHttp2Preface(bytes: Uint8Array): boolean {
  return spells(bytes, 0, PREFACE);
}

/**
 * @param bytes from the first line on
 * @param mayBeCut the first line too: nothing more will come
 * @returns null where no message begins, or its first line is cut
 */
export function readHttp(bytes: Uint8Array, mayBeCut = false): HttpRequest | HttpResponse | null {
  const isResponse = isHttpResponse(bytes);
  if (!isResponse && !isHttpRequest(bytes)) return null;
  const text = latin1Text(bytes, 0, Math.min(bytes.length, MAX_HEAD_BYTES));
  const found = text.indexOf('\n');
  if (found < 0 && !mayBeCut) return null;
  const lineEnd = found < 0 ? text.length : found;
  const line = text.slice(0, lineEnd).trimEnd();
  const head = readHeaders(text, lineEnd + 1);
  return isResponse ? response(line, head) : request(line, head);
}

/** Bytes of the body that the head announces; 0 where it does not. */
export function announcedBytes({ headers }: HttpHead): number {
  const length = Number(headers.get('content-length') ?? 0);
  return Number.isSafeInteger(length) && length > 0 ? length : 0;
}

/** A media type without its parameters. */
export function mediaTypes({ headers }: HttpHead): readonly string[] | undefined {
  const value = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  return value === undefined || value === '' ? undefined : [value];
}

/** The name of Basic authentication; its password is left where it was. */
export function basicUser({ headers }: HttpHead): string | undefined {
  const value = headers.get('authorization');
  if (value === undefined || !/^basic /i.test(value)) return undefined;
  const decoded = Buffer.from(value.slice(6).trim(), 'base64').toString('latin1');
  const colon = decoded.indexOf(':');
  return colon <= 0 ? undefined : printable(decoded.slice(0, colon));
}

function request(line: string, head: HttpHead): HttpRequest | null {
  const blank = line.indexOf(' ');
  const last = line.lastIndexOf(' HTTP/');
  if (blank <= 0) return null;
  // HTTP/0.9 has no version.
  const uri = line.slice(blank + 1, last > blank - 1 && last >= 0 ? Math.max(last, blank + 1) : undefined);
  const version = last >= 0 ? line.slice(last + 6).trim() : '0.9';
  return { kind: 'request', method: line.slice(0, blank), uri: clean(uri.trim()), ...head, version: clean(version) };
}

function response(line: string, head: HttpHead): HttpResponse | null {
  const parts = /^HTTP\/(\S+)\s+(\d{3})\s?(.*)$/.exec(line);
  if (parts === null) return null;
  const [, version = '', status = '', reason = ''] = parts;
  return { kind: 'response', status: Number(status), reason: clean(reason), ...head, version };
}

function readHeaders(text: string, from: number): HttpHead {
  const headers = new Map<string, string>();
  const proxied: string[] = [];
  let at = from;
  let bytes: number | null = null;
  for (let count = 0; count <= MAX_HEADERS; count++) {
    const end = text.indexOf('\n', at);
    if (end < 0) break;
    const line = text.slice(at, end).trimEnd();
    at = end + 1;
    if (line === '') {
      bytes = at;
      break;
    }
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim();
    const lower = name.toLowerCase();
    headers.set(lower, clean(line.slice(colon + 1).trim()));
    if (PROXY_HEADERS.has(lower)) proxied.push(printable(name).toUpperCase());
  }
  return { version: '', headers, proxied, bytes };
}

function clean(text: string): string {
  return printable(text.length > MAX_VALUE ? text.slice(0, MAX_VALUE) : text);
}
