/** How a client prints, from its settings. */
import { readFileSync } from 'node:fs';
import type { Style } from '../fields/field.ts';
import { type RowFormat, RowWriter } from '../fields/row.ts';
import type { Column } from '../fields/table.ts';
import type { Settings } from '../options/settings.ts';
import { ClockText } from '../text/clock.ts';
import { DIFFSERV_DISA_NAMES, DIFFSERV_NAMES, readServices } from '../text/names.ts';
import { zoneOf } from '../text/zone.ts';

const MAX_VENDORS_BYTES = 16 * 1024 * 1024;

export function styleOf(settings: Settings, overrides: Partial<Style> = {}): Style {
  const zone = zoneOf(settings.timeZone);
  return {
    digits: settings.digits,
    numeric: settings.numeric,
    abbreviated: settings.abbreviated,
    tcpStates: settings.tcpStates,
    tcpFlags: settings.tcpFlags,
    printer: settings.printer,
    clock: new ClockText(settings.timeFormat, zone, settings.digits, settings.unixTime),
    services: readServices(),
    diffServNames: settings.disa ? DIFFSERV_DISA_NAMES : DIFFSERV_NAMES,
    cidr: settings.cidr,
    asNumbers: settings.asNumbers,
    vendors: settings.vendorsFile === undefined ? new Map() : readVendors(settings.vendorsFile),
    showVendors: settings.showVendors,
    rmon: settings.modes.some((mode) => /^rmon/i.test(mode)),
    nowS: () => Date.now() / 1000,
    ...overrides,
  };
}

export function rowsOf(settings: Settings, columns: readonly Column[] = settings.columns): RowWriter {
  const format: RowFormat = {
    delimiter: settings.delimiter,
    variable: settings.variableWidth,
    quote: settings.quote,
    dotBeforePort: settings.dotBeforePort,
  };
  return new RowWriter(columns, styleOf(settings), format);
}

/** Wireshark's list of makers: three bytes in hex, a short name. */
function readVendors(path: string): Map<number, string> {
  const vendors = new Map<number, string>();
  let text = '';
  try {
    text = readFileSync(path, 'latin1').slice(0, MAX_VENDORS_BYTES);
  } catch {
    return vendors;
  }
  for (const [, one, two, three, name] of text.matchAll(
    /^\s*([0-9A-Fa-f]{2})[:-]([0-9A-Fa-f]{2})[:-]([0-9A-Fa-f]{2})\s+(\S+)/gm,
  )) {
    const prefix = Number.parseInt(`${one}${two}${three}`, 16);
    if (!vendors.has(prefix)) vendors.set(prefix, name as string);
  }
  return vendors;
}
