/** The TCP status of a record from the flags that each side sent at some time: all that flow exports tell of TCP. */
import {
  DESTINATION_PACKETS,
  HAS,
  HAS_NETWORK,
  NET_KIND,
  NET_TCP_STATUS,
  SIDE_FLAGS,
  SOURCE_PACKETS,
  TCP_DESTINATION,
  TCP_SOURCE,
  TCP_STATUS,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const ACK = 16;

const SAW_SYN = 1;
const SAW_SYNACK = 2;
const ESTABLISHED = 4;
const SAW_FIN = 8;
const SAW_FIN_ACK = 0x10;
const SOURCE_RESET = 0x1000;
const DESTINATION_RESET = 0x2000;

/** Writes network part and status bits; call it again when the sides were joined or swapped. */
export function setTcpStatus(record: FlowRecord): void {
  const source = record.get(TCP_SOURCE + SIDE_FLAGS);
  const destination = record.get(TCP_DESTINATION + SIDE_FLAGS);
  let status = 0;
  if (source & RST) status |= SOURCE_RESET;
  if (destination & RST) status |= DESTINATION_RESET;
  if ((source | destination) & FIN) status |= SAW_FIN;
  if (source & destination & FIN) status |= SAW_FIN_ACK;
  record.set(TCP_STATUS, status | handshake(record, source, destination));
  record.set(NET_KIND, NET_TCP_STATUS);
  record.set(HAS, record.get(HAS) | HAS_NETWORK);
}

/** Flags are summed over the flow: a SYN-ACK alone is one only in a flow of one packet, or from who answers. */
function handshake(record: FlowRecord, source: number, destination: number): number {
  const answered = destination & SYN && destination & ACK;
  let status = 0;
  if (source & SYN) {
    const isAnswer = source & ACK && record.getWide(SOURCE_PACKETS) === 1 && record.getWide(DESTINATION_PACKETS) === 0;
    status |= isAnswer ? SAW_SYNACK : SAW_SYN;
    if (isAnswer) return status;
  }
  // An answer proves the question.
  if (answered) status |= SAW_SYN | SAW_SYNACK;
  const sourceTalks = source & ACK && !(source & RST && source & SYN && !answered);
  const established = answered
    ? sourceTalks || record.getWide(DESTINATION_PACKETS) > 1
    : sourceTalks || destination & ACK;
  const refused = destination & RST && !answered && source & SYN && !(source & ACK);
  return established && !refused ? status | ESTABLISHED : status;
}
