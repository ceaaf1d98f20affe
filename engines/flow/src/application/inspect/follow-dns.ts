/** Questions and answers of names, over UDP and TCP. */
import type { DnsTransaction } from '../../logs/transactions.ts';
import { INSPECT_ALL, INSPECT_NONE } from '../../table/inspection.ts';
import { type DnsMessage, readDns } from '../language/dns/message.ts';
import { dnsCodeName, dnsTypeName } from '../language/dns/names.ts';
import { be16 } from '../language/reader.ts';
import type { FlowInspection, Follower, Said } from './flow.ts';
import type { FollowerParts, Growing } from './sink.ts';

/** Questions of one flow that wait for their answers. */
const MAX_PENDING = 64;
const REFUSED = 5;
/** Of class IN, where mDNS sets the bit that asks for an answer to the asker alone. */
const CLASS_MASK = 0x7fff;
const TCP_PACKETS = 64;

interface Pending {
  readonly message: DnsMessage;
  readonly timeS: number;
}

export class DnsFollower implements Follower {
  readonly #parts: FollowerParts;
  /** Answers come to the same two ends: not so where questions go to groups. */
  readonly #isPaired: boolean;
  /** Usually one: over UDP each question is a flow. */
  #pending: Pending[] = [];
  #readOut = 0;
  #readIn = 0;

  readonly #isTcp: boolean;

  constructor(parts: FollowerParts, isPaired: boolean, isTcp: boolean) {
    this.#parts = parts;
    this.#isTcp = isTcp;
    this.#isPaired = isPaired;
  }

  get isIdle(): boolean {
    return !this.#isTcp && this.#pending.length === 0;
  }

  follow(flow: FlowInspection, said: Said): number {
    if (!this.#isTcp) {
      this.#take(flow, readDns(said.bytes), said.timeS);
      return INSPECT_ALL;
    }
    this.#readStream(flow, said);
    return flow.packetsIn + flow.packetsOut >= TCP_PACKETS ? INSPECT_NONE : INSPECT_ALL;
  }

  end(flow: FlowInspection): void {
    for (const { message, timeS } of this.#pending) this.#tell(flow, message, null, timeS);
    this.#pending = [];
  }

  #readStream(flow: FlowInspection, said: Said): void {
    const bytes = flow.side(said.isAnswer).start;
    let at = said.isAnswer ? this.#readIn : this.#readOut;
    while (at + 2 <= bytes.length && at + 2 + be16(bytes, at) <= bytes.length) {
      const end = at + 2 + be16(bytes, at);
      this.#take(flow, readDns(bytes.subarray(at + 2, end)), said.timeS);
      at = end;
    }
    if (said.isAnswer) this.#readIn = at;
    else this.#readOut = at;
  }

  #take(flow: FlowInspection, message: DnsMessage | null, timeS: number): void {
    if (message === null) return;
    if (!this.#isPaired) {
      this.#tell(flow, message.isAnswer ? null : message, message.isAnswer ? message : null, timeS);
      return;
    }
    const place = this.#pending.findIndex(({ message: { id } }) => id === message.id);
    if (message.isAnswer) {
      const [asked] = place < 0 ? [] : this.#pending.splice(place, 1);
      const roundTripS = asked === undefined ? undefined : timeS - asked.timeS;
      this.#tell(flow, asked?.message ?? null, message, asked?.timeS ?? timeS, roundTripS);
      return;
    }
    // Asked again: the first counts.
    if (place >= 0) return;
    if (this.#pending.length >= MAX_PENDING) this.end(flow);
    this.#pending.push({ message, timeS });
  }

  #tell(
    { flow }: FlowInspection,
    asked: DnsMessage | null,
    answer: DnsMessage | null,
    timeS: number,
    roundTripS?: number,
  ): void {
    const first = asked ?? answer;
    if (first === null) return;
    const question = first.questions[0] ?? answer?.questions[0];
    const transaction: Growing<DnsTransaction> = {
      timeS,
      uid: this.#parts.uid(flow),
      sourceAddress: flow.sourceAddress,
      sourcePort: flow.sourcePort,
      destinationAddress: flow.destinationAddress,
      destinationPort: flow.destinationPort,
      transport: flow.isTcp ? 'tcp' : 'udp',
      id: first.id,
      authoritative: answer?.isAuthoritative ?? false,
      truncated: (answer ?? first).isTruncated,
      recursionDesired: first.wantsRecursion,
      recursionAvailable: answer?.offersRecursion ?? false,
      reserved: first.reserved,
      answers: answer?.answers.map(({ data }) => data) ?? [],
      ttlsS: answer?.answers.map(({ ttlS }) => ttlS) ?? [],
      rejected: answer?.code === REFUSED,
    };
    if (roundTripS !== undefined) transaction.roundTripS = Math.max(0, roundTripS);
    if (question !== undefined) {
      transaction.query = question.name;
      transaction.queryClass = question.class & CLASS_MASK;
      transaction.queryType = question.type;
      transaction.queryTypeName = dnsTypeName(question.type);
    }
    if (answer !== null) {
      transaction.responseCode = answer.code;
      transaction.responseCodeName = dnsCodeName(answer.code);
    }
    this.#parts.sink.dns(transaction, flow);
  }
}
