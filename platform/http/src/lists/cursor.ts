/**
 * Cursors: the position after the last item of a page, opaque to clients. A cursor carries the sort it was made for
 * and a checksum, so that a mangled one, or one of another list, is refused instead of misread. It is no secret and
 * grants nothing: its values go into bound parameters of a query that is restricted anyway.
 */
import { createHash } from 'node:crypto';
import { badRequest } from '@undercroft/kernel';

/** Numbers are whole: positions in columns of integers. */
export type CursorValue = string | number | null;
export type CursorShape = readonly ('string' | 'number' | 'string?' | 'number?')[];

const CHECK_CHARACTERS = 8;

/** @param scope what must be the same on the next request, such as the sort */
export function encodeCursor(values: readonly CursorValue[], scope = ''): string {
  const payload = Buffer.from(JSON.stringify(values)).toString('base64url');
  return checkOf(payload, scope) + payload;
}

/**
 * @param shape type of each value; `?` allows null
 * @returns undefined when there is no cursor
 * @throws UndercroftError `http.cursor` (400)
 */
export function decodeCursor(
  cursor: string | undefined,
  shape: CursorShape,
  scope = '',
): readonly CursorValue[] | undefined {
  if (cursor === undefined) return undefined;
  const payload = cursor.slice(CHECK_CHARACTERS);
  if (cursor.slice(0, CHECK_CHARACTERS) !== checkOf(payload, scope)) throw unreadable();
  const values = parse(Buffer.from(payload, 'base64url').toString());
  if (!Array.isArray(values) || values.length !== shape.length) throw unreadable();
  for (const [index, type] of shape.entries()) {
    const value: unknown = values[index];
    const fits = value === null ? type.endsWith('?') : typeof value === type.replace('?', '');
    if (!fits || (typeof value === 'number' && !Number.isSafeInteger(value))) throw unreadable();
  }
  return values as readonly CursorValue[];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function checkOf(payload: string, scope: string): string {
  return createHash('sha256').update(`${scope}\n${payload}`).digest('base64url').slice(0, CHECK_CHARACTERS);
}

function unreadable() {
  return badRequest(
    'http.cursor',
    'The cursor does not belong to this list with this sort.',
    'Start again without `cursor`, and keep the other parameters as they are from page to page.',
  );
}
