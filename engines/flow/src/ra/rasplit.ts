/** rasplit: one file of records in, many out. */
import type { Program } from '../program.ts';
import { runClient } from './client/run.ts';
import { startSplit } from './split.ts';

export const run: Program = (argv, io) => runClient('rasplit', argv, io, (context) => startSplit(context, false));
