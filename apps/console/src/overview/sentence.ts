/** The answer in a sentence, and its proof in another. Pure, so that every case is a test. */
import { isOpen, needsSomebody } from '../api/problems.ts';
import type { Problem } from '../api/types.ts';
import { formatClock, formatCount, formatDuration, msOf } from '../time/format.ts';

export interface Situation {
  readonly problems: readonly Problem[];
  readonly nowMs: number;
  /** Name of an asset by its id, where known. */
  readonly nameOf: (assetId: string) => string | undefined;
  readonly hosts: { readonly reporting: number; readonly total: number } | undefined;
  /** Events dropped since the platform started. */
  readonly dropped: number | undefined;
  /** Since when the only host is watched, and its name: the first minutes. */
  readonly newHost?: { readonly name: string; readonly sinceMs: number } | undefined;
  /** When the last problem closed. */
  readonly lastClosedMs?: number | undefined;
}

/** Emphasised parts are marked `**so**`. */
export interface Answer {
  readonly title: string;
  readonly lead: string;
}

export function answerOf(situation: Situation): Answer {
  const { problems, nowMs } = situation;
  const waiting = problems.filter(needsSomebody);
  const critical = waiting.filter(({ state }) => state === 'critical');
  const warnings = waiting.filter(({ state }) => state === 'warning' || state === 'unknown');
  const proof = [newHostPart(situation), hostsPart(situation), droppedPart(situation)].filter(Boolean).join('; ');
  const end = proof === '' ? '' : `${capital(proof)}.`;
  if (critical.length > 0) {
    return {
      title: critical.length === 1 ? '1 problem needs you' : `${formatCount(critical.length)} problems need you`,
      lead: [originPart(critical, situation), end].filter(Boolean).join(' '),
    };
  }
  if (warnings.length > 0) {
    return {
      title: `${plural(warnings.length, 'warning')}, nothing critical`,
      lead: [originPart(warnings, situation), end].filter(Boolean).join(' '),
    };
  }
  const held = problems.filter((problem) => isOpen(problem) && problem.state !== 'notice').length;
  const since =
    situation.newHost !== undefined || situation.lastClosedMs === undefined || held > 0
      ? ''
      : `All well since ${nowMs - situation.lastClosedMs < 86_400_000 ? formatClock(situation.lastClosedMs) : `${formatDuration(nowMs - situation.lastClosedMs)} ago`}.`;
  const quiet = held === 0 ? '' : `${plural(held, 'problem')} acknowledged, in downtime or behind another.`;
  const notices = waiting.length === 0 ? '' : `${plural(waiting.length, 'notice')} for when you have time.`;
  return { title: 'Nothing needs you', lead: [since, quiet, end, notices].filter(Boolean).join(' ') };
}

/** "2 critical, 4 warnings, 1 notice". */
export function countsText(problems: readonly Problem[]): string {
  const count = (...states: readonly string[]) => problems.filter(({ state }) => states.includes(state)).length;
  const parts = [
    [count('critical'), 'critical', 'critical'],
    [count('warning'), 'warning', 'warnings'],
    [count('unknown'), 'unknown', 'unknown'],
    [count('notice'), 'notice', 'notices'],
  ] as const;
  return parts
    .filter(([number]) => number > 0)
    .map(([number, one, many]) => `${formatCount(number)} ${number === 1 ? one : many}`)
    .join(', ');
}

/** "Quiet: 4 in downtime, 1 behind another problem, 2 acknowledged." */
export function quietText(problems: readonly Problem[]): string {
  const open = problems.filter(isOpen);
  const downtime = open.filter((problem) => problem.downtime !== undefined);
  const behind = open.filter((problem) => problem.downtime === undefined && problem.behind !== undefined);
  const acknowledged = open.filter(
    (problem) => problem.downtime === undefined && problem.behind === undefined && problem.acknowledged !== undefined,
  );
  const soft = open.filter(
    (problem) =>
      !problem.hard &&
      problem.downtime === undefined &&
      problem.behind === undefined &&
      problem.acknowledged === undefined,
  );
  const until = downtime.map(({ downtime: planned }) => msOf(planned?.untilAt)).sort((a, b) => b - a)[0];
  const parts = [
    downtime.length === 0
      ? ''
      : `${downtime.length} in downtime${until === undefined ? '' : ` until ${formatClock(until)}`}`,
    behind.length === 0 ? '' : `${behind.length} behind another problem`,
    acknowledged.length === 0 ? '' : `${acknowledged.length} acknowledged`,
    soft.length === 0 ? '' : `${soft.length} not yet certain`,
  ].filter(Boolean);
  return parts.length === 0 ? '' : `Quiet: ${parts.join(', ')}.`;
}

/** "Both start at **db-02**, 24 minutes ago." */
function originPart(problems: readonly Problem[], { nowMs, nameOf }: Situation): string {
  const first = Math.min(...problems.map(({ openedAt }) => msOf(openedAt)));
  if (!Number.isFinite(first)) return '';
  const age = agoText(nowMs - first);
  const places = new Set(problems.map(({ assets }) => assets[0]));
  const asset = [...places][0];
  const name = places.size === 1 && asset !== undefined ? nameOf(asset) : undefined;
  if (name === undefined) return problems.length === 1 ? `It started ${age}.` : `The first started ${age}.`;
  if (problems.length === 1) return `It started on **${name}**, ${age}.`;
  return `${problems.length === 2 ? 'Both are' : 'All are'} on **${name}**; the first started ${age}.`;
}

function agoText(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return 'less than a minute ago';
  if (minutes < 60) return minutes === 1 ? 'a minute ago' : `${minutes} minutes ago`;
  const hours = Math.round(minutes / 60);
  if (hours < 48) return hours === 1 ? 'an hour ago' : `${hours} hours ago`;
  return `${Math.round(hours / 24)} days ago`;
}

function newHostPart({ newHost, nowMs }: Situation): string {
  if (newHost === undefined) return '';
  const minutes = Math.max(1, Math.round((nowMs - newHost.sinceMs) / 60_000));
  const time = minutes < 60 ? plural(minutes, 'minute') : plural(Math.round(minutes / 60), 'hour');
  return `**${newHost.name}** has been watched for ${time}`;
}

function hostsPart({ hosts, newHost }: Situation): string {
  if (hosts === undefined || hosts.total === 0 || newHost !== undefined) return '';
  const { reporting, total } = hosts;
  if (total === 1) return reporting === 1 ? 'the one host reports' : 'the one host does not report';
  return reporting === total
    ? `all ${formatCount(total)} hosts report`
    : `${formatCount(reporting)} of ${formatCount(total)} hosts report`;
}

function droppedPart({ dropped }: Situation): string {
  if (dropped === undefined) return '';
  return dropped === 0 ? 'nothing was dropped' : `${formatCount(dropped)} events were dropped`;
}

function plural(count: number, one: string): string {
  return `${formatCount(count)} ${count === 1 ? one : `${one}s`}`;
}

function capital(text: string): string {
  return text.startsWith('**') ? text : text.slice(0, 1).toUpperCase() + text.slice(1);
}
