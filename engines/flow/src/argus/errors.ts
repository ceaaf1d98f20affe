import { UndercroftError } from '@undercroft/kernel';

/** What is wrong with a stream, a file, a peer or an option of Argus' programs. Codes begin with `flow.argus.`. */
export function argusError(code: string, message: string, cause?: unknown): UndercroftError {
  return new UndercroftError(`flow.argus.${code}`, message, { status: 400, ...(cause === undefined ? {} : { cause }) });
}
