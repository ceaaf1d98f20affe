/**
 * The thresholds that come ready. The shape is Netdata's alert template (`on`, `chart labels`, `lookup`, `calc`,
 * `every`, `warn`, `crit`, `delay`) as data, with the sentences that a person reads added, so that files in Netdata's
 * own language can become rules too. Fewer and quieter than Netdata's: each of them asks for an action.
 */

export interface Lookup {
  readonly method: 'average' | 'sum' | 'min' | 'max';
  /** Length of the window that ends now. */
  readonly afterS: number;
  /** Dimensions that are added up; all if absent. */
  readonly dimensions?: readonly string[];
  /** Takes values without their sign, as of what is drawn below the axis. */
  readonly absolute?: boolean;
}

export interface HealthRule {
  readonly rule: string;
  /** Context of the charts it looks at. */
  readonly on: string;
  /** Simple patterns of chart labels. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly lookup?: Lookup;
  /** Lookup of a second chart, named by its id with `{label}`; its result is `$per`. */
  readonly per?: Lookup & { readonly chart: string };
  /** What `$this` is; the lookup's result if absent. */
  readonly calc?: string;
  readonly everyS: number;
  readonly warn?: string;
  readonly crit?: string;
  /** Seconds that a change has to last, towards worse and towards better. */
  readonly delay?: { readonly upS?: number; readonly downS?: number };
  /** How `{value}` is written: `%` or a unit. */
  readonly units: string;
  /** Templates: `{value}`, `{host}`, `{chart}`, and labels of the chart. */
  readonly title: string;
  readonly detail: string;
  readonly next: string;
  /** The part of the host it is about: `{mount_point}`; the host itself if absent. */
  readonly part?: string;
  /** Dimension that is drawn beside the problem. */
  readonly draw: string;
}

const ORDINARY_MOUNTS = { mount_point: '!/dev !/dev/* !/run !/run/* *', read_only: 'no' };

export const RULES: readonly HealthRule[] = [
  {
    rule: 'metrics.filesystem.full',
    on: 'disk.space',
    labels: ORDINARY_MOUNTS,
    calc: '$used * 100 / ($avail + $used)',
    everyS: 1,
    warn: '$this > (($status >= $WARNING) ? (78) : (80))',
    crit: '$this > (($status == $CRITICAL) ? (88) : (90))',
    units: '%',
    title: '{mount_point} is {value} full on {host}',
    detail: 'A filesystem without space stops whatever writes to it.',
    next: 'Find what grew: du -xh {mount_point} | sort -h | tail. Delete or move it, or make the filesystem larger.',
    part: '{mount_point}',
    draw: 'used',
  },
  {
    rule: 'metrics.filesystem.inodes',
    on: 'disk.inodes',
    labels: ORDINARY_MOUNTS,
    calc: '$used * 100 / ($avail + $used)',
    everyS: 1,
    warn: '$this > (($status >= $WARNING) ? (78) : (80))',
    crit: '$this > (($status == $CRITICAL) ? (88) : (90))',
    units: '%',
    title: '{value} of the files that fit on {mount_point} are used on {host}',
    detail: 'Without free inodes no file can be made, whatever space is left.',
    next: 'Find the folder with the many files: du -x --inodes {mount_point} | sort -n | tail.',
    part: '{mount_point}',
    draw: 'used',
  },
  {
    rule: 'metrics.memory.low',
    on: 'mem.available',
    calc: '$avail * 100 / ($system.ram.used + $system.ram.cached + $system.ram.free + $system.ram.buffers)',
    everyS: 5,
    warn: '$this < (($status >= $WARNING) ? (13) : (10))',
    crit: '$this < (($status == $CRITICAL) ? (6) : (4))',
    delay: { upS: 15, downS: 30 },
    units: '%',
    title: 'Only {value} of the memory is available on {host}',
    detail: 'When it is used up, the kernel ends a process of its own choice.',
    next: 'See which process grew (undercroft metrics top), and restart or limit it.',
    draw: 'avail',
  },
  {
    rule: 'metrics.memory.oom-kill',
    on: 'mem.oom_kill',
    lookup: { method: 'sum', afterS: 1800 },
    everyS: 10,
    warn: '$this >= 0.5',
    units: 'kills',
    title: 'The kernel ended processes for want of memory on {host} ({value} in 30 minutes)',
    detail: 'A process was killed because memory had run out.',
    next: 'See which: journalctl -k | grep -i "killed process". Give it more memory or a limit of its own.',
    draw: 'kills',
  },
  {
    rule: 'metrics.swap.full',
    on: 'system.swap',
    calc: '$used * 100 / ($used + $free)',
    everyS: 10,
    warn: '$this > (($status >= $WARNING) ? (70) : (80))',
    crit: '$this > (($status == $CRITICAL) ? (85) : (95))',
    delay: { upS: 60, downS: 60 },
    units: '%',
    title: 'Swap is {value} full on {host}',
    detail: 'When swap and memory are used up, the kernel ends a process of its own choice.',
    next: 'See which process grew (undercroft metrics top).',
    draw: 'used',
  },
  {
    rule: 'metrics.cpu.busy',
    on: 'system.cpu',
    lookup: { method: 'average', afterS: 600, dimensions: ['user', 'system', 'softirq', 'irq', 'guest'] },
    everyS: 10,
    warn: '$this > (($status >= $WARNING) ? (75) : (85))',
    crit: '$this > (($status == $CRITICAL) ? (85) : (95))',
    units: '%',
    title: 'The processors of {host} were {value} busy over 10 minutes',
    detail: 'Average of user, system and interrupt time of all cores.',
    next: 'See which process it is (undercroft metrics top).',
    draw: 'user',
  },
  {
    rule: 'metrics.cpu.iowait',
    on: 'system.cpu',
    lookup: { method: 'average', afterS: 600, dimensions: ['iowait'] },
    everyS: 10,
    warn: '$this > (($status >= $WARNING) ? (30) : (40))',
    units: '%',
    title: 'The processors of {host} waited for disks {value} of 10 minutes',
    detail: 'Work stands still until a disk answers.',
    next: 'See which disk is busy (chart disk_util) and which process reads or writes (undercroft metrics top).',
    draw: 'iowait',
  },
  {
    rule: 'metrics.load.high',
    on: 'system.load',
    lookup: { method: 'max', afterS: 60, dimensions: ['load15'] },
    calc: '$this * 100 / (($active_processors < 2) ? (2) : ($active_processors))',
    everyS: 10,
    warn: '$this > (($status >= $WARNING) ? (175) : (200))',
    crit: '$this > (($status == $CRITICAL) ? (350) : (400))',
    units: '%',
    title: 'The load of {host} is {value} of what its cores can do',
    detail: 'Average number of threads that want a core or wait for a disk, over 15 minutes.',
    next: 'See which processes run (undercroft metrics top).',
    draw: 'load15',
  },
  {
    rule: 'metrics.disk.busy',
    on: 'disk.util',
    lookup: { method: 'average', afterS: 600 },
    everyS: 10,
    warn: '$this > 98 * (($status >= $WARNING) ? (0.7) : (1))',
    units: '%',
    title: 'Disk {device} of {host} was busy {value} of 10 minutes',
    detail: 'A disk that is always busy lets all wait that need it.',
    next: 'See which process reads or writes (undercroft metrics top).',
    part: '{device}',
    draw: 'utilization',
  },
  {
    rule: 'metrics.disk.backlog',
    on: 'disk.backlog',
    lookup: { method: 'average', afterS: 600 },
    everyS: 10,
    warn: '$this > 5000 * (($status >= $WARNING) ? (0.7) : (1))',
    units: 'ms',
    title: 'Disk {device} of {host} has a backlog of {value}',
    detail: 'Requests queue up faster than the disk works them off.',
    next: 'See which process reads or writes (undercroft metrics top).',
    part: '{device}',
    draw: 'backlog',
  },
  {
    rule: 'metrics.disk.slow',
    on: 'disk.await',
    lookup: { method: 'average', afterS: 300, absolute: true },
    everyS: 10,
    warn: '$this > 200 * (($status >= $WARNING) ? (0.5) : (1))',
    units: 'ms',
    title: 'Disk {device} of {host} takes {value} to answer',
    detail: 'Average time of a read and a write over 5 minutes.',
    next: 'Look for errors of the disk: journalctl -k | grep {device}. See what loads it (chart disk_util.{device}).',
    part: '{device}',
    draw: 'reads',
  },
  {
    rule: 'metrics.network.errors',
    on: 'net.errors',
    lookup: { method: 'sum', afterS: 600, absolute: true },
    everyS: 10,
    warn: '$this >= (($status >= $WARNING) ? (1) : (10))',
    units: 'errors',
    title: 'Interface {device} of {host} had {value} in 10 minutes',
    detail: 'Frames arrive damaged or cannot be sent: a cable, a port or a driver.',
    next: 'Look at the counters: ip -s -s link show {device}, ethtool -S {device}.',
    part: '{device}',
    draw: 'inbound',
  },
  {
    rule: 'metrics.network.drops',
    on: 'net.drops',
    labels: { device: '!wl* *' },
    lookup: { method: 'sum', afterS: 600, dimensions: ['inbound'], absolute: true },
    per: { chart: 'net_packets.{device}', method: 'sum', afterS: 600, dimensions: ['received'], absolute: true },
    calc: '($per > 10000) ? ($this * 100 / $per) : (0)',
    everyS: 10,
    warn: '$this >= (($status >= $WARNING) ? (1) : (2))',
    units: '%',
    title: 'Interface {device} of {host} drops {value} of what arrives',
    detail: 'The host does not take packets off the interface fast enough, over 10 minutes.',
    next: 'Look at the counters: ip -s link show {device}. Larger rings or more queues help: ethtool -g {device}.',
    part: '{device}',
    draw: 'inbound',
  },
  {
    rule: 'metrics.pressure.memory',
    on: 'system.memory_full_pressure',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: so are names with spaces written
    calc: '${full 60}',
    everyS: 5,
    warn: '$this > (($status >= $WARNING) ? (5) : (10))',
    crit: '$this > (($status == $CRITICAL) ? (20) : (40))',
    delay: { upS: 10, downS: 60 },
    units: '%',
    title: 'Work on {host} stood still for want of memory {value} of a minute',
    detail: 'All processes waited at once while memory was freed or swapped.',
    next: 'See which process grew (undercroft metrics top).',
    draw: 'full 60',
  },
  {
    rule: 'metrics.pressure.io',
    on: 'system.io_full_pressure',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: so are names with spaces written
    calc: '${full 300}',
    everyS: 10,
    warn: '$this > (($status >= $WARNING) ? (40) : (60))',
    delay: { upS: 60, downS: 60 },
    units: '%',
    title: 'Work on {host} stood still for its disks {value} of 5 minutes',
    detail: 'All processes waited at once for a disk.',
    next: 'See which process reads or writes (undercroft metrics top).',
    draw: 'full 300',
  },
  {
    rule: 'metrics.files.exhausted',
    on: 'system.file_nr_utilization',
    calc: '$utilization',
    everyS: 10,
    warn: '$this > (($status >= $WARNING) ? (85) : (90))',
    units: '%',
    title: '{value} of the open files that {host} allows are used',
    detail: 'Beyond the limit no program can open a file or a connection.',
    next: 'Find who holds them: ls /proc/*/fd | wc -l a process. Raise fs.file-max.',
    draw: 'utilization',
  },
];
