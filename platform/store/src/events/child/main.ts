/**
 * The process that holds DuckDB: outside the server's event loop and memory. Ends with its parent. The terminal's
 * signals are the parent's to act on: it stores what waits, then closes this.
 */
import type { FromChild, ToChild } from '../protocol.ts';
import { Engine } from './engine.ts';
import { childError, isFatal } from './failure.ts';
import type { Notes } from './notes.ts';

const FATAL_EXIT = 70;

let engine: Engine | undefined;
let closed = false;
const notes: Notes = { log: (level, fields, message) => send({ kind: 'log', level, fields, message }) };

process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
// Nothing is left to tidy: what was acknowledged is durable. A clean exit would wait for work under way.
process.on('disconnect', () => (closed ? process.exit(0) : process.kill(process.pid, 'SIGKILL')));
process.on('message', (message: ToChild) => void receive(message));

async function receive(message: ToChild): Promise<void> {
  if (message.kind === 'open') return open(message);
  try {
    send({ kind: 'done', request: message.request, result: await answer(message) });
    if (message.kind === 'close') {
      closed = true;
      process.disconnect();
    }
  } catch (error) {
    send({ kind: 'failed', request: message.request, error: childError(error) });
    if (isFatal(error)) endWith(error);
  }
}

async function open(message: Extract<ToChild, { kind: 'open' }>): Promise<void> {
  try {
    engine = await Engine.open(message.options, notes);
    send({ kind: 'ready' });
  } catch (error) {
    send({ kind: 'unable', error: childError(error) });
  }
}

async function answer(message: Exclude<ToChild, { kind: 'open' }>): Promise<unknown> {
  if (engine === undefined) throw new Error('The event store is not open.');
  switch (message.kind) {
    case 'write':
      return engine.write(message.batches, message.again);
    case 'query':
      return engine.query(message.query, message.timeoutMs);
    case 'stats':
      return engine.stats();
    case 'maintain':
      return engine.maintain(message.nowUs);
    case 'backup':
      return engine.backup(message.target);
    case 'close':
      return engine.close();
  }
}

/** The parent starts another and sends again what was not acknowledged. */
function endWith(error: unknown): void {
  notes.log('error', { reason: String(error) }, 'DuckDB cannot go on and is started again');
  setImmediate(() => process.exit(FATAL_EXIT));
}

function send(message: FromChild): void {
  process.send?.(message);
}
