/** PostgreSQL's SQLSTATE codes as errors that people can act on. */
import { conflict, UndercroftError, unavailable } from '@undercroft/kernel';
import { diskFull } from '../../files/durable.ts';

/** @see PostgreSQL manual, appendix A, "PostgreSQL Error Codes" */
export function postgresError(error: unknown): UndercroftError {
  if (error instanceof UndercroftError) return error;
  const { code, message } = error as { code?: string; message: string };
  switch (code) {
    case '23505':
      return conflict('store.duplicate', message);
    case '23502':
    case '23503':
    case '23514':
    case '23P01':
      return conflict('store.constraint', message);
    case '53100':
      return diskFull("PostgreSQL's database", error);
    case 'XX001':
    case 'XX002':
      return new UndercroftError('store.corrupt', `PostgreSQL reports damaged data: ${message}.`, {
        fix: 'Restore the last backup of the server.',
        cause: error,
        status: 503,
      });
    case '22003':
      return new UndercroftError('store.number-range', message, { cause: error });
    case '57014':
    case '55P03':
      return unavailable(
        'store.locked',
        `PostgreSQL did not answer in time: ${message}.`,
        'Look for a session that holds a lock (pg_stat_activity).',
      );
    case '28P01':
    case '28000':
    case '3D000':
      return unavailable(
        'store.unreachable',
        `PostgreSQL refused the connection: ${message}.`,
        'Check store.control.url and UNDERCROFT_STORE_CONTROL_PASSWORD.',
      );
  }
  if (connectionLost(error))
    return unavailable(
      'store.unreachable',
      `PostgreSQL cannot be reached: ${message}.`,
      'Check that it runs and that store.control.url is right; writes work again once it does.',
    );
  return new UndercroftError('store.sql', message, { cause: error });
}

/** Whether the connection, not the statement, is what failed. */
export function connectionLost(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  if (code === undefined) return /connection|terminat|not queryable|timeout/i.test(message ?? '');
  return /^(08|57P0|E[A-Z]+$)/.test(code);
}
