/** Which table a record belongs to: one, or one for each span of time. */
import { ClientError, type Settings } from '../ra/options/settings.ts';
import { strftime } from '../ra/text/strftime.ts';
import { localToEpoch, type Zone, zoneOf } from '../ra/text/zone.ts';

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
/** From a Sunday, on which weeks begin, to the Thursday on which 1970 began. */
const SUNDAY_TO_EPOCH_S = 4 * 86_400;

/** @returns the name of the table for a record that starts then, seconds since 1970 */
export type TableOf = (startS: number) => string;

/**
 * @param table with strftime's letters where `-M time n[smhdwMy]` is given
 * @throws ClientError when one of the two is missing, or the span is none
 */
export function tableNames(table: string, { modes, timeZone }: Settings): TableOf {
  const at = modes.findIndex((mode) => /^time$/i.test(mode));
  const hasLetters = /%[A-Za-z]/.test(table);
  if (at < 0 && !hasLetters) return () => table;
  const span = modes[at + 1] ?? '';
  const [, count, unit] = /^(\d+)([smhdwMy])$/.exec(span) ?? [];
  if (at < 0 || count === undefined || Number(count) === 0) {
    throw new ClientError('a table for each span of time wants -M time n[smhdwMy]');
  }
  if (!hasLetters) throw new ClientError(`${table}: -M time wants letters of strftime in the table's name`);
  const zone = zoneOf(timeZone);
  return (startS) => strftime(table, spanStart(startS, Number(count), unit as string, zone), zone);
}

function spanStart(startS: number, count: number, unit: string, zone: Zone): number {
  const localS = startS + zone.offsetS(startS);
  const seconds = SECONDS[unit];
  if (seconds !== undefined) {
    const shift = unit === 'w' ? SUNDAY_TO_EPOCH_S : 0;
    const size = seconds * count;
    return localToEpoch(zone, Math.floor((localS + shift) / size) * size - shift);
  }
  const date = new Date(localS * 1000);
  const size = unit === 'y' ? count * 12 : count;
  const months = Math.floor((date.getUTCFullYear() * 12 + date.getUTCMonth()) / size) * size;
  return localToEpoch(zone, Date.UTC(1970, months - 1970 * 12) / 1000);
}
