/** Facts about the host that seldom change: name, machine id, system, processor, memory, addresses. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, hostname, networkInterfaces, release, totalmem } from 'node:os';
import type { HostFacts } from '@undercroft/kernel';
import { isoFromUs } from '@undercroft/kernel';
import { readBootMs } from '../collectors/processes/table.ts';

/** What is read from files and from the system, so that a test can hand it in. */
export interface FactSources {
  readonly procRoot: string;
  readonly sysRoot: string;
  /** `/etc`. */
  readonly etcRoot: string;
}

export function hostFacts({ procRoot, sysRoot, etcRoot }: FactSources): HostFacts {
  const name = hostname();
  const cpuinfo = readText(`${procRoot}/cpuinfo`) ?? '';
  const bootMs = readBootMs(procRoot);
  const cpuModel = /^model name\s*:\s*(.+)$/m.exec(cpuinfo)?.[1];
  return {
    hostname: name,
    machineId: machineId(etcRoot, name),
    attributes: {
      os: osName(readText(`${etcRoot}/os-release`) ?? readText('/usr/lib/os-release') ?? ''),
      kernel: release(),
      architecture: arch() === 'x64' ? 'x86_64' : arch() === 'arm64' ? 'aarch64' : arch(),
      cores: cpus().length || availableParallelism(),
      ...(cpuModel === undefined ? {} : { cpuModel }),
      memoryBytes: totalmem(),
      virtualization: virtualization({
        cpuinfo,
        vendor: readText(`${sysRoot}/class/dmi/id/sys_vendor`) ?? '',
        product: readText(`${sysRoot}/class/dmi/id/product_name`) ?? '',
        container: containerKind(procRoot),
      }),
      addresses: addresses(),
      ...(bootMs === 0 ? {} : { bootAt: isoFromUs(bootMs * 1000) }),
    },
  };
}

/**
 * An id of this machine that does not give away the real one: systemd asks that machine-id is only shown hashed.
 * @see machine-id(5)
 */
export function machineId(etcRoot: string, name: string): string {
  const id = readText(`${etcRoot}/machine-id`) ?? readText('/var/lib/dbus/machine-id');
  const source = id !== undefined && /^[0-9a-f]{32}\s*$/.test(id) ? id.trim() : `hostname:${name}`;
  return createHash('sha256').update(`undercroft machine ${source}`).digest('hex').slice(0, 32);
}

/** `Debian GNU/Linux 12 (bookworm)`. @see os-release(5) */
export function osName(osRelease: string): string {
  const value = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(osRelease)?.[1]?.replace(/^(["'])(.*)\1$/, '$2');
  return value('PRETTY_NAME') ?? value('NAME') ?? 'Linux';
}

export interface VirtualizationHints {
  readonly cpuinfo: string;
  readonly vendor: string;
  readonly product: string;
  readonly container: string | undefined;
}

/** `none`, a container (`docker`, `lxc`), or a hypervisor (`kvm`, `vmware`, …); `vm` if it does not say which. */
export function virtualization({ cpuinfo, vendor, product, container }: VirtualizationHints): string {
  if (container !== undefined) return container;
  const dmi = `${vendor} ${product}`;
  const known: readonly [RegExp, string][] = [
    [/amazon ec2/i, 'aws'],
    [/google/i, 'gcp'],
    [/vmware/i, 'vmware'],
    [/virtualbox|innotek/i, 'virtualbox'],
    [/microsoft corporation virtual machine/i, 'hyper-v'],
    [/qemu|kvm|openstack/i, 'kvm'],
    [/xen/i, 'xen'],
    [/parallels/i, 'parallels'],
    [/bochs/i, 'bochs'],
  ];
  const found = known.find(([pattern]) => pattern.test(dmi))?.[1];
  if (found !== undefined) return found;
  return /^flags\s*:.*\bhypervisor\b/m.test(cpuinfo) ? 'vm' : 'none';
}

function containerKind(procRoot: string): string | undefined {
  if (existsSync('/.dockerenv')) return 'docker';
  if (existsSync('/run/.containerenv')) return 'podman';
  // Readable by root only; elsewhere the first process's cgroup tells.
  const environ = readText(`${procRoot}/1/environ`) ?? '';
  const named = /(?:^|\0)container=([\w-]+)/.exec(environ)?.[1];
  if (named !== undefined) return named;
  const cgroup = readText(`${procRoot}/1/cgroup`) ?? '';
  return /kubepods/.test(cgroup) ? 'kubernetes' : /\/lxc[./]/.test(cgroup) ? 'lxc' : undefined;
}

/** Addresses that others can reach: no loopback, no link-local. */
export function addresses(interfaces = networkInterfaces()): string[] {
  const found = Object.values(interfaces)
    .flatMap((list) => list ?? [])
    .filter(({ internal, address }) => !internal && !/^fe80:/i.test(address) && !address.startsWith('169.254.'))
    .map(({ address }) => address);
  return [...new Set(found)].sort();
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
