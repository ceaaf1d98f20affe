/** What is wrong with a filter. */
export class FilterError extends Error {
  override readonly name = 'FilterError';
}
