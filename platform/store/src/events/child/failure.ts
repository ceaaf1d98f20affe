/** What went wrong in the child, as the parent can act on it. */
import { UndercroftError } from '@undercroft/kernel';
import { diskFull, fileError } from '../../files/durable.ts';
import type { ChildError } from '../protocol.ts';
import { isOutOfMemory } from './memory.ts';

export function childError(error: unknown): ChildError {
  const known = asUndercroft(error);
  return {
    code: known.code,
    message: known.message,
    status: known.status,
    ...(known.fix === undefined ? {} : { fix: known.fix }),
  };
}

/** DuckDB refuses all further work after some failures; only a new process helps. */
export function isFatal(error: unknown): boolean {
  return /database has been invalidated|FATAL|INTERNAL Error/.test(messageOf(error));
}

function asUndercroft(error: unknown): UndercroftError {
  if (error instanceof UndercroftError) return error;
  const message = messageOf(error);
  const folder = process.cwd();
  if (/no space left|disk quota|not enough disk space/i.test(message)) return diskFull(folder, error);
  if (/permission denied|read-only file system/i.test(message)) return fileError({ code: 'EACCES', message }, folder);
  if (isOutOfMemory(error))
    return new UndercroftError('events.memory', 'The event store has no memory left within its limit.', {
      fix: 'Ask for less at once, or raise store.events.memoryMiB.',
      status: 503,
    });
  if (/set lock/i.test(message))
    return new UndercroftError('events.locked', `Another process holds the event store in ${folder}.`, {
      fix: 'Stop the other Undercroft that uses this data folder, or name another with --data.',
      status: 503,
    });
  return new UndercroftError('events.failed', `The event store failed: ${message.split('\n')[0]}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
