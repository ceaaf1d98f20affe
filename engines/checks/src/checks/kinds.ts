/** The list of native checks. A new one is a folder and a line. */
import { dnsCheck } from './dns/check.ts';
import { httpCheck } from './http/check.ts';
import type { NativeCheck } from './native.ts';
import { pingCheck } from './ping/check.ts';
import { tcpCheck } from './tcp/check.ts';
import { tlsCheck } from './tls/check.ts';

export const NATIVE_CHECKS: readonly NativeCheck[] = [
  tcpCheck,
  httpCheck,
  dnsCheck,
  tlsCheck,
  pingCheck,
] as unknown as readonly NativeCheck[];
