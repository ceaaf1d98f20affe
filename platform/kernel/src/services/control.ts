import type { Role } from '../module.ts';

/** How the platform is doing, asked without signing in: no more than that. */
export interface PlatformHealth {
  readonly status: 'starting' | 'ok' | 'degraded';
  readonly version: string;
  readonly startedUs: number;
  readonly modules: readonly {
    readonly name: string;
    readonly role: Role;
    readonly state: string;
    readonly error?: string;
  }[];
}

/** One configuration key with its value in force and where that comes from. Secrets are shown as `[secret]`. */
export interface ConfigItem {
  readonly key: string;
  readonly value: unknown;
  readonly source: { readonly kind: 'default' | 'file' | 'env' | 'flag'; readonly where?: string };
  readonly default: unknown;
  readonly summary: string;
  /** Whether a reload takes a change of it, without a restart of its module. */
  readonly live: boolean;
}

export interface RoleStatus {
  readonly role: Role;
  readonly pid?: number;
  readonly state: string;
  readonly rssBytes?: number;
  readonly cpuPercent?: number;
  readonly restarts: number;
}

/** The platform itself, as the listener shows it. Provided by the kernel of the server process. */
export interface PlatformControl {
  health(): PlatformHealth;
  configItems(): readonly ConfigItem[];
  /** Reads the configuration again. @throws UndercroftError naming every error at once; then nothing changes */
  reload(): Promise<{ readonly changed: readonly string[]; readonly restart: readonly string[] }>;
  roles(): Promise<readonly RoleStatus[]>;
}
