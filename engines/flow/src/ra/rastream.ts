/** rastream: a live stream into files, each handed to a program when its time is over. */
import type { Program } from '../program.ts';
import { runClient } from './client/run.ts';
import { startSplit } from './split.ts';

export const run: Program = (argv, io) => runClient('rastream', argv, io, (context) => startSplit(context, true));
