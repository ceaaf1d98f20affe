import type { JsonObject, Page, PageRequest } from './values.ts';

export const PROBLEM_STATES = ['ok', 'notice', 'warning', 'critical', 'unknown'] as const;
export type ProblemState = (typeof PROBLEM_STATES)[number];

/** One line of why, shown with its time and the engine it comes from. */
export interface Evidence {
  readonly timeUs: number;
  readonly source: string;
  readonly text: string;
  readonly eventId?: string;
  /** A metric to draw beside it, `chart.dimension`. */
  readonly metric?: string;
}

/**
 * The result of looking at one thing once. The pair (source, rule, subject) names the problem: the same triple again
 * updates it, `ok` closes it. Reports are cheap to repeat; what has not changed writes nothing.
 */
export interface ProblemReport {
  readonly source: string;
  /** Which rule spoke, stable: `metrics.filesystem.full`. */
  readonly rule: string;
  /** What it is about: an asset id, or asset id and part (`id:/var`). */
  readonly subject: string;
  readonly assets?: readonly string[];
  readonly tenant?: string;
  readonly state: ProblemState;
  /** A title says what is wrong, where, how much. */
  readonly title: string;
  readonly detail?: string;
  /** What a person can do next. */
  readonly next?: string;
  readonly evidence?: readonly Evidence[];
  readonly attributes?: JsonObject;
  /** Bad results in a row until the state is hard and notifies. @defaultValue 1 */
  readonly maxAttempts?: number;
  /** Problem keys this one follows from: it stays quiet while one of them is open. */
  readonly dependsOn?: readonly { readonly source: string; readonly rule: string; readonly subject: string }[];
  readonly timeUs?: number;
}

export interface Problem {
  readonly id: string;
  readonly tenant: string;
  readonly source: string;
  readonly rule: string;
  readonly subject: string;
  readonly assets: readonly string[];
  readonly state: ProblemState;
  readonly hard: boolean;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly title: string;
  readonly detail: string;
  readonly next: string;
  readonly evidence: readonly Evidence[];
  readonly attributes: JsonObject;
  readonly openedUs: number;
  readonly changedUs: number;
  readonly lastReportUs: number;
  readonly closedUs?: number;
  readonly acknowledged?: {
    readonly by: string;
    readonly timeUs: number;
    readonly comment: string;
    readonly sticky: boolean;
  };
  readonly downtime?: { readonly id: string; readonly untilUs: number };
  readonly flapping: boolean;
  /** The open problem that keeps this one quiet. */
  readonly behind?: string;
}

export interface ProblemFilter extends PageRequest {
  readonly tenant?: string;
  readonly open?: boolean;
  readonly states?: readonly ProblemState[];
  readonly asset?: string;
  readonly source?: string;
  readonly fromUs?: number;
  readonly toUs?: number;
}

export interface Alerts {
  report(reports: readonly ProblemReport[]): Promise<void>;
  list(filter?: ProblemFilter): Promise<Page<Problem>>;
  get(id: string): Promise<Problem | undefined>;
}
