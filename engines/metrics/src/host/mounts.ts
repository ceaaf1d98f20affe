/** The mount table: `/proc/self/mountinfo`. */
import { ByteCursor } from '../language/bytes.ts';

export interface Mount {
  /** Major and minor number of the device, `254:0`. */
  readonly device: string;
  /** The part of the filesystem that is mounted; `/` unless it is a bind mount. */
  readonly root: string;
  readonly point: string;
  readonly filesystem: string;
  readonly source: string;
  readonly readOnly: boolean;
}

/** Mounts beyond this are left out. */
export const MAX_MOUNTS = 2000;

/** @see proc_pid_mountinfo(5) */
export function parseMountinfo(buffer: Uint8Array, length: number): Mount[] {
  const cursor = new ByteCursor(buffer, length);
  const mounts: Mount[] = [];
  while (!cursor.done && mounts.length < MAX_MOUNTS) {
    const words = cursor.line().split(' ');
    const dash = words.indexOf('-', 6);
    const [, , device, root, point, options] = words;
    const filesystem = words[dash + 1];
    if (dash < 0 || device === undefined || root === undefined || point === undefined || filesystem === undefined) {
      continue;
    }
    const readOnly = [options, words[dash + 3]].some((list) => (list ?? '').split(',').includes('ro'));
    mounts.push({
      device,
      root: unescapeOctal(root),
      point: unescapeOctal(point),
      filesystem,
      source: unescapeOctal(words[dash + 2] ?? ''),
      readOnly,
    });
  }
  return mounts;
}

/** The kernel writes space, tab, newline and backslash as `\040`. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/**
 * The mounts that each show one filesystem: the last of those stacked on one point, and of several views of one
 * device (bind mounts) the one of its root with the shortest path.
 */
export function distinctMounts(mounts: readonly Mount[]): Mount[] {
  const byPoint = new Map<string, Mount>();
  for (const mount of mounts) {
    byPoint.delete(mount.point);
    byPoint.set(mount.point, mount);
  }
  const byDevice = new Map<string, Mount>();
  for (const mount of byPoint.values()) {
    const other = byDevice.get(mount.device);
    if (other === undefined || rank(mount) < rank(other)) byDevice.set(mount.device, mount);
  }
  return [...byDevice.values()];
}

function rank(mount: Mount): number {
  return (mount.root === '/' ? 0 : 100_000) + mount.point.length;
}
