/** `; did you mean "listen"?`, or the known names when nothing is near. */
export function didYouMean(name: string, known: readonly string[]): string {
  const near = known
    .map((candidate) => ({ candidate, distance: shortDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  if (near !== undefined && near.distance <= Math.max(2, Math.floor(name.length / 3)))
    return `; did you mean "${near.candidate}"?`;
  return known.length > 0 && known.length <= 20 ? `; there are ${known.join(', ')}` : '';
}

/** Names of very different length are not near, and not worth the work. */
function shortDistance(a: string, b: string): number {
  return Math.abs(a.length - b.length) > 8 ? 99 : editDistance(a, b);
}

/** Levenshtein's edit distance. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitute, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
