import { UndercroftError } from '@undercroft/kernel';

/** What a query parameter may be once bound. */
export type Bound = string | number | bigint | null | Uint8Array;

/**
 * The same values bind in both dialects, and the same ones are refused: booleans become 0 and 1, everything that
 * needs an encoding of its own (objects, dates) is the caller's to encode.
 *
 * @throws UndercroftError `store.parameter`
 */
export function bindParameter(value: unknown): Bound {
  switch (typeof value) {
    case 'string':
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

function wrongParameter(got: string): UndercroftError {
  return new UndercroftError('store.parameter', `A query parameter is ${got}.`, {
    fix: 'Hand in text, a whole or finite number, a boolean, bytes or null; encode JSON as text and times as microseconds.',
  });
}
