/** Which files leave: the too old, then, above the size, the oldest, audit last. */
import type { ChildOptions } from '../protocol.ts';
import type { ListedFile } from './file-list.ts';

export function planRetention(
  files: readonly ListedFile[],
  nowUs: number,
  options: Pick<ChildOptions, 'classes' | 'retentionUs' | 'auditUs' | 'maxBytes'>,
): ListedFile[] {
  // A class that nobody declares any more is kept as long as audit: it may have been one.
  const audit = new Map(options.classes.map((one) => [one.name, one.audit]));
  const isAudit = (file: ListedFile) => audit.get(file.class) ?? true;
  const expired = (file: ListedFile) =>
    file.maxReceived < BigInt(nowUs - (isAudit(file) ? options.auditUs : options.retentionUs)) * 1000n;
  const leaving = files.filter(expired);
  const staying = files.filter((file) => !expired(file));
  let bytes = staying.reduce((sum, file) => sum + file.bytes, 0);
  const order = [...staying].sort(
    (a, b) => Number(isAudit(a)) - Number(isAudit(b)) || (a.maxReceived < b.maxReceived ? -1 : 1),
  );
  for (const file of order) {
    if (bytes <= options.maxBytes) break;
    leaving.push(file);
    bytes -= file.bytes;
  }
  return leaving;
}
