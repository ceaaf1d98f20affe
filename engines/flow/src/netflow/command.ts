/** `undercroft flow collect` and `undercroft flow export`: flow exports in, argus records and logs out; and back. */
import { UndercroftError } from '@undercroft/kernel';
import type { ProgramIo } from '../program.ts';
import { collect } from './command/collect.ts';
import { exportFlows } from './command/export.ts';

const USAGE = `usage: undercroft flow collect [options]   receive NetFlow, IPFIX and sFlow
       undercroft flow export [options]    send argus records as NetFlow or IPFIX
Either with --help says more.
`;

/** @param argv `collect` or `export` and its options @returns the exit code: 0, 1 for what failed, 2 for a wrong call */
export async function run(argv: readonly string[], io: ProgramIo): Promise<number> {
  const [name, ...rest] = argv;
  const program = name === 'collect' ? collect : name === 'export' ? exportFlows : null;
  if (program === null) {
    io.stderr.write(USAGE);
    return 2;
  }
  try {
    return await program(rest, io);
  } catch (error) {
    const isUsage = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') ?? false;
    const { fix } = error as UndercroftError;
    io.stderr.write(
      `flow ${name}: ${(error as Error).message}${error instanceof UndercroftError && fix ? ` ${fix}` : ''}\n`,
    );
    return isUsage || (error instanceof UndercroftError && error.code === 'flow.usage') ? 2 : 1;
  }
}
