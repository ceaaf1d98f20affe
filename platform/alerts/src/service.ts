/** The alerts service: what engines call, and what people do about problems. */
import {
  type Alerts,
  badRequest,
  type Clock,
  type ControlStore,
  conflict,
  notFound,
  type Page,
  type Problem,
  type ProblemFilter,
  type ProblemReport,
  UndercroftError,
} from '@undercroft/kernel';
import { type Downtime, type DowntimeScope, isOver } from './engine/downtime.ts';
import type { AssetMatcher } from './matcher.ts';
import type { Pipeline } from './pipeline.ts';
import { listProblems, loadLines, loadProblem, type StoredLine, saveLines } from './state/problems.ts';
import { listDowntimes } from './state/settings.ts';
import type { AlertsTables } from './state/tables.ts';

export const MAX_COMMENT_LENGTH = 4000;

export interface AlertsOptions {
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly pipeline: Pipeline;
  readonly matcher: AssetMatcher;
  readonly newId: () => string;
}

export interface DowntimeInput {
  readonly kind: 'fixed' | 'flexible';
  readonly scope: DowntimeScope;
  /** Now if absent. */
  readonly fromUs?: number;
  readonly untilUs: number;
  readonly durationUs?: number;
  readonly comment: string;
}

export type BulkAction =
  | {
      readonly action: 'acknowledge';
      readonly comment?: string;
      readonly sticky?: boolean;
      readonly expiresUs?: number;
    }
  | { readonly action: 'downtime'; readonly untilUs: number; readonly comment: string };

export interface BulkResult {
  readonly id: string;
  readonly done: boolean;
  /** Why not. */
  readonly error?: string;
  readonly code?: string;
}

export class AlertsService implements Alerts {
  readonly #options: AlertsOptions;

  constructor(options: AlertsOptions) {
    this.#options = options;
  }

  report(reports: readonly ProblemReport[]): Promise<void> {
    return this.#options.pipeline.report(reports);
  }

  /** @param words plain words that title, rule or subject must hold */
  async list(filter: ProblemFilter = {}, words = ''): Promise<Page<Problem>> {
    const page = await listProblems(this.#options.control.db<AlertsTables>(), filter, words);
    return { ...page, items: page.items.map((record) => this.#options.pipeline.view(record)) };
  }

  async get(id: string): Promise<Problem | undefined> {
    const record = await loadProblem(this.#options.control.db<AlertsTables>(), id);
    return record && this.#options.pipeline.view(record);
  }

  /** Oldest first. */
  lines(id: string): Promise<readonly StoredLine[]> {
    return loadLines(this.#options.control.db<AlertsTables>(), id);
  }

  /** @throws UndercroftError `alerts.acknowledged` (409) naming who was first, `alerts.closed`, `not-found` */
  acknowledge(
    id: string,
    by: string,
    options: { readonly comment?: string; readonly sticky?: boolean; readonly expiresUs?: number } = {},
  ): Promise<Problem> {
    const nowUs = this.#options.clock.nowUs();
    const { comment = '', sticky = false, expiresUs } = options;
    if (expiresUs !== undefined && expiresUs <= nowUs) {
      throw badRequest(
        'alerts.expiry',
        'The acknowledgement would have expired already.',
        'Give a time in the future.',
      );
    }
    return this.#options.pipeline.act(id, (record) => {
      const first = record.acknowledged;
      if (first !== undefined) {
        throw conflict(
          'alerts.acknowledged',
          `${first.by} has acknowledged it already.`,
          'Take that back first, or leave a comment.',
        );
      }
      const acknowledged = { by, timeUs: nowUs, comment, sticky, ...(expiresUs === undefined ? {} : { expiresUs }) };
      const text = `${sticky ? 'Until it is ok' : 'Until it changes'}${comment === '' ? '' : `: ${comment}`}`;
      return { record: { ...record, acknowledged }, lines: [{ kind: 'acknowledged', text, by }] };
    });
  }

  /** @throws UndercroftError `alerts.not-acknowledged` (409) */
  unacknowledge(id: string, by: string): Promise<Problem> {
    return this.#options.pipeline.act(id, ({ acknowledged, ...record }) => {
      if (acknowledged === undefined) throw conflict('alerts.not-acknowledged', 'Nobody has acknowledged it.');
      const text = `The acknowledgement of ${acknowledged.by} was taken back`;
      return { record, lines: [{ kind: 'unacknowledged', text, by }] };
    });
  }

  /** Also on a closed one. */
  async comment(id: string, by: string, text: string): Promise<Problem> {
    const { control, clock, pipeline } = this.#options;
    const record = await loadProblem(control.db<AlertsTables>(), id);
    if (record === undefined) throw notFound('problem', id);
    const line: StoredLine = { tenant: record.tenant, problem: id, timeUs: clock.nowUs(), kind: 'comment', text, by };
    await control.write<void, AlertsTables>((tx) => saveLines(tx, [line], () => pipeline.nextSeq()));
    return pipeline.view(record);
  }

  /** @throws UndercroftError `alerts.downtime.*`, `inventory.query.*` (400), `not-found` */
  async addDowntime(tenant: string, by: string, input: DowntimeInput): Promise<Downtime> {
    const { clock, matcher, newId, pipeline, control } = this.#options;
    const nowUs = clock.nowUs();
    const fromUs = input.fromUs ?? nowUs;
    if (input.untilUs <= Math.max(fromUs, nowUs)) {
      throw badRequest(
        'alerts.downtime.end',
        'The downtime would end before it begins, or has ended.',
        'Give an end after its start.',
      );
    }
    if (input.kind === 'flexible' && (input.durationUs ?? 0) <= 0) {
      throw badRequest(
        'alerts.downtime.duration',
        'A flexible downtime needs a duration.',
        'Say how long it lasts from its first problem on.',
      );
    }
    const { scope } = input;
    if (scope.kind === 'query') await matcher.check(scope.query, tenant);
    if (scope.kind === 'problem') {
      const record = await loadProblem(control.db<AlertsTables>(), scope.problem);
      if (record === undefined || record.tenant !== tenant) throw notFound('problem', scope.problem);
    }
    const downtime: Downtime = {
      id: newId(),
      tenant,
      kind: input.kind,
      scope,
      fromUs,
      untilUs: input.untilUs,
      ...(input.kind === 'flexible' && input.durationUs !== undefined ? { durationUs: input.durationUs } : {}),
      comment: input.comment,
      by,
      createdUs: nowUs,
    };
    await pipeline.putDowntime(downtime);
    return pipeline.downtime(downtime.id) ?? downtime;
  }

  /** @throws UndercroftError `not-found` */
  async cancelDowntime(id: string, tenant: string, by: string): Promise<void> {
    const { pipeline, clock } = this.#options;
    const downtime = pipeline.downtime(id);
    const nowUs = clock.nowUs();
    if (downtime === undefined || downtime.tenant !== tenant || isOver(downtime, nowUs))
      throw notFound('downtime to come or in force', id);
    await pipeline.putDowntime({ ...downtime, endedUs: nowUs, cancelledBy: by });
  }

  downtimes(tenant: string, limit = 1000): Promise<readonly Downtime[]> {
    return listDowntimes(this.#options.control.db<AlertsTables>(), tenant, limit);
  }

  /** Each by itself: what cannot be done to one is said of that one. */
  async bulk(ids: readonly string[], tenant: string, by: string, action: BulkAction): Promise<readonly BulkResult[]> {
    const results: BulkResult[] = [];
    for (const id of new Set(ids)) {
      try {
        if (action.action === 'acknowledge') await this.acknowledge(id, by, action);
        else {
          const { untilUs, comment } = action;
          await this.addDowntime(tenant, by, {
            kind: 'fixed',
            scope: { kind: 'problem', problem: id },
            untilUs,
            comment,
          });
        }
        results.push({ id, done: true });
      } catch (error) {
        if (!(error instanceof UndercroftError) || error.status >= 500) throw error;
        results.push({ id, done: false, error: error.message, code: error.code });
      }
    }
    return results;
  }
}
