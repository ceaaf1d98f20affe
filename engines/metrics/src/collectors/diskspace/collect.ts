/**
 * Space and inodes of the mounted filesystems, by statfs(2).
 *
 * A network filesystem whose server has gone keeps statfs waiting for ever, and with it one of libuv's few threads:
 * at most one such call is under way at a time, and while it is, only the charts of network filesystems stand still.
 */
import { statfs } from 'node:fs';
import type { ChartHandle } from '../../collect/chart-set.ts';
import type { CollectHost, Collector, Tick } from '../../collect/collector.ts';
import { ProcFile } from '../../collect/proc-file.ts';
import { distinctMounts, type Mount, parseMountinfo } from '../../host/mounts.ts';
import { simplePattern } from '../../language/pattern.ts';

const GIB = 1024 ** 3;
/** A filesystem that has not answered for so long is said to hang. */
export const HANGING_MS = 5000;
/** Images that cannot be written: always full, and nothing to do about it. */
const IMAGES = new Set(['squashfs', 'iso9660', 'erofs', 'udf', 'cramfs']);
const NETWORK =
  /^(nfs4?|cifs|smb3?|smbfs|ncpfs|afs|coda|ceph|9p|lustre|beegfs|gfs2?|ocfs2|glusterfs|virtiofs|fuse(\..*)?)$/;
const WITHOUT_INODES = simplePattern('msdosfs msdos vfat exfat ntfs overlayfs aufs* *unionfs btrfs');

export interface StatfsAnswer {
  readonly bsize: number;
  readonly blocks: number;
  readonly bfree: number;
  readonly bavail: number;
  readonly files: number;
  readonly ffree: number;
}
export type Statfs = (path: string, done: (error: Error | null, answer?: StatfsAnswer) => void) => void;

/** Where it stands with one filesystem. */
export interface Filesystem extends Mount {
  readonly network: boolean;
  sizeBytes: number;
  usedBytes: number;
  /** What an ordinary user can still write. */
  availableBytes: number;
  error: string | undefined;
}

interface Watched {
  readonly filesystem: Filesystem;
  space: ChartHandle | undefined;
  inodes: ChartHandle | undefined;
  /** When the call under way began. */
  askedMs: number | undefined;
  answer: StatfsAnswer | undefined;
  fresh: boolean;
}

export interface DiskspaceCollector extends Collector {
  filesystems(): readonly Filesystem[];
  /** Mount points that do not answer. */
  hanging(): readonly string[];
}

export function diskspaceCollector(host: CollectHost, ask: Statfs = statfs as Statfs): DiskspaceCollector {
  const file = new ProcFile(`${host.procRoot}/self/mountinfo`);
  const wanted = mountFilter(host);
  const watched = new Map<string, Watched>();
  let table: Uint8Array = new Uint8Array(0);
  let hanging: string[] = [];

  function follow(mounts: readonly Mount[]): void {
    const now = new Map(mounts.map((mount) => [key(mount), mount]));
    for (const [id, entry] of watched) {
      if (now.has(id)) continue;
      for (const handle of [entry.space, entry.inodes]) if (handle !== undefined) host.charts.remove(handle);
      watched.delete(id);
    }
    for (const [id, mount] of now) {
      if (watched.has(id)) continue;
      const filesystem = {
        ...mount,
        network: NETWORK.test(mount.filesystem),
        sizeBytes: 0,
        usedBytes: 0,
        availableBytes: 0,
        error: undefined,
      };
      watched.set(id, {
        filesystem,
        space: undefined,
        inodes: undefined,
        askedMs: undefined,
        answer: undefined,
        fresh: false,
      });
    }
  }

  function start(entry: Watched, nowMs: number): void {
    entry.askedMs = nowMs;
    ask(entry.filesystem.point, (error, answer) => {
      entry.askedMs = undefined;
      entry.answer = answer;
      entry.fresh = answer !== undefined;
      entry.filesystem.error = error === null ? undefined : error.message;
    });
  }

  return {
    name: 'diskspace',
    collect(tick: Tick) {
      const length = file.read();
      if (!sameBytes(table, file.buffer, length)) {
        table = file.buffer.slice(0, length);
        follow(distinctMounts(parseMountinfo(table, length)).filter(wanted));
      }
      // What was asked in the last tick has been answered by now; this tick's questions are for the next.
      for (const entry of watched.values()) fill(host, entry);
      hanging = [];
      let networkAsked = false;
      for (const { filesystem, askedMs } of watched.values()) {
        if (askedMs === undefined) continue;
        networkAsked ||= filesystem.network;
        if (tick.monotonicMs - askedMs >= HANGING_MS) hanging.push(filesystem.point);
      }
      for (const entry of watched.values()) {
        if (entry.askedMs !== undefined) continue;
        if (entry.filesystem.network && networkAsked) continue;
        networkAsked ||= entry.filesystem.network;
        start(entry, tick.monotonicMs);
      }
    },
    filesystems: () => [...watched.values()].map((entry) => entry.filesystem),
    hanging: () => hanging,
    close() {
      file.close();
      follow([]);
    },
  };
}

function key(mount: Mount): string {
  return `${mount.device} ${mount.point} ${mount.readOnly}`;
}

function mountFilter(host: CollectHost): (mount: Mount) => boolean {
  const mounts = simplePattern(host.options.excludeMounts);
  const filesystems = simplePattern(host.options.excludeFilesystems);
  return (mount) =>
    !mounts(mount.point) &&
    !filesystems(mount.filesystem) &&
    !IMAGES.has(mount.filesystem) &&
    !(mount.readOnly && mount.filesystem === 'tmpfs');
}

function fill(host: CollectHost, entry: Watched): void {
  const { answer, filesystem } = entry;
  if (!entry.fresh || answer === undefined) return;
  entry.fresh = false;
  filesystem.sizeBytes = answer.blocks * answer.bsize;
  filesystem.usedBytes = (answer.blocks - answer.bfree) * answer.bsize;
  filesystem.availableBytes = answer.bavail * answer.bsize;
  // Pseudo filesystems have no blocks.
  if (answer.blocks === 0) return;
  const labels = {
    mount_point: filesystem.point,
    filesystem: filesystem.filesystem,
    device: filesystem.source,
    read_only: filesystem.readOnly ? 'yes' : 'no',
  };
  entry.space ??= host.charts.add({
    id: `disk_space.${filesystem.point}`,
    title: 'Disk Space Usage',
    units: 'GiB',
    family: filesystem.point,
    context: 'disk.space',
    type: 'stacked',
    priority: 2023,
    decimals: 6,
    labels,
    everyS: 2,
    dimensions: [
      { id: 'avail', divisor: GIB },
      { id: 'used', divisor: GIB },
      { id: 'reserved_for_root', name: 'reserved for root', divisor: GIB },
    ],
  });
  entry.space?.set(0, answer.bavail * answer.bsize);
  entry.space?.set(1, filesystem.usedBytes);
  entry.space?.set(2, (answer.bfree - answer.bavail) * answer.bsize);
  entry.space?.done();
  if (answer.files === 0 || WITHOUT_INODES(filesystem.filesystem)) return;
  entry.inodes ??= host.charts.add({
    id: `disk_inodes.${filesystem.point}`,
    title: 'Disk Files (inodes) Usage',
    units: 'inodes',
    family: filesystem.point,
    context: 'disk.inodes',
    type: 'stacked',
    priority: 2024,
    labels,
    everyS: 2,
    dimensions: [{ id: 'avail' }, { id: 'used' }, { id: 'reserved_for_root', name: 'reserved for root' }],
  });
  entry.inodes?.set(0, answer.ffree);
  entry.inodes?.set(1, answer.files - answer.ffree);
  entry.inodes?.set(2, 0);
  entry.inodes?.done();
}

function sameBytes(known: Uint8Array, buffer: Uint8Array, length: number): boolean {
  return known.length === length && Buffer.compare(known, buffer.subarray(0, length)) === 0;
}
