/** Local time without the process's own time zone: the offset of a zone at an instant. */

/** Zones change their offset at multiples of a quarter of an hour. */
const STEP_S = 900;
const POSIX_ZONE = /^:?(?:[A-Za-z]{3,}|<[^>]+>)([+-]?)(\d{1,3})(?::(\d{2}))?(?::(\d{2}))?$/;

export interface Zone {
  readonly name: string;
  /** Seconds east of UTC at a time in seconds since 1970. */
  offsetS(epochS: number): number;
  /** Short name at that time, as `date +%Z` gives. */
  shortName(epochS: number): string;
}

export const UTC: Zone = { name: 'UTC', offsetS: () => 0, shortName: () => 'UTC' };

/**
 * @param text value of TZ: an IANA name, or a POSIX offset such as `UTC+3`; empty or unknown means UTC as in libc;
 *   undefined is the machine's own zone
 */
export function zoneOf(text: string | undefined): Zone {
  if (text === undefined) return namedZone(undefined);
  const name = text.replace(/^:/, '');
  if (name === '' || name === 'UTC' || name === 'GMT') return UTC;
  const posix = POSIX_ZONE.exec(text);
  if (posix !== null) {
    const [, sign, hours, minutes, seconds] = posix;
    const west = Number(hours) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
    const offset = sign === '-' ? west : -west;
    const short = name.replace(/[+-]?\d.*$/, '').replace(/[<>]/g, '');
    return { name, offsetS: () => offset, shortName: () => short };
  }
  try {
    return namedZone(new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone);
  } catch {
    return UTC;
  }
}

function namedZone(timeZone: string | undefined): Zone {
  const zone = timeZone === undefined ? {} : { timeZone };
  const parts = new Intl.DateTimeFormat('en-US', {
    ...zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const short = new Intl.DateTimeFormat('en-US', { ...zone, timeZoneName: 'short', hour: 'numeric' });
  let knownFrom = Number.NaN;
  let known = 0;
  return {
    name: timeZone ?? 'local',
    offsetS(epochS) {
      const from = Math.floor(epochS / STEP_S);
      if (from === knownFrom) return known;
      const field: Record<string, number> = {};
      for (const { type, value } of parts.formatToParts(from * STEP_S * 1000)) field[type] = Number(value);
      const { year, month, day, hour, minute, second } = field as Record<string, number>;
      const local = Date.UTC(year as number, (month as number) - 1, day, hour, minute, second) / 1000;
      known = local - from * STEP_S;
      knownFrom = from;
      return known;
    },
    shortName: (epochS) => short.formatToParts(epochS * 1000).find((part) => part.type === 'timeZoneName')?.value ?? '',
  };
}

/** The epoch second of a local time; where a clock change makes two, the later. */
export function localToEpoch(zone: Zone, localAsUtcS: number): number {
  const guess = localAsUtcS - zone.offsetS(localAsUtcS);
  return localAsUtcS - zone.offsetS(guess);
}
