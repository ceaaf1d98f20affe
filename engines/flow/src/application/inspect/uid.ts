/** The id that a flow has in logs, for what happened within it: the one that its records have. */

import { addressBytes } from '@undercroft/packet';
import { flowUid } from '../../logs/facts.ts';
import * as word from '../../record/layout.ts';
import { FlowRecord } from '../../record/record.ts';
import type { InspectedFlow } from './flow.ts';

const TCP = 6;
const UDP = 17;

/** @param sourceKind and what follows: who makes the records, as the flow table was told */
export function uidsOf(sourceKind: number, sourceId: number): (flow: InspectedFlow) => string {
  const record = new FlowRecord();
  return (flow) => {
    record.clear();
    const isIpv6 = flow.sourceAddress.includes(':');
    record.set(word.FLOW_TYPE, isIpv6 ? word.FLOW_IPV6 : word.FLOW_IPV4);
    record.set(word.PROTOCOL, flow.isTcp ? TCP : UDP);
    record.bytes.set(addressBytes(flow.sourceAddress) ?? [], (record.base + word.SOURCE_ADDRESS) * 4);
    record.bytes.set(addressBytes(flow.destinationAddress) ?? [], (record.base + word.DESTINATION_ADDRESS) * 4);
    record.set(word.SOURCE_PORT, flow.sourcePort);
    record.set(word.DESTINATION_PORT, flow.destinationPort);
    record.set(word.SOURCE_ID_KIND, sourceKind);
    record.set(word.SOURCE_ID, sourceId);
    record.set(word.SEQUENCE, flow.sequence);
    return flowUid(record);
  };
}
