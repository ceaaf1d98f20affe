/** Who probably began, where a record does not tell: the side with the larger port (RA_PORT_DIRECTION). */
import { DESTINATION_PORT, SOURCE_PORT } from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { directionText } from '../fields/state.ts';
import type { Settings } from '../options/settings.ts';
import { readServices } from '../text/names.ts';
import { reverseRecord } from './reverse.ts';

const FIRST_FREE_PORT = 1024;
const FIRST_DYNAMIC_PORT = 49152;

/** @returns null when no rule is asked for */
export function directionByPorts(rules: Settings['portDirection']): ((record: FlowRecord) => void) | null {
  if (!rules.services && !rules.wellKnown && !rules.registered) return null;
  const { tcp } = readServices();
  const isRegistered = (port: number): boolean => port >= FIRST_FREE_PORT && port < FIRST_DYNAMIC_PORT;
  return (record) => {
    if (!directionText(record).includes('?')) return;
    const source = record.get(SOURCE_PORT);
    const destination = record.get(DESTINATION_PORT);
    let isReversed = false;
    if (rules.wellKnown && (source < FIRST_FREE_PORT || destination < FIRST_FREE_PORT)) {
      isReversed = source < destination;
    } else if (rules.services && (tcp.has(source) || tcp.has(destination))) {
      isReversed = tcp.has(source) && (!tcp.has(destination) || source < destination);
    } else if (rules.registered && (isRegistered(source) || isRegistered(destination))) {
      isReversed = source < destination;
    }
    if (isReversed) reverseRecord(record);
  };
}
