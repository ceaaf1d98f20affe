/** Times at the edge: what answers carry and what requests may say. */
import { badRequest, usFromIso } from '@undercroft/kernel';
import Type from 'typebox';

/** A time in an answer: `2026-11-24T22:48:02.123456Z`. */
export const Iso8601 = Type.String({ format: 'date-time' });

/** A time in a request. */
export const TimeInput = Type.Union(
  [
    Type.String({ format: 'date-time' }),
    Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', format: 'date' }),
    Type.String({ pattern: '^\\d{1,10}(\\.\\d{1,6})?$' }),
    Type.String({ pattern: '^-\\d{1,8}[smhdw]?$' }),
  ],
  { description: 'ISO 8601, seconds since the epoch, or a distance from now: `-600`, `-1h`, `-7d`.' },
);

const UNIT_S = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;

/**
 * Reads what {@link TimeInput} allows.
 *
 * @param field name of the parameter, for the error
 * @returns microseconds since the epoch; undefined if nothing was given. What a number cannot hold is cut to the
 *   nearest that it can: years 1684 to 2255.
 * @throws UndercroftError `http.time` (400)
 */
export function parseTime(text: string | undefined, field: string, nowUs: number): number | undefined {
  if (text === undefined) return undefined;
  const relative = /^-(\d{1,8})([smhdw]?)$/.exec(text);
  const timeUs = relative
    ? nowUs - Number(relative[1]) * UNIT_S[(relative[2] || 's') as keyof typeof UNIT_S] * 1e6
    : usFromIso(text.toUpperCase());
  if (timeUs === undefined) {
    throw badRequest(
      'http.time',
      `\`${field}\` is not a time: ${JSON.stringify(text)}.`,
      'Write ISO 8601 (2026-11-24T22:48:02Z), seconds since the epoch, or a distance from now (-600, -1h, -7d).',
    );
  }
  return Math.min(Math.max(timeUs, -Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
}
