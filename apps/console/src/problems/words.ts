/** What a person hands over about a problem, and how problems stand to one another. Pure. */
import type { Problem } from '../api/types.ts';

export interface HistoryEntry {
  readonly timeAt: string;
  readonly kind: string;
  readonly text: string;
  readonly by?: string;
}

export type ProblemWithHistory = Problem & { readonly history?: readonly HistoryEntry[] };

export interface PlacedProblem {
  readonly problem: Problem;
  /** 1 for one that follows from the row above. */
  readonly depth: number;
}

const WORST: readonly string[] = ['critical', 'warning', 'unknown', 'notice', 'ok'];

/** Causes worst and newest first, each with what follows from it under it. A follower without its cause stands alone. */
export function byCause(problems: readonly Problem[]): readonly PlacedProblem[] {
  const known = new Set(problems.map(({ id }) => id));
  const followers = new Map<string, Problem[]>();
  const roots: Problem[] = [];
  for (const problem of problems) {
    if (problem.behind !== undefined && known.has(problem.behind)) {
      followers.set(problem.behind, [...(followers.get(problem.behind) ?? []), problem]);
    } else {
      roots.push(problem);
    }
  }
  const placed: PlacedProblem[] = [];
  const place = (problem: Problem, depth: number) => {
    placed.push({ problem, depth });
    if (depth < 3) for (const follower of sorted(followers.get(problem.id) ?? [])) place(follower, depth + 1);
  };
  for (const root of sorted(roots)) place(root, 0);
  return placed;
}

function sorted(problems: readonly Problem[]): readonly Problem[] {
  return [...problems].sort(
    (a, b) => WORST.indexOf(a.state) - WORST.indexOf(b.state) || b.openedAt.localeCompare(a.openedAt),
  );
}

/** "soft, 2 of 3", "flapping", "ana, 50 min ago": why it is quiet or not yet sure. */
export function standing(problem: Problem): readonly string[] {
  const words: string[] = [];
  if (!problem.hard) words.push(`soft, ${problem.attempt} of ${problem.maxAttempts}`);
  if (problem.flapping) words.push('flapping');
  if (problem.acknowledged !== undefined) words.push(`acknowledged by ${problem.acknowledged.by}`);
  if (problem.downtime !== undefined) words.push('in downtime');
  if (problem.behind !== undefined) words.push('follows from another');
  return words;
}

/** Plain text for whoever takes over: what, since when, why, what was done, what is next. */
export function handOverNote(
  problem: ProblemWithHistory,
  assetNames: ReadonlyMap<string, string>,
  url: string,
): string {
  const assets = problem.assets.map((id) => assetNames.get(id) ?? id).join(', ');
  const lines = [
    problem.title,
    '',
    `State: ${problem.closedAt === undefined ? problem.state : `closed ${problem.closedAt}`}${problem.hard ? '' : ' (soft)'}`,
    `Since: ${problem.openedAt}`,
    ...(assets === '' ? [] : [`On: ${assets}`]),
    ...(problem.detail === '' ? [] : [`Detail: ${problem.detail}`]),
    ...(problem.acknowledged === undefined
      ? ['Nobody has it yet.']
      : [`Taken by ${problem.acknowledged.by}: ${problem.acknowledged.comment || 'no comment'}`]),
  ];
  if (problem.evidence.length > 0) {
    lines.push('', 'What is known:', ...problem.evidence.map((one) => `- ${one.timeAt} ${one.source}: ${one.text}`));
  }
  const said = (problem.history ?? []).filter(({ kind }) => kind === 'comment');
  if (said.length > 0) lines.push('', 'Said:', ...said.map((one) => `- ${one.timeAt} ${one.by ?? ''}: ${one.text}`));
  if (problem.next !== '') lines.push('', `Next: ${problem.next}`);
  lines.push('', url);
  return lines.join('\n');
}

/** "2 critical, 4 warnings, 1 notice". */
export function countWords(problems: readonly Problem[]): string {
  const count = (state: string) => problems.filter((problem) => problem.state === state).length;
  const parts: readonly (readonly [number, string, string])[] = [
    [count('critical'), 'critical', 'critical'],
    [count('warning'), 'warning', 'warnings'],
    [count('unknown'), 'unknown', 'unknown'],
    [count('notice'), 'notice', 'notices'],
  ];
  return parts
    .filter(([number]) => number > 0)
    .map(([number, one, many]) => `${number} ${number === 1 ? one : many}`)
    .join(', ');
}
