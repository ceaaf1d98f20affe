/** The container that a process runs in, by the name of its control group. */

const SHOWN = 12;
/** Docker, containerd, CRI-O and Podman name groups by 64 hexadecimal digits; systemd's nspawn and LXC by a name. */
const BY_ID = /(?:^|[/-])([0-9a-f]{64})(?:\.scope)?(?:\/|$)/m;
const BY_NAME =
  /\/(?:lxc(?:\.payload)?[./]|machine\.slice\/(?:systemd-nspawn@|machine-))([A-Za-z0-9_.-]+?)(?:\.service|\.scope)?(?:\/|$)/m;

/** @param text of /proc/PID/cgroup @returns its id as container tools shorten it, or its name; null outside of containers */
export function containerOf(text: string): string | null {
  const id = BY_ID.exec(text)?.[1];
  return id?.slice(0, SHOWN) ?? BY_NAME.exec(text)?.[1] ?? null;
}
