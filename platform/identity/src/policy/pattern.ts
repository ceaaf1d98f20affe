/** One rule's path as it matches, and which of two that match counts. */

/** The platform's own paths. */
export const PLATFORM_PREFIX = 'sys/undercroft/';

export type Pattern =
  /** Matches itself. */
  | { readonly kind: 'exact'; readonly text: string }
  /** `foo/*`: matches all that begin with `text`. */
  | { readonly kind: 'glob'; readonly text: string }
  /** `foo/+/bar`, `foo/+/ba*`: `+` stands for one whole segment. */
  | {
      readonly kind: 'segments';
      readonly text: string;
      readonly segments: readonly string[];
      readonly glob: boolean;
      readonly plusCount: number;
      readonly firstPlus: number;
      /** What stands before the first `+`. */
      readonly literal: string;
    };

/** @param path of a policy rule, without the leading slash */
export function compilePattern(path: string): Pattern {
  const glob = path.endsWith('*');
  const body = glob ? path.slice(0, -1) : path;
  if (path === '+' || path.startsWith('+/') || path.includes('/+')) {
    const segments = body.split('/');
    const plusCount = segments.filter((segment) => segment === '+').length;
    const firstPlus = path.indexOf('+');
    const literal = path.slice(0, firstPlus);
    return { kind: 'segments', text: body, segments, glob, plusCount, firstPlus, literal };
  }
  return glob ? { kind: 'glob', text: body } : { kind: 'exact', text: path };
}

/** @param parts the path split at slashes */
export function matchesSegments(pattern: Pattern & { kind: 'segments' }, parts: readonly string[]): boolean {
  const { segments, glob } = pattern;
  if (parts.length < segments.length || (!glob && parts.length !== segments.length)) return false;
  const last = segments.length - 1;
  return segments.every(
    (segment, i) => segment === '+' || segment === parts[i] || (glob && i === last && parts[i]!.startsWith(segment)),
  );
}

/** What comes before the first wildcard. */
export function literalLength(pattern: Pattern): number {
  return pattern.kind === 'segments' ? pattern.firstPlus : pattern.text.length;
}

/**
 * Order of wildcard rules that match the same path, the one that counts last: later first wildcard, then not ending
 * in `*`, then fewer `+`, then longer, then the greater text.
 */
export function comparePriority(a: Pattern, b: Pattern): number {
  return (
    literalLength(a) - literalLength(b) ||
    Number(isGlob(b)) - Number(isGlob(a)) ||
    plusCount(b) - plusCount(a) ||
    a.text.length - b.text.length ||
    (a.text < b.text ? -1 : Number(a.text > b.text))
  );
}

/** Whether a wildcard rule may speak about this path at all: below the platform's prefix only if it spells it out. */
export function reaches(pattern: Pattern, path: string): boolean {
  if (pattern.kind === 'exact') return true;
  const isPlatformPath = path.startsWith(PLATFORM_PREFIX) || `${path}/` === PLATFORM_PREFIX;
  return !isPlatformPath || literalLength(pattern) >= PLATFORM_PREFIX.length;
}

function isGlob(pattern: Pattern): boolean {
  return pattern.kind === 'glob' || (pattern.kind === 'segments' && pattern.glob);
}

function plusCount(pattern: Pattern): number {
  return pattern.kind === 'segments' ? pattern.plusCount : 0;
}
