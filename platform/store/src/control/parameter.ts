import { badRequest, UndercroftError } from '@undercroft/kernel';

/** What a query parameter may be once bound. */
export type Bound = string | number | bigint | null | Uint8Array;

/**
 * The same values bind in both dialects, and the same ones are refused: booleans become 0 and 1, everything that
 * needs an encoding of its own (objects, dates) is the caller's to encode. Text holds no NUL: PostgreSQL cannot keep
 * one, and text comes from requests as it is, so this alone is the request's fault.
 *
 * @throws UndercroftError `store.parameter`, `store.text` (400)
 */
export function bindParameter(value: unknown): Bound {
  switch (typeof value) {
    case 'string':
      if (value.includes('\0')) throw textWithNul();
      return value;
    case 'bigint':
      return value;
    case 'boolean':
      return value ? 1 : 0;
    case 'number':
      if (Number.isNaN(value)) throw wrongParameter('NaN');
      return value;
    case 'object':
      if (value === null) return null;
      if (value instanceof Uint8Array) return value;
  }
  throw wrongParameter(value === undefined ? 'undefined' : Object.prototype.toString.call(value));
}

function textWithNul(): UndercroftError {
  return badRequest('store.text', 'A text holds a NUL character (U+0000), which cannot be kept.', 'Leave it out.');
}

function wrongParameter(got: string): UndercroftError {
  return new UndercroftError('store.parameter', `A query parameter is ${got}.`, {
    fix: 'Hand in text, a whole or finite number, a boolean, bytes or null; encode JSON as text and times as microseconds.',
  });
}
