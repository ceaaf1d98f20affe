/** The ports of a flow as ra reads them. */
import {
  DESTINATION_PORT,
  FLOW_FLAGS,
  FLOW_IPV6,
  FLOW_TYPE,
  FLOWFLAG_FRAGMENT,
  FLOWFLAG_REVERSED,
  KEY_DETAIL,
  SOURCE_PORT,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';

/** Of IPv6 fragments ra shows the halves of their id. */
export function shownPort(record: FlowRecord, isSource: boolean): number {
  const flags = record.get(FLOW_FLAGS);
  if (record.get(FLOW_TYPE) !== FLOW_IPV6 || (flags & FLOWFLAG_FRAGMENT) === 0) {
    return record.get(isSource ? SOURCE_PORT : DESTINATION_PORT);
  }
  const isFirst = isSource === ((flags & FLOWFLAG_REVERSED) === 0);
  const half = (record.get(KEY_DETAIL) >>> (isFirst ? 0 : 16)) & 0xffff;
  return ((half & 0xff) << 8) | (half >>> 8);
}
