/** Why a live capture cannot start, in words for the one who runs it. */
import { readFileSync } from 'node:fs';
import { UndercroftError } from '@undercroft/kernel';

export type CaptureErrorCode =
  | 'capture.platform'
  | 'capture.permission'
  | 'capture.interface'
  | 'capture.memory'
  | 'capture.filter'
  | 'capture.system';

export class CaptureError extends UndercroftError {
  /** What the kernel said; 0 where it was not asked. */
  readonly errno: number;

  constructor(code: CaptureErrorCode, message: string, options: { fix?: string; errno?: number } = {}) {
    super(code, message, options.fix === undefined ? {} : { fix: options.fix });
    this.name = 'CaptureError';
    this.errno = options.errno ?? 0;
  }
}

export const EPERM = 1;
const ENODEV = 19;
const ENOMEM = 12;
const ENXIO = 6;
const EACCES = 13;
const EAFNOSUPPORT = 97;
const ENETDOWN = 100;
const CAP_NET_RAW = 13;

/** @param doing what was tried, as the object of "Cannot" */
export function systemError(doing: string, errno: number): CaptureError {
  if (errno === EPERM || errno === EACCES) return permissionError(doing, errno);
  if (errno === ENODEV || errno === ENXIO) {
    return new CaptureError('capture.interface', `Cannot ${doing}: there is no such interface.`, { errno });
  }
  if (errno === ENETDOWN) {
    return new CaptureError('capture.interface', `Cannot ${doing}: the interface is down.`, { errno });
  }
  if (errno === ENOMEM) {
    const fix = 'Give the ring fewer or smaller blocks.';
    return new CaptureError('capture.memory', `Cannot ${doing}: the kernel has no memory for it.`, { errno, fix });
  }
  if (errno === EAFNOSUPPORT) {
    const fix = 'Run where AF_PACKET sockets are allowed: some sandboxes and containers take them away.';
    return new CaptureError('capture.platform', `Cannot ${doing}: this system has no packet sockets.`, { errno, fix });
  }
  return new CaptureError('capture.system', `Cannot ${doing}: error ${errno} of the kernel.`, { errno });
}

function permissionError(doing: string, errno: number): CaptureError {
  const missing = hasCapability(CAP_NET_RAW)
    ? 'this process has CAP_NET_RAW, but not in the user namespace that owns the network, or a security module forbids it'
    : 'this process lacks the capability CAP_NET_RAW';
  const fix =
    'Start the sensor as root, or give it the capability: AmbientCapabilities=CAP_NET_RAW in its systemd unit, ' +
    '--cap-add NET_RAW for a container.';
  return new CaptureError('capture.permission', `Cannot ${doing}: ${missing}.`, { errno, fix });
}

/** Whether this process has a capability in effect; false where that cannot be read. */
export function hasCapability(number: number): boolean {
  try {
    const effective = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return effective !== undefined && ((BigInt(`0x${effective}`) >> BigInt(number)) & 1n) === 1n;
  } catch {
    return false;
  }
}
