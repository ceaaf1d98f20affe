/** Runs a client in tests: what it reads is given, what it writes is kept. */
import { Readable, Writable } from 'node:stream';
import type { Program, ProgramIo } from '../../program.ts';

export interface ProgramResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export async function runProgram(
  program: Program,
  argv: readonly string[],
  input: Uint8Array = Buffer.alloc(0),
): Promise<ProgramResult> {
  const chunks: Buffer[] = [];
  const errors: Buffer[] = [];
  const io: ProgramIo = {
    stdin: Readable.from(input.length === 0 ? [] : [Buffer.from(input)]),
    stdout: keeping(chunks),
    stderr: keeping(errors),
    env: { TZ: 'UTC' },
    signal: new AbortController().signal,
  };
  const code = await program(argv, io);
  return { code, stdout: Buffer.concat(chunks), stderr: Buffer.concat(errors).toString() };
}

function keeping(chunks: Buffer[]): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
}
