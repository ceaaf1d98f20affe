import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { captureFolder } from '@undercroft/packet/testing';
import { describe, expect, it } from 'vitest';
import { decodeOne } from '../argus/testing/tools.ts';
import { RecordEncoder } from '../argus/wire/encode.ts';
import { rowsOf } from '../ra/client/style.ts';
import { parseSettings } from '../ra/options/parse.ts';
import { readAsRa } from '../ra/record/reading.ts';
import type { FlowRecord } from '../record/record.ts';
import differences from './testing/differences.json' with { type: 'json' };
import { readThrough } from './testing/tables.ts';

const folder = captureFolder();
const FIELDS = 'stime ltime flgs proto saddr sport dir daddr dport spkts dpkts sbytes dbytes state'.split(' ');
const RA = ['-F', '/dev/null', '-X', '-nn', '-c', ',', '-u', '-s', ...FIELDS];

/** Cells without the blanks around them. */
const trimmed = (line: string): string =>
  line
    .split(',')
    .map((cell) => cell.trim())
    .join(',');

/** What argus and ra print of each capture. */
function expectedLines(path: string): Map<string, string[]> {
  const lines = new Map<string, string[]>();
  for (const line of readFileSync(path, 'utf8').split('\n').slice(1)) {
    const comma = line.indexOf(',');
    if (comma < 0) continue;
    const name = line.slice(0, comma);
    const known = lines.get(name) ?? [];
    known.push(trimmed(line.slice(comma + 1)));
    lines.set(name, known);
  }
  return lines;
}

/** Through argus' file format, as ra gets it. */
async function ourLines(path: string): Promise<string[]> {
  const encoder = new RecordEncoder();
  const rows = rowsOf(parseSettings(RA, { env: { TZ: 'UTC' } }));
  const lines: string[] = [];
  await readThrough(path, {}, (sent) => {
    const record = decodeOne(encoder.encode(sent)) as FlowRecord;
    readAsRa(record);
    const length = rows.write(record, { offset: 0, rank: lines.length + 1 });
    lines.push(trimmed(rows.line.toString('latin1', 0, length - 1)));
  });
  return lines;
}

describe.skipIf(folder === null)('the flows of public captures', () => {
  it('are those of argus, record for record, but for the differences that are explained', async () => {
    const expected = expectedLines(join(folder as string, 'argus-ra.csv'));
    const names = readdirSync(folder as string, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.(pcap|pcapng|cap)$/.test(name),
    );
    const different: string[] = [];
    for (const name of names) {
      const lines = await ourLines(join(folder as string, name));
      if (lines.join('\n') !== (expected.get(name) ?? []).join('\n')) different.push(name);
    }
    expect(names.length).toBeGreaterThan(700);
    const { records, printing } = differences;
    expect(different.filter((name) => !(name in records) && !(name in printing))).toEqual([]);
    expect(Object.keys(records).filter((name) => !different.includes(name))).toEqual([]);
  }, 60_000);
});
