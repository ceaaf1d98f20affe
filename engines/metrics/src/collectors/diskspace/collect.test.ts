import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { only, Recording } from '../testing.ts';
import { diskspaceCollector, type Statfs, type StatfsAnswer } from './collect.ts';

const MOUNTS = `22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
30 27 254:0 /srv /srv rw,relatime - ext4 /dev/vda rw,discard
31 27 0:40 / /mnt/a\\040b rw,relatime shared:5 - tmpfs tmpfs rw,size=1024k
32 27 0:41 / /mnt/nfs rw,relatime - nfs4 server:/x rw
33 27 0:42 / /mnt/nfs2 rw,relatime - nfs4 server:/y rw
34 27 7:0 / /snap/core ro - squashfs /dev/loop0 ro
35 27 0:6 / /dev rw - devtmpfs devtmpfs rw
`;
const GIB = 1024 ** 3;
const ANSWER: StatfsAnswer = {
  bsize: 4096,
  blocks: (10 * GIB) / 4096,
  bfree: (5 * GIB) / 4096,
  bavail: (4 * GIB) / 4096,
  files: 1000,
  ffree: 250,
};

describe('space and inodes', () => {
  let recording: Recording;
  let asked: string[];
  let hanging: Set<string>;
  const ask: Statfs = (path, done) => {
    asked.push(path);
    if (!hanging.has(path)) done(null, ANSWER);
  };
  beforeEach(() => {
    asked = [];
    hanging = new Set();
    recording = new Recording().write('proc/self/mountinfo', MOUNTS);
  });
  afterEach(() => recording.remove());

  it('are those of each filesystem once, without pseudo ones and images', () => {
    const collector = recording.open((host) => diskspaceCollector(host, ask));
    recording.tick();
    const values = recording.tick();
    expect(only(values, 'disk_space./')).toEqual({ avail: 4, used: 5, reserved_for_root: 1 });
    expect(only(values, 'disk_inodes./')).toEqual({ avail: 250, used: 750, reserved_for_root: 0 });
    expect(collector.filesystems().map(({ point }) => point)).toEqual(['/', '/mnt/a b', '/mnt/nfs', '/mnt/nfs2']);
    expect(only(values, 'disk_space./mnt/a b')).toMatchObject({ used: 5 });
  });

  it('go on when a network filesystem hangs, and say which', () => {
    hanging.add('/mnt/nfs');
    const collector = recording.open((host) => diskspaceCollector(host, ask));
    for (let i = 0; i < 7; i++) recording.tick();
    expect(only(recording.tick(), 'disk_space./')).toMatchObject({ used: 5 });
    expect(collector.hanging()).toEqual(['/mnt/nfs']);
    expect(asked.filter((path) => path === '/mnt/nfs')).toHaveLength(1);
    expect(asked.filter((path) => path === '/')).toHaveLength(8);
    expect(asked).not.toContain('/mnt/nfs2');
  });

  it('come and go with mounts', () => {
    recording.open((host) => diskspaceCollector(host, ask));
    recording.tick();
    recording.tick();
    recording.write('proc/self/mountinfo', MOUNTS.split('\n').slice(0, 2).join('\n'));
    const values = recording.tick();
    expect(only(values, 'disk_space./mnt/nfs')).toEqual({});
    expect(only(values, 'disk_space./')).toMatchObject({ used: 5 });
  });
});
