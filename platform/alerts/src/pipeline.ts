/**
 * The pipeline: reports and people's acts come in, one after another; each is applied to the problems in memory, quiet
 * and notifications are decided, and all that changed is written as one unit of work before anybody hears of it.
 */
import {
  type Clock,
  type ControlStore,
  conflict,
  DEFAULT_TENANT,
  notFound,
  type Problem,
  type ProblemReport,
} from '@undercroft/kernel';
import { behindOf, nameText } from './engine/behind.ts';
import { activeUntil, covers, type Downtime, isOver, waits } from './engine/downtime.ts';
import { type FlapThresholds, isSteady } from './engine/flap.ts';
import { problemMessage } from './engine/message.ts';
import { decide, type NoticeKind, type RouteMemory } from './engine/notify.ts';
import { applyReport, type HistoryLine, type ProblemRecord, settle, spanText } from './engine/problem.ts';
import { matchesGlob } from './language/glob.ts';
import type { AssetMatcher } from './matcher.ts';
import type { FindingActivity, ProblemAnnouncer } from './publish.ts';
import { addToOutbox, type OutboxItem } from './state/outbox.ts';
import { lastSeq, loadRecent, type StoredLine, saveLines, saveProblems } from './state/problems.ts';
import { type Contact, loadDowntimes, type Route, saveDowntime } from './state/settings.ts';
import type { AlertsTables } from './state/tables.ts';

export interface PipelineSettings {
  readonly flap: FlapThresholds | undefined;
  readonly reopenWithinUs: number;
  /** After the problem in front has closed, so long until one behind it is told, unless it is reported bad again. */
  readonly afterParentUs: number;
  /** A thing that is not reported for so long counts as unchanged once more. */
  readonly settleUs: number;
}

export interface PipelineOptions {
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly settings: PipelineSettings;
  readonly matcher: AssetMatcher;
  readonly announcer: ProblemAnnouncer;
  readonly newId: () => string;
  readonly routes: () => readonly Route[];
  readonly contacts: () => ReadonlyMap<string, Contact>;
  readonly consoleUrl: () => string | undefined;
  /** Something was put into the outbox. */
  readonly outboxFilled: () => void;
}

interface Quiet {
  readonly downtime?: { readonly id: string; readonly untilUs: number };
  readonly behind?: string;
  /** When the problem in front closed, until this one is told. */
  readonly releasedUs?: number;
}

interface Tracker {
  readonly record: ProblemRecord;
  readonly quiet: Quiet;
  /** Since when title, evidence and the like are newer than in the store. */
  readonly unsavedUs?: number;
  readonly lastResultUs: number;
}

interface Work {
  record: ProblemRecord;
  readonly lines: HistoryLine[];
  activity: FindingActivity | undefined;
  /** Has to be written. */
  save: boolean;
  /** Title, evidence and the like have changed. */
  words: boolean;
  /** A report came in. */
  reported: boolean;
  /** Others see it differently now, although nothing has to be written. */
  shown: boolean;
}

interface Decided {
  readonly trackers: Map<string, Tracker>;
  readonly works: Map<string, Work>;
  readonly outbox: OutboxItem[];
  readonly downtimes: Map<string, Downtime>;
  /** After a start what holds is found again; it has not begun anew. */
  readonly restoring: boolean;
}

/** Title, evidence and the like may change every second: they are written once in so long. */
const WORDS_WRITTEN_EVERY_US = 60e6;

const SILENT_KINDS: ReadonlySet<HistoryLine['kind']> = new Set(['notification', 'not-sent', 'attempt']);

export class Pipeline {
  readonly #options: PipelineOptions;
  /** By name: every open problem, and closed ones that may come back or flap. */
  readonly #trackers = new Map<string, Tracker>();
  readonly #names = new Map<string, string>();
  /** Names of problems that depend on a name. */
  readonly #dependents = new Map<string, Set<string>>();
  readonly #downtimes = new Map<string, Downtime>();
  #lastSeq = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    const { control, clock, settings } = this.#options;
    const db = control.db<AlertsTables>();
    this.#lastSeq = await lastSeq(db);
    for (const downtime of await loadDowntimes(db)) this.#downtimes.set(downtime.id, downtime);
    const nowUs = clock.nowUs();
    for (const record of await loadRecent(db, nowUs - settings.reopenWithinUs)) {
      const name = nameText(record.tenant, record);
      const other = this.#trackers.get(name);
      if (other !== undefined && other.record.openedUs > record.openedUs) continue;
      this.#put(name, { record, quiet: {}, lastResultUs: nowUs });
    }
    await this.#inTurn(() => this.#conclude(new Map(), 'all', true));
  }

  get openCount(): number {
    let count = 0;
    for (const { record } of this.#trackers.values()) if (record.closedUs === undefined) count++;
    return count;
  }

  report(reports: readonly ProblemReport[]): Promise<void> {
    return this.#inTurn(async () => {
      const works = new Map<string, Work>();
      for (const report of reports) this.#apply(report, works);
      if (works.size > 0) await this.#conclude(works, 'touched');
    });
  }

  /**
   * One act of a person on an open problem.
   *
   * @throws UndercroftError `not-found`, `alerts.closed`, and what `act` throws
   */
  act(
    id: string,
    act: (record: ProblemRecord) => { record: ProblemRecord; lines: readonly HistoryLine[] },
  ): Promise<Problem> {
    return this.#inTurn(async () => {
      const name = this.#names.get(id);
      const tracker = name === undefined ? undefined : this.#trackers.get(name);
      if (name === undefined || tracker === undefined || tracker.record.id !== id) throw notFound('open problem', id);
      if (tracker.record.closedUs !== undefined) {
        throw conflict('alerts.closed', 'The problem is closed already.', 'There is nothing left to do about it.');
      }
      const { record, lines } = act(tracker.record);
      const works = new Map<string, Work>();
      const work = this.#work(name, works, record);
      work.lines.push(...lines);
      work.activity = 'update';
      await this.#conclude(works, 'touched');
      return this.view((this.#trackers.get(name) as Tracker).record);
    });
  }

  putDowntime(downtime: Downtime): Promise<void> {
    return this.#inTurn(async () => {
      await this.#options.control.write<void, AlertsTables>((tx) => saveDowntime(tx, downtime));
      if (downtime.endedUs === undefined) this.#downtimes.set(downtime.id, downtime);
      else this.#downtimes.delete(downtime.id);
      await this.#conclude(new Map(), 'all');
    });
  }

  downtime(id: string): Downtime | undefined {
    return this.#downtimes.get(id);
  }

  /** Decides anew, after routes or contacts have changed. */
  refresh(): Promise<void> {
    return this.#inTurn(() => this.#conclude(new Map(), 'all'));
  }

  /**
   * What time alone brings: ends of downtimes and acknowledgements, repeats, escalations, settling.
   *
   * @param flush write new titles, evidence and the like now
   */
  tick(flush = false): Promise<void> {
    return this.#inTurn(async () => {
      const { clock, settings } = this.#options;
      const nowUs = clock.nowUs();
      const works = new Map<string, Work>();
      const settledNames: string[] = [];
      for (const [name, tracker] of this.#trackers) {
        const { record } = tracker;
        const expiresUs = record.acknowledged?.expiresUs;
        if (expiresUs !== undefined && nowUs >= expiresUs) {
          const { acknowledged: _, ...rest } = record;
          const work = this.#work(name, works, rest);
          work.lines.push({ kind: 'unacknowledged', text: 'The acknowledgement has expired' });
          work.activity = 'update';
        }
        const restless = record.machine.flapping || !isSteady(record.machine.results);
        if (restless && nowUs - tracker.lastResultUs >= settings.settleUs) {
          const settled = settle(works.get(name)?.record ?? record, settings.flap);
          const work = this.#work(name, works, settled.record);
          work.lines.push(...settled.lines);
          if (settled.lines.length > 0) work.activity = 'update';
          settledNames.push(name);
        }
        if (tracker.unsavedUs !== undefined && (flush || nowUs - tracker.unsavedUs >= WORDS_WRITTEN_EVERY_US)) {
          this.#work(name, works, works.get(name)?.record ?? record).save = true;
        }
      }
      await this.#conclude(works, 'all');
      for (const name of settledNames) {
        this.#trackers.set(name, { ...(this.#trackers.get(name) as Tracker), lastResultUs: nowUs });
      }
      this.#forgetSettled(nowUs);
    });
  }

  /** The newest there is of this problem, as others see it. */
  view(stored: ProblemRecord): Problem {
    const tracker = this.#trackers.get(nameText(stored.tenant, stored));
    const current = tracker?.record.id === stored.id ? tracker : undefined;
    const record = current?.record ?? stored;
    const { machine, notified: _, dependsOn: __, ...rest } = record;
    const quiet = record.closedUs === undefined ? current?.quiet : undefined;
    return {
      ...rest,
      state: machine.state,
      hard: machine.hard,
      attempt: machine.attempt,
      maxAttempts: machine.maxAttempts,
      flapping: machine.flapping,
      ...(quiet?.downtime === undefined ? {} : { downtime: quiet.downtime }),
      ...(quiet?.behind === undefined ? {} : { behind: quiet.behind }),
    };
  }

  #apply(report: ProblemReport, works: Map<string, Work>): void {
    const { clock, newId, settings } = this.#options;
    const tenant = report.tenant ?? DEFAULT_TENANT;
    const name = nameText(tenant, report);
    const before = works.get(name)?.record ?? this.#trackers.get(name)?.record;
    const applied = applyReport(before, report, tenant, {
      nowUs: clock.nowUs(),
      newId,
      reopenWithinUs: settings.reopenWithinUs,
      flap: settings.flap,
    });
    if (applied === undefined) return;
    const work = this.#work(name, works, applied.record);
    work.reported = true;
    work.lines.push(...applied.lines);
    if (applied.change === 'words') work.words = true;
    else if (applied.change !== 'nothing') work.activity = activityOf(work.activity, applied.change);
  }

  #work(name: string, works: Map<string, Work>, record: ProblemRecord): Work {
    const work = works.get(name) ?? {
      record,
      lines: [],
      activity: undefined,
      save: false,
      words: false,
      reported: false,
      shown: false,
    };
    work.record = record;
    works.set(name, work);
    return work;
  }

  async #conclude(works: Map<string, Work>, which: 'touched' | 'all', restoring = false): Promise<void> {
    const { clock } = this.#options;
    const nowUs = clock.nowUs();
    const decided: Decided = { trackers: new Map(), works, outbox: [], downtimes: new Map(), restoring };
    this.#moveDowntimes(nowUs, decided);
    const names = which === 'all' ? [...new Set([...this.#trackers.keys(), ...works.keys()])] : this.#touched(works);
    for (const name of names) await this.#decide(name, decided, nowUs);
    await this.#write(decided, nowUs);
    for (const [id, downtime] of decided.downtimes) {
      if (downtime.endedUs === undefined) this.#downtimes.set(id, downtime);
      else this.#downtimes.delete(id);
    }
    for (const [name, tracker] of decided.trackers) this.#put(name, tracker);
    this.#announce(decided);
    if (decided.outbox.length > 0) this.#options.outboxFilled();
  }

  #touched(works: ReadonlyMap<string, Work>): string[] {
    const names = new Set(works.keys());
    for (const name of works.keys()) for (const dependent of this.#dependents.get(name) ?? []) names.add(dependent);
    return [...names];
  }

  async #decide(name: string, decided: Decided, nowUs: number): Promise<void> {
    const tracker = this.#trackers.get(name);
    const given = decided.works.get(name);
    if (tracker === undefined && given === undefined) return;
    const work = given ?? this.#work(name, decided.works, (tracker as Tracker).record);
    const quiet = await this.#quiet(work, tracker?.quiet ?? {}, decided, nowUs);
    await this.#notify(work, quiet, decided, nowUs);
    work.save ||= work.activity !== undefined || work.lines.length > 0;
    work.shown = JSON.stringify(quiet) !== JSON.stringify(tracker?.quiet ?? {});
    if (given === undefined && !work.save && !work.shown) return;
    const unsavedUs = work.save ? undefined : (tracker?.unsavedUs ?? (work.words ? nowUs : undefined));
    decided.trackers.set(name, {
      record: work.record,
      quiet,
      ...(unsavedUs === undefined ? {} : { unsavedUs }),
      lastResultUs: work.reported ? nowUs : (tracker?.lastResultUs ?? nowUs),
    });
  }

  async #quiet(work: Work, before: Quiet, decided: Decided, nowUs: number): Promise<Quiet> {
    const { record } = work;
    if (record.closedUs !== undefined) return {};
    const downtime = await this.#downtimeOf(record, decided, nowUs);
    const behind = behindOf(record, (other) => this.#openProblem(other, decided));
    if (!decided.restoring) {
      if (downtime !== undefined && before.downtime?.id !== downtime.id) {
        work.lines.push({ kind: 'downtime-started', text: `In downtime for ${spanText(downtime.untilUs - nowUs)}` });
      }
      if (downtime === undefined && before.downtime !== undefined) {
        work.lines.push({ kind: 'downtime-ended', text: 'The downtime has ended' });
      }
      if (behind !== undefined && before.behind !== behind) {
        work.lines.push({ kind: 'behind', text: `Quiet behind: ${this.#titleOf(behind, decided)}` });
      }
    }
    return {
      ...(downtime === undefined ? {} : { downtime }),
      ...(behind === undefined ? {} : { behind }),
      ...this.#release(work, before, behind, nowUs),
    };
  }

  #release(work: Work, before: Quiet, behind: string | undefined, nowUs: number): { releasedUs?: number } {
    if (behind !== undefined || work.reported) return {};
    const releasedUs = before.behind !== undefined ? nowUs : before.releasedUs;
    if (releasedUs === undefined || nowUs - releasedUs >= this.#options.settings.afterParentUs) return {};
    return { releasedUs };
  }

  async #downtimeOf(record: ProblemRecord, decided: Decided, nowUs: number): Promise<Quiet['downtime']> {
    let longest: Quiet['downtime'];
    for (const id of new Set([...this.#downtimes.keys(), ...decided.downtimes.keys()])) {
      const downtime = decided.downtimes.get(id) ?? (this.#downtimes.get(id) as Downtime);
      const waiting = waits(downtime, nowUs);
      if (!waiting && activeUntil(downtime, nowUs) === undefined) continue;
      if (!(covers(downtime, record) ?? (await this.#covers(downtime, record)))) continue;
      const started = waiting ? { ...downtime, startedUs: nowUs } : downtime;
      if (waiting) decided.downtimes.set(id, started);
      const untilUs = activeUntil(started, nowUs);
      if (untilUs !== undefined && untilUs > (longest?.untilUs ?? 0)) longest = { id, untilUs };
    }
    return longest;
  }

  #covers(downtime: Downtime, record: ProblemRecord): Promise<boolean> {
    const { scope } = downtime;
    if (scope.kind !== 'query') return Promise.resolve(false);
    return this.#options.matcher.matches(scope.query, record.tenant, record.assets, false);
  }

  /** Notes that a fixed downtime has begun, and that one has ended. */
  #moveDowntimes(nowUs: number, decided: Decided): void {
    for (const [id, downtime] of this.#downtimes) {
      if (isOver(downtime, nowUs)) decided.downtimes.set(id, { ...downtime, endedUs: nowUs });
      else if (downtime.startedUs === undefined && activeUntil(downtime, nowUs) !== undefined) {
        decided.downtimes.set(id, { ...downtime, startedUs: nowUs });
      }
    }
  }

  async #notify(work: Work, quiet: Quiet, decided: Decided, nowUs: number): Promise<void> {
    const { record } = work;
    const { machine } = record;
    const notified: Record<string, RouteMemory> = {};
    const subject = {
      open: record.closedUs === undefined,
      state: machine.state,
      hard: machine.hard,
      flapping: machine.flapping,
      quiet:
        record.acknowledged !== undefined ||
        quiet.downtime !== undefined ||
        quiet.behind !== undefined ||
        quiet.releasedUs !== undefined,
    };
    for (const route of this.#options.routes()) {
      const memory = record.notified[route.id];
      if (!route.enabled || (memory === undefined && !subject.open)) continue;
      if (!(await this.#isMeant(route, record))) continue;
      const decision = decide(subject, timingOf(route), memory, nowUs);
      if (decision.memory !== undefined) notified[route.id] = decision.memory;
      for (const notice of decision.notices) this.#address(work, route, notice.kind, notice.contacts, decided, nowUs);
    }
    if (JSON.stringify(notified) === JSON.stringify(record.notified)) return;
    work.record = { ...record, notified };
    work.save = true;
  }

  async #isMeant(route: Route, record: ProblemRecord): Promise<boolean> {
    const { match } = route;
    if (route.tenant !== record.tenant) return false;
    if (match.source !== undefined && match.source !== record.source) return false;
    if (match.rule !== undefined && !matchesGlob(match.rule, record.rule)) return false;
    if (match.assets === undefined || match.assets.trim() === '') return true;
    return this.#options.matcher.matches(match.assets, record.tenant, record.assets, true);
  }

  #address(work: Work, route: Route, kind: NoticeKind, ids: readonly string[], decided: Decided, nowUs: number): void {
    const { contacts, newId, consoleUrl } = this.#options;
    const known = contacts();
    const reached = ids.flatMap((id) => known.get(id) ?? []).filter((contact) => contact.enabled);
    if (reached.length === 0) {
      work.lines.push({ kind: 'not-sent', text: `${kind}: the route ${route.name} leads to no contact that is on` });
      return;
    }
    for (const contact of reached) {
      const id = newId();
      decided.outbox.push({
        id,
        tenant: work.record.tenant,
        contact: contact.id,
        route: route.id,
        problem: work.record.id,
        kind,
        message: problemMessage(id, kind, work.record, nowUs, consoleUrl()),
        createdUs: nowUs,
        dueUs: nowUs,
        attempts: 0,
        state: 'waiting',
      });
    }
    const names = reached.map((contact) => contact.name).join(', ');
    work.lines.push({ kind: 'notification', text: `${kind} to ${names} by ${route.name}` });
  }

  async #write(decided: Decided, nowUs: number): Promise<void> {
    const saved = [...decided.works.values()].filter((work) => work.save);
    if (saved.length === 0 && decided.outbox.length === 0 && decided.downtimes.size === 0) return;
    const lines = saved.flatMap(({ record, lines: added }) =>
      added.map((line): StoredLine => ({ ...line, tenant: record.tenant, problem: record.id, timeUs: nowUs })),
    );
    await this.#options.control.write<void, AlertsTables>(async (tx) => {
      await saveProblems(
        tx,
        saved.map((work) => work.record),
      );
      await saveLines(tx, lines, () => this.nextSeq());
      await addToOutbox(tx, decided.outbox);
      for (const downtime of decided.downtimes.values()) await saveDowntime(tx, downtime);
    });
  }

  /** Resolves when all that was asked for is decided and written. */
  async settled(): Promise<void> {
    await this.#turn;
  }

  /** Number of the next line of any problem's history. */
  nextSeq(): number {
    this.#lastSeq += 1;
    return this.#lastSeq;
  }

  #announce(decided: Decided): void {
    const { announcer } = this.#options;
    for (const work of decided.works.values()) {
      const telling = work.lines.filter((line) => !SILENT_KINDS.has(line.kind));
      if (work.activity !== undefined && telling.length > 0) announcer.finding(work.record, work.activity, telling);
      if (work.save || work.words || work.shown) announcer.live(this.view(work.record));
    }
  }

  #openProblem(name: string, decided: Decided): ProblemRecord | undefined {
    const record = decided.works.get(name)?.record ?? this.#trackers.get(name)?.record;
    return record?.closedUs === undefined ? record : undefined;
  }

  #titleOf(id: string, decided: Decided): string {
    for (const work of decided.works.values()) if (work.record.id === id) return work.record.title;
    const name = this.#names.get(id);
    return (name === undefined ? undefined : this.#trackers.get(name)?.record.title) ?? id;
  }

  #put(name: string, tracker: Tracker): void {
    const before = this.#trackers.get(name)?.record;
    if (before !== undefined && before.id !== tracker.record.id) this.#names.delete(before.id);
    for (const parent of before?.dependsOn ?? [])
      this.#dependents.get(nameText(tracker.record.tenant, parent))?.delete(name);
    for (const parent of tracker.record.dependsOn) {
      const parentName = nameText(tracker.record.tenant, parent);
      this.#dependents.set(parentName, (this.#dependents.get(parentName) ?? new Set()).add(name));
    }
    this.#trackers.set(name, tracker);
    this.#names.set(tracker.record.id, name);
  }

  #forgetSettled(nowUs: number): void {
    for (const [name, { record }] of this.#trackers) {
      const { closedUs, machine, notified } = record;
      if (closedUs === undefined || nowUs - closedUs <= this.#options.settings.reopenWithinUs) continue;
      if (machine.flapping || !isSteady(machine.results) || Object.keys(notified).length > 0) continue;
      this.#trackers.delete(name);
      this.#names.delete(record.id);
      for (const parent of record.dependsOn) {
        const parentName = nameText(record.tenant, parent);
        const names = this.#dependents.get(parentName);
        names?.delete(name);
        if (names?.size === 0) this.#dependents.delete(parentName);
      }
    }
  }

  #inTurn<R>(work: () => Promise<R>): Promise<R> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

function activityOf(before: FindingActivity | undefined, change: FindingActivity): FindingActivity {
  return before === 'create' && change === 'update' ? 'create' : change;
}

function timingOf(route: Route) {
  return {
    states: route.match.states,
    contacts: route.contacts,
    delayUs: route.delayS * 1e6,
    repeatUs: route.repeatS * 1e6,
    recovery: route.recovery,
    ...(route.period === undefined ? {} : { period: route.period }),
    escalations: route.escalations.map(({ afterS, contacts }) => ({ afterUs: afterS * 1e6, contacts })),
  };
}
