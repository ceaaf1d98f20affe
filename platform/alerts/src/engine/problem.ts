/** What a report makes of a problem: opened, counted, changed, closed, reopened. Pure. */
import type { Evidence, JsonObject, ProblemReport, ProblemState } from '@undercroft/kernel';
import type { FlapThresholds } from './flap.ts';
import { type Machine, NEVER_SEEN, step } from './machine.ts';
import type { RouteMemory } from './notify.ts';

export const MAX_TITLE_LENGTH = 500;
export const MAX_TEXT_LENGTH = 10_000;
export const MAX_EVIDENCE = 50;
export const MAX_ASSETS = 100;
export const MAX_DEPENDENCIES = 50;

export interface Acknowledgement {
  readonly by: string;
  readonly timeUs: number;
  readonly comment: string;
  /** Kept until ok; otherwise any change of state takes it off. */
  readonly sticky: boolean;
  readonly expiresUs?: number;
}

export interface ProblemName {
  readonly source: string;
  readonly rule: string;
  readonly subject: string;
}

export interface ProblemRecord extends ProblemName {
  readonly id: string;
  readonly tenant: string;
  readonly assets: readonly string[];
  readonly machine: Machine;
  readonly title: string;
  readonly detail: string;
  readonly next: string;
  readonly evidence: readonly Evidence[];
  readonly attributes: JsonObject;
  readonly dependsOn: readonly ProblemName[];
  readonly openedUs: number;
  readonly changedUs: number;
  readonly lastReportUs: number;
  readonly closedUs?: number;
  readonly acknowledged?: Acknowledgement;
  /** What each route has told, by its id. */
  readonly notified: Readonly<Record<string, RouteMemory>>;
}

export const HISTORY_KINDS = [
  'opened',
  'reopened',
  'attempt',
  'state',
  'closed',
  'flapping-started',
  'flapping-stopped',
  'acknowledged',
  'unacknowledged',
  'comment',
  'downtime-started',
  'downtime-ended',
  'behind',
  'notification',
  'not-sent',
] as const;
export type HistoryKind = (typeof HISTORY_KINDS)[number];

export interface HistoryLine {
  readonly kind: HistoryKind;
  readonly text: string;
  readonly by?: string;
}

export interface ReportSettings {
  readonly nowUs: number;
  readonly newId: () => string;
  /** A problem that comes back within this time after it closed is the same one. */
  readonly reopenWithinUs: number;
  readonly flap: FlapThresholds | undefined;
}

export interface Applied {
  readonly record: ProblemRecord;
  readonly lines: readonly HistoryLine[];
  /**
   * `nothing`: only the time of the report. `words`: title, evidence and the like, state untouched. Otherwise what the
   * finding's event says.
   */
  readonly change: 'nothing' | 'words' | 'create' | 'update' | 'close';
}

/** @returns undefined for ok about something that never was bad */
export function applyReport(
  before: ProblemRecord | undefined,
  report: ProblemReport,
  tenant: string,
  settings: ReportSettings,
): Applied | undefined {
  const { nowUs } = settings;
  const timeUs = Math.min(report.timeUs ?? nowUs, nowUs);
  if (before === undefined && report.state === 'ok') return undefined;
  const words = wordsOf(report);
  const maxAttempts = report.maxAttempts ?? 1;
  const taken = step(before?.machine ?? NEVER_SEEN, report.state, { maxAttempts, flap: settings.flap });
  const { machine } = taken;
  const isOpen = before !== undefined && before.closedUs === undefined;

  if (!isOpen && report.state === 'ok') return quiet(before as ProblemRecord, machine, timeUs, taken.flap);
  const common = {
    source: report.source,
    rule: report.rule,
    subject: report.subject,
    tenant,
    ...words,
    machine,
    lastReportUs: timeUs,
  };
  const flapLine = flapLines(taken.flap);

  if (!isOpen) {
    const again = before !== undefined && timeUs - (before.closedUs as number) <= settings.reopenWithinUs;
    const record: ProblemRecord = {
      ...common,
      id: again ? before.id : settings.newId(),
      openedUs: again ? before.openedUs : timeUs,
      changedUs: timeUs,
      notified: again ? before.notified : {},
    };
    const line: HistoryLine = { kind: again ? 'reopened' : 'opened', text: `${stateText(machine)}: ${words.title}` };
    return { record, lines: [line, ...flapLine], change: again ? 'update' : 'create' };
  }

  if (report.state === 'ok') {
    const { acknowledged: _, ...rest } = before;
    const record = { ...rest, machine, closedUs: timeUs, changedUs: timeUs, lastReportUs: timeUs };
    const soft = machine.hard ? '' : ', before it was hard';
    const text = `Ok after ${spanText(timeUs - before.openedUs)}${soft}${words.title === '' ? '' : `: ${words.title}`}`;
    return { record, lines: [{ kind: 'closed', text }, ...flapLine], change: 'close' };
  }

  const lines: HistoryLine[] = [];
  if (taken.changed) lines.push({ kind: 'state', text: `${stateText(machine)}: ${words.title}` });
  else if (taken.counted) lines.push({ kind: 'attempt', text: stateText(machine) });
  const changedState = report.state !== before.machine.state;
  const { acknowledged, ...rest } = before;
  const dropped = acknowledged !== undefined && changedState && !acknowledged.sticky;
  if (dropped) lines.push({ kind: 'unacknowledged', text: `The state changed to ${report.state}` });
  lines.push(...flapLine);
  const record: ProblemRecord = {
    ...rest,
    ...common,
    ...(acknowledged !== undefined && !dropped ? { acknowledged } : {}),
    changedUs: changedState ? timeUs : before.changedUs,
  };
  if (lines.length > 0) return { record, lines, change: 'update' };
  return { record, lines, change: sameWords(before, record) ? 'nothing' : 'words' };
}

/** A thing from which nothing new came counts as unchanged, or what flapped would be flapping for ever. */
export function settle(before: ProblemRecord, flap: FlapThresholds | undefined): Applied {
  const taken = step(before.machine, before.machine.state, { maxAttempts: before.machine.maxAttempts, flap });
  const machine = { ...taken.machine, attempt: before.machine.attempt, hard: before.machine.hard };
  const lines = flapLines(taken.flap);
  return { record: { ...before, machine }, lines, change: lines.length > 0 ? 'update' : 'nothing' };
}

function quiet(
  before: ProblemRecord,
  machine: Machine,
  timeUs: number,
  flap: 'started' | 'stopped' | undefined,
): Applied {
  const lines = flapLines(flap);
  const record = { ...before, machine, lastReportUs: timeUs };
  return { record, lines, change: lines.length > 0 ? 'update' : 'nothing' };
}

function flapLines(flap: 'started' | 'stopped' | undefined): HistoryLine[] {
  if (flap === undefined) return [];
  return [
    flap === 'started'
      ? { kind: 'flapping-started', text: 'Changes too often: quiet until it settles' }
      : { kind: 'flapping-stopped', text: 'Has settled' },
  ];
}

function wordsOf(report: ProblemReport) {
  return {
    title: cut(report.title, MAX_TITLE_LENGTH),
    detail: cut(report.detail ?? '', MAX_TEXT_LENGTH),
    next: cut(report.next ?? '', MAX_TEXT_LENGTH),
    evidence: (report.evidence ?? []).slice(-MAX_EVIDENCE),
    attributes: report.attributes ?? {},
    assets: (report.assets ?? assetOfSubject(report.subject)).slice(0, MAX_ASSETS),
    dependsOn: (report.dependsOn ?? []).slice(0, MAX_DEPENDENCIES),
  };
}

function sameWords(a: ProblemRecord, b: ProblemRecord): boolean {
  const words = ({ title, detail, next, evidence, attributes, assets, dependsOn }: ProblemRecord): string =>
    JSON.stringify([title, detail, next, evidence, attributes, assets, dependsOn]);
  return words(a) === words(b);
}

/** `id` and `id:/var` begin with the id of an asset. */
function assetOfSubject(subject: string): string[] {
  const [id = ''] = subject.split(':');
  return /^[0-9A-HJKMNP-TV-Z]{26}$/.test(id) ? [id] : [];
}

/** Words may quote what a watched thing sent: a NUL in them, which cannot be kept, must not lose the problem. */
function cut(text: string, length: number): string {
  const kept = text.replaceAll('\0', '\ufffd');
  return kept.length > length ? `${kept.slice(0, length - 1)}…` : kept;
}

function stateText({ state, hard, attempt, maxAttempts }: Machine): string {
  return `${capital(state)}${maxAttempts > 1 ? ` (${hard ? 'hard' : 'soft'}, ${attempt} of ${maxAttempts})` : ''}`;
}

function capital(state: ProblemState): string {
  return `${state[0]?.toUpperCase()}${state.slice(1)}`;
}

/** `3 min`, `2 h 5 min`, `4 d 1 h`. */
export function spanText(us: number): string {
  const seconds = Math.max(0, Math.round(us / 1e6));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}
