/** What the API says of flows; times are ISO 8601 in `…At` fields. */

export interface LiveConversation {
  readonly source: string;
  readonly destination: string;
  readonly port: number | null;
  readonly protocol: string;
  readonly application: string | null;
  readonly bitsPerSecondOut: number;
  readonly bitsPerSecondIn: number;
  readonly packetsPerSecond: number;
  readonly state: string;
}

export interface LiveSummary {
  readonly timeAt: string;
  readonly windowS: number;
  readonly conversations: number;
  readonly uncounted: number;
  readonly bitsPerSecond: number;
  readonly packetsPerSecond: number;
  readonly top: readonly LiveConversation[];
}

export interface Sensor {
  readonly interface: string;
  readonly timeAt: string;
  readonly packets: number;
  readonly bytes: number;
  readonly dropped: number;
  readonly flows: number;
  readonly evicted: number;
  readonly records: number;
  readonly recordsLost: number;
  readonly packetsPerSecond: number;
  readonly bitsPerSecond: number;
}

export type Key = string | number | null;

export interface FlowTotal {
  readonly key: readonly Key[];
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly packetsOut: number;
  readonly packetsIn: number;
  readonly records: number;
  readonly firstAt: string;
  readonly lastAt: string;
}

export interface TopAnswer {
  readonly items: readonly FlowTotal[];
  readonly elapsedMs: number;
  readonly warnings: readonly string[];
}

export interface Bucket {
  readonly timeAt: string;
  readonly key: Key;
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly records: number;
}

/** One record as it is archived, by the names of its columns. */
export interface FlowRecord {
  readonly id: string;
  readonly timeAt: string;
  readonly assets: readonly string[];
  readonly attributes: Readonly<Record<string, string | number | null | undefined>>;
}

/** Who began: the address calls, or is called. */
export type HostRole = 'calls' | 'called';

export interface Contact {
  readonly peer: string;
  readonly role: HostRole;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly records: number;
  /** What the address sent, whoever began. */
  readonly bytesOut: number;
  readonly bytesIn: number;
}

export interface Lane extends Contact {
  readonly port: number | null;
  readonly protocol: string;
  readonly steps: readonly { readonly timeAt: string; readonly bytesOut: number; readonly bytesIn: number }[];
}

export interface Setup {
  readonly localNetworks: readonly string[];
  readonly packets: {
    readonly enabled: boolean;
    readonly oldestAt?: string;
    readonly newestAt?: string;
    readonly sizeBytes: number;
    readonly maxBytes: number;
  };
}

export const MEASURES = ['bytes', 'packets', 'flows'] as const;
export type Measure = (typeof MEASURES)[number];

export function measureOf(total: FlowTotal, measure: Measure): number {
  if (measure === 'flows') return total.records;
  return measure === 'bytes' ? total.bytesOut + total.bytesIn : total.packetsOut + total.packetsIn;
}
