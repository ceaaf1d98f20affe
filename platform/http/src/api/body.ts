/** Request bodies: JSON in UTF-8, of bounded size and depth. */
import type { IncomingMessage } from 'node:http';
import { badRequest, UndercroftError } from '@undercroft/kernel';

export const MAX_BODY_DEPTH = 64;
/** So much of a body that is too large is read and thrown away: a client that still sends misses an answer. */
export const MAX_DISCARDED_BYTES = 16_777_216;

/**
 * @returns undefined when the request has no body
 * @throws UndercroftError 413 `http.body-size`, 415 `http.body-type`, 400 `http.body-json`
 */
export async function readJsonBody(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const { headers } = request;
  const length = headers['content-length'];
  if (headers['transfer-encoding'] === undefined && (length === undefined || length === '0')) return undefined;
  if (length !== undefined && Number(length) > maxBytes + MAX_DISCARDED_BYTES) throw tooLarge(maxBytes);
  checkType(headers['content-type'], headers['content-encoding']);
  const bytes = await readAll(request, maxBytes);
  return bytes.length === 0 ? undefined : parseJson(bytes);
}

function checkType(type: string | undefined, encoding: string | undefined): void {
  const [media = '', ...parameters] = (type ?? '').toLowerCase().split(';');
  const charset = parameters.map((part) => part.trim()).find((part) => part.startsWith('charset='));
  const isJson = /^application\/(json|[a-z0-9.!#$&^_-]{1,60}\+json)$/.test(media.trim());
  const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
  if (isJson && isUtf8 && (encoding === undefined || encoding === 'identity')) return;
  throw new UndercroftError('http.body-type', 'The body must be JSON in UTF-8, without a content encoding.', {
    status: 415,
    fix: 'Send `Content-Type: application/json`.',
  });
}

async function readAll(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // Leaving the loop must not destroy the socket: the refusal is still to be sent over it.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes + MAX_DISCARDED_BYTES) break;
      if (size <= maxBytes) chunks.push(chunk);
      else chunks.length = 0;
    }
  } catch (cause) {
    throw new UndercroftError('http.body-cut', 'The body ended early.', { status: 400, cause });
  }
  if (size > maxBytes) throw tooLarge(maxBytes);
  return Buffer.concat(chunks, size);
}

/** @throws UndercroftError `http.body-json` (400) */
export function parseJson(bytes: Uint8Array): unknown {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw badRequest('http.body-json', 'The body is not UTF-8.');
  }
  if (depthOf(text) > MAX_BODY_DEPTH)
    throw badRequest('http.body-json', `The body is nested deeper than ${MAX_BODY_DEPTH}.`);
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw badRequest('http.body-json', `The body is not JSON: ${(error as Error).message}.`);
  }
  // A key `__proto__` would change what a copied object inherits. Escapes can write it in any way.
  if (/__proto__|\\u/.test(text) && hasProtoKey(value))
    throw badRequest('http.body-json', 'The body has a key "__proto__".');
  return value;
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === 0x5c) index += 1;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return deepest;
}

function hasProtoKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Object.hasOwn(value, '__proto__')) return true;
  return Object.values(value).some(hasProtoKey);
}

function tooLarge(maxBytes: number): UndercroftError {
  return new UndercroftError('http.body-size', `The body is larger than ${maxBytes} bytes.`, {
    status: 413,
    fix: 'Send less at once, or raise `http.limits.bodyBytes`.',
  });
}
