/** A consistent copy of the whole installation, made while it runs. */
export interface BackupResult {
  readonly path: string;
  readonly files: number;
  /** Of the state that was copied, before compression. */
  readonly sizeBytes: number;
  readonly elapsedMs: number;
  /** What a person should know: a folder that was copied as it lay because its module registered no copy. */
  readonly warnings: readonly string[];
}

export interface Backup {
  /**
   * Writes a backup on the server's machine: one compressed file if the path ends in `.tar.gz` or `.tgz`, else a new
   * folder. One runs at a time.
   *
   * @param target absolute path of something that does not exist yet
   * @throws UndercroftError `backup.target`, `backup.running`, `store.disk-full`
   */
  create(target: string): Promise<BackupResult>;
}
