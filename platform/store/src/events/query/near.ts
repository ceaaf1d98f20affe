/** Names that somebody may have meant. */
import { editDistance } from '@undercroft/kernel';

const MAX_SUGGESTIONS = 3;

/** @returns at most three of `known`, nearest first: one contains the other, or few letters differ */
export function nearNames(name: string, known: Iterable<string>): string[] {
  const wanted = name.toLowerCase().slice(0, 100);
  const scored: { name: string; score: number }[] = [];
  for (const candidate of known) {
    const lower = candidate.toLowerCase();
    const contains = wanted.length > 2 && (lower.includes(wanted) || wanted.includes(lower));
    const score = contains ? 1 : editDistance(wanted, lower);
    if (score <= Math.max(2, wanted.length / 3)) scored.push({ name: candidate, score });
  }
  scored.sort((a, b) => a.score - b.score || (a.name < b.name ? -1 : 1));
  return scored.slice(0, MAX_SUGGESTIONS).map((one) => one.name);
}
