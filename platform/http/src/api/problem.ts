/** Errors as clients see them: RFC 9457 problem details. */
import { STATUS_CODES } from 'node:http';
import { toEdge, UndercroftError } from '@undercroft/kernel';
import Type, { type Static } from 'typebox';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

export const ProblemDetails = Type.Object(
  {
    type: Type.String({ description: '`urn:undercroft:problem:` and the code.' }),
    title: Type.String({ description: 'The status in words.' }),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.String({ description: 'What was wrong, for people.' }),
    code: Type.String({ description: 'Stable; decide by it.' }),
    fix: Type.Optional(Type.String({ description: 'What to do about it.' })),
    requestId: Type.String({ description: 'Found again in the log and the audit trail.' }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          path: Type.String({ description: 'JSON pointer into the body, or the name of the parameter.' }),
          message: Type.String(),
        }),
      ),
    ),
  },
  { description: 'RFC 9457 problem details. Some codes carry further fields.' },
);
export type ProblemDetails = Static<typeof ProblemDetails>;

export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** Several fields of one request are wrong; all are named. */
export class InvalidRequest extends UndercroftError {
  readonly errors: readonly FieldError[];

  constructor(code: string, status: 400 | 422, what: string, errors: readonly FieldError[]) {
    const first = errors[0];
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
    super(code, first === undefined ? `${what}.` : `${what}: ${first.path || 'it'} ${first.message}${more}.`, {
      status,
    });
    this.errors = errors;
  }
}

export interface ProblemAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ProblemDetails;
}

/**
 * @param nowUs for `Retry-After`, when the error's details carry `retryAtUs`
 * @returns an answer that tells nothing of the inside when the error is not one of ours
 */
export function problemOf(error: unknown, requestId: string, nowUs: number): ProblemAnswer {
  const known = error instanceof UndercroftError ? error : undefined;
  const status = known === undefined ? 500 : Math.min(Math.max(known.status, 400), 599);
  const code = known?.code ?? 'internal';
  const retryAtUs = known?.details?.['retryAtUs'];
  const headers: Record<string, string> = { 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store' };
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="undercroft"';
  if (typeof retryAtUs === 'number') headers['retry-after'] = String(Math.max(1, Math.ceil((retryAtUs - nowUs) / 1e6)));
  else if (status === 503) headers['retry-after'] = '1';
  if (status === 413) headers['connection'] = 'close';
  return {
    status,
    headers,
    body: {
      ...toEdge(known?.details ?? {}),
      type: `urn:undercroft:problem:${code}`,
      title: STATUS_CODES[status] ?? 'Error',
      status,
      detail: known?.message ?? 'Something went wrong inside. The log has more under this request id.',
      code,
      ...(known?.fix === undefined ? {} : { fix: known.fix }),
      requestId,
      ...(error instanceof InvalidRequest ? { errors: [...error.errors] } : {}),
    },
  };
}
