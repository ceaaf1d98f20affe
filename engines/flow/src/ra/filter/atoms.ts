/**
 * Single tests over the words of a record. A part that a record does not have reads as "nothing": no comparison with
 * it holds, so its opposite does; under a mask it reads as all ones. Both follow the machine that ra filters with.
 */
import type { FlowRecord } from '../../record/record.ts';

export type Predicate = (record: FlowRecord) => boolean;
/** A value not below zero, or {@link MISSING}. */
export type Reader = (record: FlowRecord) => number;
export type Comparison = 'eq' | 'lt' | 'lte' | 'gt' | 'gte';

export const MISSING = -1;

export function allOf(one: Predicate, other: Predicate): Predicate {
  return (record) => one(record) && other(record);
}

export function anyOf(one: Predicate, other: Predicate): Predicate {
  return (record) => one(record) || other(record);
}

export function noneOf(test: Predicate): Predicate {
  return (record) => !test(record);
}

/** A number of a part: `lt` and `lte` hold where there is none. */
export function compare(read: Reader, comparison: Comparison, value: number): Predicate {
  switch (comparison) {
    case 'eq':
      return (record) => read(record) === value;
    case 'gt':
      return (record) => {
        const found = read(record);
        return found > value && found !== MISSING;
      };
    case 'gte':
      return (record) => {
        const found = read(record);
        return found >= value && found !== MISSING;
      };
    case 'lt':
      return noneOf(compare(read, 'gte', value));
    case 'lte':
      return noneOf(compare(read, 'gt', value));
  }
}

/** A figure that every record has. */
export function compareFigure(read: Reader, comparison: Comparison, value: number): Predicate {
  switch (comparison) {
    case 'eq':
      return (record) => read(record) === value;
    case 'gt':
      return (record) => read(record) > value;
    case 'gte':
      return (record) => read(record) >= value;
    case 'lt':
      return (record) => read(record) < value;
    case 'lte':
      return (record) => read(record) <= value;
  }
}

/** The bits under a mask are those of `value`. */
export function masked(read: Reader, mask: number, value: number): Predicate {
  const wanted = (value & mask) >>> 0;
  return (record) => {
    const found = read(record);
    return (found & mask) >>> 0 === wanted;
  };
}

/** All of these bits are set. */
export function bits(read: Reader, wanted: number): Predicate {
  return masked(read, wanted, wanted);
}
