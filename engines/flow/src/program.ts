/** How Argus' programs are run: their own command lines, standard streams, and a signal that asks them to end. */
import type { Readable, Writable } from 'node:stream';

export interface ProgramIo {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** @param argv the words after the program's name @returns the exit code */
export type Program = (argv: readonly string[], io: ProgramIo) => Promise<number>;
