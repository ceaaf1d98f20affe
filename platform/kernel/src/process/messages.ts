/** What the supervisor and a role say to each other over the channel that Node opens between them. */
import type { ModuleStatus } from '../lifecycle/role-host.ts';
import type { Role } from '../module.ts';
import type { ConfigItem } from '../services/control.ts';
import type { CoverageLine } from '../services/coverage.ts';

/** All that a role is told at its start. Secrets come this way only: never in arguments, never in the environment. */
export interface Boot {
  readonly kind: 'boot';
  readonly role: Role;
  readonly config: Readonly<Record<string, unknown>>;
  readonly configItems: readonly ConfigItem[];
  readonly dataDir: string;
  readonly version: string;
  readonly socketPath: string;
  readonly linkSecret: string;
  readonly startedUs: number;
  readonly log: { readonly level: string; readonly format: string };
  /** Capabilities this machine does not give the role, and what that costs. */
  readonly lost: readonly CoverageLine[];
}

/** A process of the platform as its supervisor sees it. */
export interface RoleProcess {
  readonly role: Role;
  readonly pid?: number;
  readonly state: 'starting' | 'running' | 'waiting' | 'stopped';
  readonly restarts: number;
  readonly lastExit?: string;
}

export type ToRole =
  | Boot
  | { readonly kind: 'stop' }
  | {
      readonly kind: 'reconfigure';
      readonly config: Readonly<Record<string, unknown>>;
      readonly configItems: readonly ConfigItem[];
    }
  | { readonly kind: 'roles'; readonly roles: readonly RoleProcess[] }
  | { readonly kind: 'reloaded'; readonly id: number; readonly error?: string; readonly code?: string };

export type FromRole =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'started';
      readonly modules: readonly ModuleStatus[];
      readonly url?: string;
      readonly signInLink?: string;
      readonly firstRun?: boolean;
    }
  | { readonly kind: 'coverage'; readonly lines: readonly CoverageLine[] }
  | { readonly kind: 'failed'; readonly message: string; readonly fix?: string }
  | { readonly kind: 'reload'; readonly id: number };
