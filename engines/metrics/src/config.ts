/** Configuration of the module, `metrics:` in `undercroft.yaml`. */
import { type Static, Type } from 'typebox';

const GIB = 1024 ** 3;

/** Netdata's defaults, so that both show the same mounts. */
export const EXCLUDED_MOUNTS =
  '/dev /dev/shm /proc/* /sys/* /var/run/user/* /run/lock /run/user/* /snap/* /var/lib/docker/* /var/lib/containers/storage/* /run/credentials/* /run/containerd/*';
export const EXCLUDED_FILESYSTEMS =
  '*gvfs *gluster* *s3fs *ipfs *davfs2 *httpfs *sshfs *gdfs *moosefs fusectl autofs cgroup cgroup2 hugetlbfs devtmpfs fuse.lxcfs proc sysfs devpts securityfs debugfs tracefs configfs pstore bpf mqueue binfmt_misc rpc_pipefs nsfs efivarfs selinuxfs';

function tier(what: string, days: number) {
  return Type.Object(
    {
      days: Type.Integer({
        minimum: 1,
        maximum: 36_500,
        default: days,
        description: `How many days ${what} is kept.`,
      }),
      maxBytes: Type.Integer({
        minimum: 16 * 1024 * 1024,
        default: GIB,
        description: `Bytes that ${what} may take; the oldest goes first.`,
      }),
    },
    { default: { days, maxBytes: GIB }, additionalProperties: false },
  );
}

export const MetricsConfig = Type.Object(
  {
    everyS: Type.Integer({
      minimum: 1,
      maximum: 60,
      default: 1,
      description: 'Seconds between two collections of the host.',
    }),
    excludeMounts: Type.String({
      default: EXCLUDED_MOUNTS,
      description: 'Mount points without charts: simple patterns, `*` any text, `!` before a pattern takes it back.',
    }),
    excludeFilesystems: Type.String({
      default: EXCLUDED_FILESYSTEMS,
      description: 'Filesystem types without charts: simple patterns.',
    }),
    excludeDisks: Type.String({ default: 'ram* sr* fd*', description: 'Disks without charts: simple patterns.' }),
    excludeInterfaces: Type.String({
      default: 'lo ifb* *-ifb fireqos* fwpr* fwbr* fwln*',
      description: 'Network interfaces without charts: simple patterns.',
    }),
    thresholds: Type.Boolean({ default: true, description: 'Whether the ready-made thresholds raise problems.' }),
    retention: Type.Object(
      {
        second: tier('what was measured each second', 14),
        minute: tier('the minutes', 90),
        hour: tier('the hours', 730),
      },
      {
        default: {
          second: { days: 14, maxBytes: GIB },
          minute: { days: 90, maxBytes: GIB },
          hour: { days: 730, maxBytes: GIB },
        },
        additionalProperties: false,
      },
    ),
  },
  { additionalProperties: false },
);

export type MetricsConfig = Static<typeof MetricsConfig>;
