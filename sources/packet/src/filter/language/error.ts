import { UndercroftError } from '@undercroft/kernel';

/** A capture filter that cannot be compiled: where in the text, what is wrong, and what to write instead. */
export class FilterError extends UndercroftError {
  /** Index into the expression, in characters. */
  readonly position: number;

  constructor(code: string, message: string, position: number, fix?: string) {
    super(code, message, { status: 400, details: { position }, ...(fix === undefined ? {} : { fix }) });
    this.name = 'FilterError';
    this.position = position;
  }
}

/** The text does not follow the grammar. */
export function syntaxError(message: string, position: number, fix?: string): FilterError {
  return new FilterError('filter.syntax', message, position, fix);
}

/** The text is well formed, but asks for what cannot be. */
export function meaningError(message: string, position: number, fix?: string): FilterError {
  return new FilterError('filter.meaning', message, position, fix);
}

/** Beyond what this compiler, or this kind of link, can tell. */
export function unsupported(message: string, position: number, fix?: string): FilterError {
  return new FilterError('filter.unsupported', message, position, fix);
}
