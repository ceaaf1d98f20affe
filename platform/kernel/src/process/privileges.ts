/** Which capabilities a role keeps. They are set before exec by setpriv: a running Node has a dozen threads, and capset reaches one. */
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Module, Role } from '../module.ts';
import type { CoverageLine } from '../services/coverage.ts';

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** What cannot be confined on this machine, and why. */
  readonly lost: readonly CoverageLine[];
}

/** How to start `command args` as that role on this machine. */
export function launchFor(role: Role, modules: readonly Module[], command: string, args: readonly string[]): Launch {
  const wanted = modules.flatMap((module) =>
    (module.capabilities ?? []).filter((capability) => capability.role === role),
  );
  const names = [...new Set(wanted.map((capability) => capability.capability.toLowerCase().replace(/^cap_/, '')))];
  const held = heldCapabilities();
  // What is not there cannot be kept; each module says in Coverage what it misses.
  if (held === 0n) return { command, args, lost: [] };
  const setpriv = findSetpriv();
  if (setpriv === undefined) {
    const line: CoverageLine = {
      feature: 'Least privilege',
      state: 'warning',
      text: `setpriv is not installed: the ${role} keeps all rights of this user`,
      fix: 'apt install util-linux',
    };
    return { command, args, lost: [line] };
  }
  const kept = names.length === 0 ? '-all' : ['-all', ...names.map((name) => `+${name}`)].join(',');
  return {
    command: setpriv,
    args: [
      '--bounding-set',
      kept,
      '--inh-caps',
      kept,
      ...(process.getuid?.() === 0 ? [] : ['--ambient-caps', kept]),
      '--no-new-privs',
      '--',
      command,
      ...args,
    ],
    lost: [],
  };
}

function heldCapabilities(): bigint {
  try {
    const hex = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return hex === undefined ? 0n : BigInt(`0x${hex}`);
  } catch {
    // Not Linux: there are no capabilities to drop.
    return 0n;
  }
}

function findSetpriv(): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, 'setpriv');
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not here; the next folder.
    }
  }
  return undefined;
}
