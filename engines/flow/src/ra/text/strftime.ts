/** Dates by strftime's letters, English names, with `%f` for fractions of a second left to the caller. */
import type { Zone } from './zone.ts';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/**
 * @param format strftime's; unknown letters stay as they are
 * @param epochS whole seconds since 1970
 */
export function strftime(format: string, epochS: number, zone: Zone): string {
  const date = new Date((epochS + zone.offsetS(epochS)) * 1000);
  return format.replace(/%[EO]?(.)/g, (whole, letter: string) => letterText(letter, date, epochS, zone) ?? whole);
}

function letterText(letter: string, date: Date, epochS: number, zone: Zone): string | null {
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  const day = date.getUTCDate();
  const weekday = date.getUTCDay();
  const hour = date.getUTCHours();
  const again = (format: string) => strftime(format, epochS, zone);
  switch (letter) {
    case 'Y':
      return String(year);
    case 'C':
      return two(Math.floor(year / 100));
    case 'y':
      return two(year % 100);
    case 'm':
      return two(month + 1);
    case 'd':
      return two(day);
    case 'e':
      return String(day).padStart(2);
    case 'H':
      return two(hour);
    case 'k':
      return String(hour).padStart(2);
    case 'I':
      return two(hour % 12 || 12);
    case 'l':
      return String(hour % 12 || 12).padStart(2);
    case 'M':
      return two(date.getUTCMinutes());
    case 'S':
      return two(date.getUTCSeconds());
    case 'p':
      return hour < 12 ? 'AM' : 'PM';
    case 'P':
      return hour < 12 ? 'am' : 'pm';
    case 'a':
      return (DAYS[weekday] as string).slice(0, 3);
    case 'A':
      return DAYS[weekday] as string;
    case 'b':
    case 'h':
      return (MONTHS[month] as string).slice(0, 3);
    case 'B':
      return MONTHS[month] as string;
    case 'j':
      return String(dayOfYear(date) + 1).padStart(3, '0');
    case 'u':
      return String(weekday || 7);
    case 'w':
      return String(weekday);
    case 'U':
      return two(Math.floor((dayOfYear(date) + 7 - weekday) / 7));
    case 'W':
      return two(Math.floor((dayOfYear(date) + 7 - ((weekday + 6) % 7)) / 7));
    case 'V':
      return two(isoWeek(date).week);
    case 'G':
      return String(isoWeek(date).year);
    case 's':
      return String(epochS);
    case 'z':
      return offsetText(zone.offsetS(epochS));
    case 'Z':
      return zone.shortName(epochS);
    case 'T':
    case 'X':
      return again('%H:%M:%S');
    case 'R':
      return again('%H:%M');
    case 'r':
      return again('%I:%M:%S %p');
    case 'D':
    case 'x':
      return again('%m/%d/%y');
    case 'F':
      return again('%Y-%m-%d');
    case 'c':
      return again('%a %b %e %H:%M:%S %Y');
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case '%':
      return '%';
    default:
      return null;
  }
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000);
}

/** The week by ISO 8601: the one that holds the week's Thursday. */
function isoWeek(date: Date): { year: number; week: number } {
  const thursday = new Date(date.getTime() + (3 - ((date.getUTCDay() + 6) % 7)) * 86_400_000);
  return { year: thursday.getUTCFullYear(), week: Math.floor(dayOfYear(thursday) / 7) + 1 };
}

function offsetText(seconds: number): string {
  const minutes = Math.abs(Math.trunc(seconds / 60));
  return `${seconds < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`;
}
