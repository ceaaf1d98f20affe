/** The script of a role process: the modules, run by the kernel. */
import { runRole } from '@undercroft/kernel/runtime';
import { MODULES } from './modules.ts';

runRole(MODULES);
