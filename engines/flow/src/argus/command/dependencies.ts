/** The parts of the house that argus and radium stand on. */
import { compileFilter } from '../../ra/filter/compile.ts';
import { FlowTable } from '../../table/flow-table.ts';
import { argusError } from '../errors.ts';
import type { ArgusDependencies } from './argus.ts';
import { tableSettings } from './table-settings.ts';

export const ARGUS_DEPENDENCIES: Omit<ArgusDependencies, 'systemConfig'> = {
  openMeter: async (options) => new FlowTable(tableSettings(options)),
  compileFilter(text) {
    try {
      return compileFilter(text);
    } catch (error) {
      throw argusError('filter', (error as Error).message, error);
    }
  },
  nowUs: () => Math.round((performance.timeOrigin + performance.now()) * 1000),
  monotonicMs: () => performance.now(),
};
