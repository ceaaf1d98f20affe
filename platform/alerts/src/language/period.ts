/** Weekly time periods in a zone: when a contact wants to hear. */
import { badRequest } from '@undercroft/kernel';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

export interface WeeklyRange {
  readonly days: readonly Day[];
  /** `HH:MM`. */
  readonly from: string;
  /** `HH:MM`, exclusive, up to `24:00`. At or before `from`: on the next day. */
  readonly to: string;
}

export interface Period {
  /** IANA name: `Europe/Berlin`. */
  readonly zone: string;
  readonly ranges: readonly WeeklyRange[];
}

const DAY_MINUTES = 24 * 60;
const formats = new Map<string, Intl.DateTimeFormat>();

/** @throws UndercroftError `alerts.period` (400) naming what is wrong */
export function checkPeriod(period: Period): void {
  try {
    formatOf(period.zone);
  } catch {
    throw badRequest(
      'alerts.period',
      `There is no time zone ${JSON.stringify(period.zone)}.`,
      'Write an IANA name such as Europe/Berlin or UTC.',
    );
  }
  if (period.ranges.length === 0) {
    throw badRequest(
      'alerts.period',
      'The period has no range, so it would never be.',
      'Leave the period out for always.',
    );
  }
  for (const range of period.ranges) {
    const from = minutesOf(range.from);
    const to = minutesOf(range.to);
    if (from === undefined || to === undefined || from === DAY_MINUTES || range.days.length === 0) {
      throw badRequest(
        'alerts.period',
        `This is no range: ${JSON.stringify(range)}.`,
        'Write days, and times from 00:00 to 24:00: { days: [mon], from: 08:00, to: 18:00 }.',
      );
    }
  }
}

/** @param timeMs since the epoch */
export function inPeriod(period: Period, timeMs: number): boolean {
  const { day, minute } = localTime(period.zone, timeMs);
  return period.ranges.some((range) => {
    const from = minutesOf(range.from) ?? 0;
    const to = minutesOf(range.to) ?? DAY_MINUTES;
    const today = range.days.includes(day);
    if (from < to) return today && minute >= from && minute < to;
    const yesterday = range.days.includes(DAYS[(DAYS.indexOf(day) + 6) % 7] as Day);
    return (today && minute >= from) || (yesterday && minute < to);
  });
}

function localTime(zone: string, timeMs: number): { day: Day; minute: number } {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(timeMs)
      .map(({ type, value }) => [type, value]),
  );
  return {
    day: (parts['weekday'] as string).toLowerCase() as Day,
    minute: (Number(parts['hour']) % 24) * 60 + Number(parts['minute']),
  };
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const options = { timeZone: zone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const format = new Intl.DateTimeFormat('en-US', options);
  formats.set(zone, format);
  return format;
}

function minutesOf(text: string): number | undefined {
  const [, hours, minutes] = /^(\d{2}):(\d{2})$/.exec(text) ?? [];
  const total = Number(hours) * 60 + Number(minutes);
  return Number(minutes) < 60 && total <= DAY_MINUTES ? total : undefined;
}
