/** Provided by the sensor's scan engine. */
export interface ScanRequest {
  /** Addresses, CIDR blocks, octet ranges or names. */
  readonly targets: readonly string[];
  /** `22,80,8000-8100`; the engine's default list if absent. */
  readonly ports?: string;
  readonly serviceDetection?: boolean;
  readonly timeoutMs?: number;
  readonly maxRate?: number;
}

export interface ScannedPort {
  readonly protocol: 'tcp';
  readonly port: number;
  readonly state: 'open' | 'closed' | 'filtered';
  readonly reason: string;
  readonly service?: string;
  readonly product?: string;
  readonly version?: string;
  readonly banner?: string;
  readonly tls?: {
    readonly subject: string;
    readonly issuer: string;
    readonly notAfterUs: number;
    readonly sha256: string;
    readonly protocol: string;
  };
}

export interface ScannedHost {
  readonly address: string;
  readonly hostnames: readonly string[];
  readonly up: boolean;
  readonly reason: string;
  readonly startUs: number;
  readonly endUs: number;
  readonly ports: readonly ScannedPort[];
  /** States left out of `ports`, with their counts. */
  readonly extraPorts: readonly { readonly state: 'closed' | 'filtered'; readonly count: number }[];
}

export interface ScanProgress {
  readonly id: string;
  readonly probesDone: number;
  readonly probesTotal: number;
  readonly hostsDone: number;
  readonly hostsTotal: number;
}

export interface ScanResult {
  readonly id: string;
  readonly startUs: number;
  readonly endUs: number;
  readonly request: ScanRequest;
  readonly hosts: readonly ScannedHost[];
  readonly outcome: 'finished' | 'cancelled' | 'failed';
  readonly error?: string;
}

export interface ScanRun {
  /** Resolves with the result; progress is read beside it. */
  run(id: string, request: ScanRequest): Promise<ScanResult>;
  progress(id: string): Promise<ScanProgress | undefined>;
  cancel(id: string): Promise<boolean>;
}
