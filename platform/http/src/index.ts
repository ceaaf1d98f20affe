/** What other packages take from the listener: its module, and the parts that all list routes share. */
export { type CursorShape, type CursorValue, decodeCursor, encodeCursor } from './lists/cursor.ts';
export {
  DEFAULT_PAGE_LIMIT,
  MAX_PAGE_LIMIT,
  pageOf,
  pageQuery,
  parseSort,
  type Sort,
  toPage,
} from './lists/page.ts';
export { Iso8601, parseTime, TimeInput } from './lists/time.ts';
export { httpModule } from './module.ts';
