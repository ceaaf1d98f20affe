/** Packets of the rolling store as a capture file. */
import { ApiProblem, api, type ProblemDetails } from '../api/client.ts';

export interface PacketsOf {
  readonly fromMs: number;
  readonly toMs: number;
  readonly addresses: readonly string[];
  readonly ports?: readonly number[];
  readonly protocol?: number;
}

/** Packets are stamped apart from the record's rounding. */
const MARGIN_MS = 1000;
/** A file with less holds no packet: only its head. */
const HEAD_BYTES = 100;
const FILE_MS = 10_000;

export function packetsPath({ fromMs, toMs, addresses, ports, protocol }: PacketsOf): string {
  return api.url('/flows/packets', {
    from: new Date(fromMs - MARGIN_MS).toISOString(),
    to: new Date(toMs + MARGIN_MS).toISOString(),
    address: [...new Set(addresses)].join(','),
    port: ports === undefined || ports.length === 0 ? undefined : ports.join(','),
    protocol,
  });
}

/**
 * Fetches and hands the file to the browser.
 *
 * @returns its size; undefined when no packet is kept
 * @throws ApiProblem as every request does
 */
export async function savePackets(of: PacketsOf): Promise<number | undefined> {
  const path = packetsPath(of);
  let response: Response;
  try {
    response = await fetch(path, { credentials: 'same-origin' });
  } catch {
    throw new ApiProblem('GET', '/flows/packets', 0, { code: 'network', detail: 'The server cannot be reached.' });
  }
  if (!response.ok) {
    const details = await response.json().catch(() => ({}));
    throw new ApiProblem('GET', '/flows/packets', response.status, details as ProblemDetails);
  }
  const blob = await response.blob();
  if (blob.size < HEAD_BYTES) return undefined;
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName(of);
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), FILE_MS);
  return blob.size;
}

function fileName({ addresses, fromMs }: PacketsOf): string {
  const time = new Date(fromMs).toISOString().slice(0, 19).replaceAll(':', '');
  return `${[...new Set(addresses)].join('_').replaceAll(':', '-')}_${time}.pcapng`;
}
