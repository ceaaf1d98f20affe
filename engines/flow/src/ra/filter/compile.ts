/** ra's filters as functions. */
import type { Predicate } from './atoms.ts';
import { machineNames } from './names.ts';
import { parseFilter } from './parser.ts';
import type { NameLookup } from './values.ts';

export type { Predicate } from './atoms.ts';
export { FilterError } from './errors.ts';

/**
 * @param text a filter expression; empty takes every record
 * @returns whether a record, read by `readAsRa`, is wanted
 * @throws FilterError
 */
export function compileFilter(text: string, lookup: NameLookup = machineNames()): Predicate {
  return parseFilter(text, lookup);
}
