import { expect, test } from 'vitest';
import type { ListedFile } from './file-list.ts';
import { MERGED_FILE_BYTES, MERGED_FILE_ROWS, planMerges, SMALL_FILE_BYTES } from './plan-merges.ts';

function file(path: string, changes: Partial<ListedFile> = {}): ListedFile {
  return {
    path,
    tenant: 'default',
    class: 'base_event',
    day: '2026-01-02',
    rows: 1,
    bytes: 1_000,
    minTime: 0n,
    maxTime: 0n,
    maxReceived: 0n,
    minId: path,
    maxId: path,
    columns: '[]',
    ...changes,
  };
}
const plan = (files: ListedFile[]) => planMerges(files, '2026-01-02').map((group) => group.map((one) => one.path));

test('a day that goes on waits for eight small files; one that is over needs two', () => {
  const today = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((path) => file(path));
  expect(plan(today)).toEqual([]);
  expect(plan([file('h'), ...today])).toEqual([['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']]);
  expect(plan(['b', 'a'].map((path) => file(path, { day: '2026-01-01' })))).toEqual([['a', 'b']]);
});

test('tenants, classes and large files stay apart', () => {
  const day = '2026-01-01';
  expect(
    plan([
      file('a', { day }),
      file('b', { day, tenant: 'other' }),
      file('c', { day, class: 'authentication' }),
      file('d', { day, bytes: SMALL_FILE_BYTES }),
    ]),
  ).toEqual([]);
});

test('a merged file has a size at which it is left alone', () => {
  const bytes = SMALL_FILE_BYTES - 1;
  const fit = Math.floor(MERGED_FILE_BYTES / bytes);
  const files = Array.from({ length: fit + 1 }, (_, index) => file(String(index), { day: '2026-01-01', bytes }));
  expect(plan(files).map((group) => group.length)).toEqual([fit]);
  const rows = MERGED_FILE_ROWS / 4;
  const full = Array.from({ length: 8 }, (_, index) => file(String(index), { day: '2026-01-01', rows }));
  expect(plan(full).map((group) => group.length)).toEqual([4, 4]);
});
