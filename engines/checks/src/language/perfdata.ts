/**
 * Performance data of monitoring plugins: `'label'=value[UOM];[warn];[crit];[min];[max]`, separated by blanks.
 *
 * @see Monitoring Plugins Development Guidelines, section 2.6
 */
import type { PerfDatum } from '@undercroft/kernel';

export const MAX_PERFDATA = 256;

const ITEM =
  /^\s*(?:'((?:[^']|'')*)'|([^\s='][^\s=]*))=([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|U)?([^\s;\d]?[^\s;]*)(?:;([^\s;]*))?(?:;([^\s;]*))?(?:;([^\s;]*))?(?:;([^\s;]*))?(?=\s|$)/;

/** What cannot be read is left out; the rest stands. */
export function parsePerfdata(text: string): readonly PerfDatum[] {
  const found: PerfDatum[] = [];
  let rest = text;
  while (found.length < MAX_PERFDATA && rest.trim() !== '') {
    const match = ITEM.exec(rest);
    if (match === null) {
      // Goes on behind the next blank.
      rest = rest.trimStart().replace(/^\S+/, '');
      continue;
    }
    const [whole, quoted, plain, value, uom = '', warn, crit, min, max] = match;
    rest = rest.slice(whole.length);
    if (value === undefined) continue;
    found.push({
      label: quoted?.replaceAll("''", "'") ?? plain ?? '',
      value: value === 'U' ? null : Number(value),
      uom,
      ...(warn === undefined || warn === '' ? {} : { warn }),
      ...(crit === undefined || crit === '' ? {} : { crit }),
      ...bound('min', min),
      ...bound('max', max),
    });
  }
  return found;
}

function bound<K extends 'min' | 'max'>(name: K, text: string | undefined): { readonly [key in K]?: number } {
  const value = Number(text);
  return text === undefined || text === '' || !Number.isFinite(value)
    ? {}
    : ({ [name]: value } as { readonly [key in K]: number });
}
