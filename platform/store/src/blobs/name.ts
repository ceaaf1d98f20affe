import { badRequest } from '@undercroft/kernel';

export const MAX_NAME_BYTES = 512;
const MAX_PART_BYTES = 200;
/** No leading dot: neither `..` nor a hidden or temporary file can be named. */
const PART = /^[A-Za-z0-9_][A-Za-z0-9._+@=-]*$/;

/**
 * Checks a blob's name: parts of letters, digits and `. _ + @ = -` between single slashes, the first one the module's.
 *
 * @throws UndercroftError `store.blob-name` (400)
 */
export function checkBlobName(name: string): void {
  const parts = name.split('/');
  if (
    parts.length >= 2 &&
    name.length <= MAX_NAME_BYTES &&
    parts.every((part) => part.length <= MAX_PART_BYTES && PART.test(part))
  )
    return;
  throw badRequest(
    'store.blob-name',
    `${JSON.stringify(name.slice(0, 100))} is not a name for a blob.`,
    'Use module/name, of letters, digits and . _ + @ = - between slashes; no part may begin with a dot.',
  );
}
