/**
 * Errors: a stable code to decide by, and a message for people that says what was wrong, where, and what to do.
 */
export class UndercroftError extends Error {
  readonly code: string;
  /** What to do about it. */
  readonly fix: string | undefined;
  /** HTTP status that says the same, where one does. */
  readonly status: number;
  /** Further fields of the answer, such as `retryAtUs`. */
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(
    code: string,
    message: string,
    options: { fix?: string; cause?: unknown; status?: number; details?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'UndercroftError';
    this.code = code;
    this.fix = options.fix;
    this.status = options.status ?? 500;
    this.details = options.details;
  }
}

/** The caller asked for something that is not there. */
export function notFound(what: string, id: string): UndercroftError {
  return new UndercroftError('not-found', `There is no ${what} ${JSON.stringify(id)}.`, { status: 404 });
}

/** The request itself is wrong. */
export function badRequest(code: string, message: string, fix?: string): UndercroftError {
  return new UndercroftError(code, message, { status: 400, ...(fix === undefined ? {} : { fix }) });
}

/** Somebody else changed it meanwhile, or it is in a state that forbids this. */
export function conflict(code: string, message: string, fix?: string): UndercroftError {
  return new UndercroftError(code, message, { status: 409, ...(fix === undefined ? {} : { fix }) });
}

/** A part that is needed is not running now. */
export function unavailable(code: string, message: string, fix?: string): UndercroftError {
  return new UndercroftError(code, message, { status: 503, ...(fix === undefined ? {} : { fix }) });
}
