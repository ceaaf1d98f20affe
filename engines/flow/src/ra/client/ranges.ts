/** Numbers as a list of ranges: `1 - 3, 5`. */

export function rangesText(numbers: Iterable<number>, text: (number: number) => string): string {
  const sorted = [...numbers].sort((one, other) => one - other);
  const parts: string[] = [];
  for (let at = 0; at < sorted.length; ) {
    const first = sorted[at] as number;
    let last = first;
    while (at + 1 < sorted.length && sorted[at + 1] === last + 1) {
      at += 1;
      last += 1;
    }
    at += 1;
    parts.push(first === last ? text(first) : `${text(first)} - ${text(last)}`);
  }
  return parts.join(', ');
}
