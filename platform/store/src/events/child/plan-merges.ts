/** Which small files of a day become one. */
import type { ListedFile } from './file-list.ts';

/** About what eight full hot tables make, so that under load each event is merged once. */
export const SMALL_FILE_BYTES = 8 * 1024 * 1024;
export const MERGED_FILE_BYTES = 32 * 1024 * 1024;
/** Rows that one merge writes anew: a few seconds in which queries are slower. */
export const MERGED_FILE_ROWS = 1_000_000;
/** Of a day that goes on; of a day that is over, two are enough. */
const LEAST_FILES_TODAY = 8;
const LEAST_FILES_BEFORE = 2;
const MOST_FILES = 64;

/**
 * @param today `YYYY-MM-DD`
 * @returns groups of files, each of one tenant, class and day, in the order of receipt; older days first
 */
export function planMerges(files: readonly ListedFile[], today: string): ListedFile[][] {
  const folders = new Map<string, ListedFile[]>();
  for (const file of files) {
    if (file.bytes >= SMALL_FILE_BYTES || file.rows > MERGED_FILE_ROWS / 2) continue;
    const key = `${file.day}\n${file.class}\n${file.tenant}`;
    folders.set(key, [...(folders.get(key) ?? []), file]);
  }
  const merges: ListedFile[][] = [];
  for (const [key, small] of [...folders].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const least = key.startsWith(today) ? LEAST_FILES_TODAY : LEAST_FILES_BEFORE;
    small.sort((a, b) => (a.minId < b.minId ? -1 : 1));
    for (const group of groupsOfSize(small)) if (group.length >= least) merges.push(group);
  }
  return merges;
}

function groupsOfSize(files: readonly ListedFile[]): ListedFile[][] {
  const groups: ListedFile[][] = [];
  let group: ListedFile[] = [];
  let bytes = 0;
  let rows = 0;
  for (const file of files) {
    const full =
      bytes + file.bytes > MERGED_FILE_BYTES || rows + file.rows > MERGED_FILE_ROWS || group.length === MOST_FILES;
    if (group.length > 0 && full) {
      groups.push(group);
      group = [];
      bytes = 0;
      rows = 0;
    }
    group.push(file);
    bytes += file.bytes;
    rows += file.rows;
  }
  if (group.length > 0) groups.push(group);
  return groups;
}
