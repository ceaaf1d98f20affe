import { UndercroftError } from '@undercroft/kernel';
import { types } from 'pg';

/** Type oids, `pg_type.dat`. */
const BOOL = 16;
const INT8 = 20;
const NUMERIC = 1700;

/**
 * Values come back as they do from SQLite: 64-bit integers, counts and sums as numbers, booleans as 0 and 1.
 * Everything else as `pg` gives it.
 */
export const plainTypes = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
    if (format !== 'binary') {
      if (oid === INT8) return wholeNumber;
      if (oid === NUMERIC) return Number;
      if (oid === BOOL) return (value) => (value === 't' ? 1 : 0);
    }
    return types.getTypeParser(oid, format as 'text') as (value: string) => unknown;
  },
};

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value))
    throw new UndercroftError('store.number-range', `The database holds ${text}, which is past 2^53.`);
  return value;
}
