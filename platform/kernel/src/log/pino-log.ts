import pino from 'pino';
import type { Log } from './log.ts';
import { Secret } from './secret.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Field names whose values are never written, whoever logs them. */
const SECRET_FIELDS =
  /^(authorization|cookie|set-cookie|x-vault-token|password|passphrase|secret|token|apikey|api_key|private_?key)$/i;
const MAX_DEPTH = 6;

export interface LogOptions {
  readonly level: LogLevel;
  /** `auto`: pretty on a terminal, JSON otherwise. */
  readonly format: 'auto' | 'pretty' | 'json';
  readonly base: Readonly<Record<string, string>>;
  /** Standard error if absent. */
  readonly destination?: pino.DestinationStream;
}

/** A log on standard error. Lines that cannot be written (a full disk) are dropped: logging never stops the product. */
export async function createLog(
  options: LogOptions,
): Promise<Log & { flush(): void; setLevel(level: LogLevel): void }> {
  const pretty = options.format === 'pretty' || (options.format === 'auto' && process.stderr.isTTY);
  let destination = options.destination;
  if (destination === undefined) {
    const stderr = pino.destination({ fd: 2, sync: false });
    stderr.on('error', () => {});
    destination = stderr;
    if (pretty) {
      const { default: prettyPrint } = await import('pino-pretty');
      destination = prettyPrint({
        destination: stderr,
        ignore: 'pid,hostname',
        translateTime: 'HH:MM:ss',
        colorize: process.env['NO_COLOR'] === undefined,
      });
    }
  }
  const logger = pino(
    {
      level: options.level,
      base: options.base,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redact(fields, 0) as Record<string, unknown>,
      },
    },
    destination,
  );
  return Object.assign(logger as unknown as Log, {
    flush: () => (destination as { flushSync?: () => void }).flushSync?.(),
    setLevel: (level: LogLevel) => {
      logger.level = level;
    },
  });
}

/** Replaces secrets by type ({@link Secret}) and by the name of their field. */
function redact(value: unknown, depth: number): unknown {
  if (value instanceof Secret) return '[secret]';
  if (
    value === null ||
    typeof value !== 'object' ||
    depth > MAX_DEPTH ||
    value instanceof Error ||
    ArrayBuffer.isView(value)
  )
    return value;
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  const out: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value))
    out[name] = SECRET_FIELDS.test(name) ? '[secret]' : redact(field, depth + 1);
  return out;
}
