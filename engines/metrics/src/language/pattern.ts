/** Netdata's simple patterns: words with `*`, `!` before one refuses, the first that matches decides. */

export type SimplePattern = (text: string) => boolean;

/**
 * @param source words separated by spaces, `!/run !/run/* *`
 * @see Netdata, "libnetdata/simple_pattern"
 */
export function simplePattern(source: string): SimplePattern {
  const words = source
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => ({ refuse: word.startsWith('!'), parts: word.replace(/^!/, '').split('*') }));
  return (text) => {
    for (const word of words) if (matches(word.parts, text)) return !word.refuse;
    return false;
  };
}

/** `parts` are the pieces between the stars. Linear in the text: each piece is found as early as possible. */
function matches(parts: readonly string[], text: string): boolean {
  const first = parts[0]!;
  if (parts.length === 1) return text === first;
  const last = parts[parts.length - 1]!;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return at <= end;
}
