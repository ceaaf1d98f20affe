/**
 * Listens to the beginnings of flows: takes the packets that the flow table shows, tells what is spoken and by whom, and
 * hands transactions on. Bounded in flows and in bytes; what does not fit is let go of, and counted.
 */
import type { PacketInspector } from '../../table/flow-table.ts';
import * as shown from '../../table/inspection.ts';
import { maybeRtp, recogniseDatagram, rtpSource } from '../language/recognise/datagram.ts';
import { recogniseStream } from '../language/recognise/stream.ts';
import { AddressMemory } from './addresses.ts';
import { bannerOf } from './banner.ts';
import { Buffers } from './buffers.ts';
import type { FlowFacts } from './facts.ts';
import { Fingerprints } from './fingerprints.ts';
import { FlowInspection, type Follower, type InspectedFlow, type Said } from './flow.ts';
import { DnsFollower } from './follow-dns.ts';
import { DtlsFollower } from './follow-dtls.ts';
import { HttpFollower } from './follow-http.ts';
import { QuicFollower } from './follow-quic.ts';
import { SshFollower } from './follow-ssh.ts';
import { StunFollower } from './follow-stun.ts';
import { TlsFollower } from './follow-tls.ts';
import { UPGRADED, UpgradeFollower } from './follow-upgrade.ts';
import { Generations } from './generations.ts';
import type { HandshakeParts } from './handshake.ts';
import type { TransactionSink } from './sink.ts';

const MAX_FLOWS = 200_000;
/** Flows whose bytes are kept, and these bytes. */
const MAX_OPEN = 32_768;
const MAX_OPEN_BYTES = 64 * 1024 * 1024;
/** A flow that is silent for longer has been forgotten by the table: twice its longest memory. */
const FORGET_S = 150;
/** Datagrams of one direction after which a protocol that is not known never will be. */
const MAX_DATAGRAMS = 4;
/** Segments of each direction after which the same holds of a stream. */
const MAX_UNKNOWN = 4;
/** Steps of RTP's sequence numbers between two packets of one source. */
const MAX_RTP_STEP = 64;

const NAMING: ReadonlySet<string> = new Set(['dns', 'mdns', 'llmnr']);

export interface InspectorOptions {
  readonly sink: TransactionSink;
  /** The flow's id in logs; empty unless given. */
  readonly uid?: (flow: InspectedFlow) => string;
  readonly maxFlows?: number;
}

export interface InspectorCounts {
  readonly packets: number;
  readonly flows: number;
  readonly recognised: number;
  /** Flows that were let go of before they had said what they are, for want of room. */
  readonly dropped: number;
  /** Flows and bytes that are kept now. */
  readonly present: number;
  readonly openBytes: number;
}

interface RtpGuess {
  readonly source: number;
  readonly sequence: number;
}

export class Inspector implements PacketInspector {
  readonly #parts: HandshakeParts;
  readonly #flows: Generations<number, FlowInspection>;
  /** Flows that more is wanted of, the longest waiting first. */
  readonly #open = new Set<FlowInspection>();
  readonly #rtp = new WeakMap<FlowInspection, RtpGuess>();
  readonly #addresses = new AddressMemory();
  readonly #buffers = new Buffers();
  #openBytes = 0;
  #turnedS = 0;
  #packets = 0;
  #seen = 0;
  #recognised = 0;
  #dropped = 0;

  constructor({ sink, uid = () => '', maxFlows = MAX_FLOWS }: InspectorOptions) {
    this.#parts = { sink, uid, fingerprints: new Fingerprints() };
    this.#flows = new Generations(maxFlows);
  }

  /** @see PacketInspector */
  inspect(bytes: Uint8Array, view: DataView, at: number, count: number): void {
    for (let index = 0; index < count; index++) this.#take(bytes, view, at + index * shown.INSPECTION_BYTES);
  }

  /** What is known of a flow by now. @param sequence of its records */
  facts(sequence: number): FlowFacts | undefined {
    const flow = this.#flows.get(sequence);
    if (flow === undefined) return undefined;
    if (flow.flow.isTcp && flow.isOpen) flow.measure();
    return flow.facts;
  }

  /** Tells what is left, and forgets all: the end of a capture. */
  finish(): void {
    for (const flow of [...this.#open]) this.#close(flow);
    this.#flows.clear();
  }

  counts(): InspectorCounts {
    return {
      packets: this.#packets,
      flows: this.#seen,
      recognised: this.#recognised,
      dropped: this.#dropped + this.#flows.dropped,
      present: this.#flows.size,
      openBytes: this.#openBytes,
    };
  }

  #take(bytes: Uint8Array, view: DataView, at: number): void {
    this.#packets += 1;
    const bits = view.getUint32(at + shown.INSPECT_BITS, true);
    const timeS =
      view.getUint32(at + shown.INSPECT_TIME_S, true) + view.getUint32(at + shown.INSPECT_TIME_NS, true) / 1e9;
    this.#turn(timeS);
    const flow = this.#flowOf(bytes, view, at, bits, timeS);
    const payload = view.getUint32(at + shown.INSPECT_PAYLOAD, true);
    const said: Said = {
      bytes: bytes.subarray(payload, payload + view.getUint32(at + shown.INSPECT_CAPTURED_BYTES, true)),
      wireBytes: view.getUint32(at + shown.INSPECT_WIRE_BYTES, true),
      isAnswer: (bits & shown.INSPECT_IS_ANSWER) !== 0,
      timeS,
    };
    if (said.isAnswer) flow.packetsIn += 1;
    else flow.packetsOut += 1;
    flow.bytes += said.wireBytes;
    flow.lastTimeS = timeS;
    if (flow.flow.isTcp && flow.keepsBytes) {
      const sequence = view.getUint32(at + shown.INSPECT_TCP_SEQUENCE, true);
      flow.side(said.isAnswer).add(said.bytes, sequence, view.getUint32(at + shown.INSPECT_TCP_FIRST, true));
    }
    const answer = this.#follow(flow, said);
    if (answer !== shown.INSPECT_SOME) view.setUint8(at + shown.INSPECT_ANSWER, answer);
    if (answer === shown.INSPECT_NONE) this.#close(flow);
    else if (answer === shown.INSPECT_SOME && isAtLimit(flow)) {
      view.setUint8(at + shown.INSPECT_ANSWER, shown.INSPECT_NONE);
      this.#close(flow);
    } else if (flow.follower?.isIdle === true) this.#close(flow);
    else {
      if (answer === shown.INSPECT_HTTP) flow.forgetBytes();
      this.#keep(flow);
    }
  }

  #flowOf(bytes: Uint8Array, view: DataView, at: number, bits: number, timeS: number): FlowInspection {
    const sequence = view.getUint32(at + shown.INSPECT_SEQUENCE, true);
    const known = this.#flows.get(sequence);
    if (known !== undefined && (bits & shown.INSPECT_IS_FIRST) === 0) return known;
    if (known !== undefined) this.#close(known);
    const isIpv6 = (bits & shown.INSPECT_IS_IPV6) !== 0;
    const address = (offset: number): string => this.#addresses.read(bytes, view, at + offset, isIpv6);
    const flow = new FlowInspection(
      {
        sequence,
        isTcp: (bits & shown.INSPECT_IS_TCP) !== 0,
        sourceAddress: address(shown.INSPECT_SOURCE),
        sourcePort: view.getUint16(at + shown.INSPECT_SOURCE_PORT, true),
        destinationAddress: address(shown.INSPECT_DESTINATION),
        destinationPort: view.getUint16(at + shown.INSPECT_DESTINATION_PORT, true),
      },
      timeS,
      this.#buffers,
    );
    this.#flows.set(sequence, flow);
    this.#openUp(flow);
    this.#seen += 1;
    return flow;
  }

  /** @returns what else is wanted of the flow */
  #follow(flow: FlowInspection, said: Said): number {
    if (!flow.flow.isTcp) flow.measureDatagram(said);
    if (flow.follower !== null) {
      if (said.isAnswer && flow.facts.application !== null) {
        flow.facts.banner ??= bannerOf(flow.facts.application, flow.destination.start);
      }
      return flow.follower.follow(flow, said);
    }
    const { facts } = flow;
    if (!flow.isOpen) {
      // Questions of names come now and then: each begins anew.
      if (flow.flow.isTcp || facts.application === null || !NAMING.has(facts.application)) return shown.INSPECT_NONE;
      flow.follower = this.#followerOf(flow, facts.application);
      this.#openUp(flow);
      return flow.follower?.follow(flow, said) ?? shown.INSPECT_NONE;
    }
    if (facts.application === null) {
      const application = flow.flow.isTcp ? recogniseStream(speechOf(flow)) : this.#recogniseDatagram(flow, said);
      if (application === null) return shown.INSPECT_SOME;
      facts.application = application;
      this.#recognised += 1;
      flow.follower = this.#followerOf(flow, application);
      if (flow.follower !== null) {
        facts.banner = bannerOf(application, flow.destination.start);
        return this.#catchUp(flow, flow.follower, said);
      }
    }
    // A client may be known by its first word before the server has greeted.
    facts.banner ??= bannerOf(facts.application, flow.destination.start);
    const isQuiet = flow.flow.isTcp && facts.entropyIn === null && flow.packetsIn === 0;
    return isQuiet ? shown.INSPECT_SOME : shown.INSPECT_NONE;
  }

  /** What was said by the other side before it was clear what is spoken. */
  #catchUp(flow: FlowInspection, follower: Follower, said: Said): number {
    const hasOther = flow.flow.isTcp && (said.isAnswer ? flow.packetsOut > 0 : flow.packetsIn > 0);
    if (hasOther) follower.follow(flow, { ...said, isAnswer: !said.isAnswer });
    return follower.follow(flow, said);
  }

  #recogniseDatagram(flow: FlowInspection, said: Said): string | null {
    const { sourcePort, destinationPort } = flow.flow;
    const name = recogniseDatagram({
      bytes: said.bytes,
      wireBytes: said.wireBytes,
      sourcePort,
      destinationPort,
      isAnswer: said.isAnswer,
    });
    return name ?? this.#recogniseRtp(flow, said.bytes);
  }

  /** Two packets of one source, in step. */
  #recogniseRtp(flow: FlowInspection, bytes: Uint8Array): string | null {
    const kind = maybeRtp(bytes);
    if (kind !== 'rtp') return kind;
    const now = rtpSource(bytes);
    const before = this.#rtp.get(flow);
    const step = before === undefined ? 0 : (now.sequence - before.sequence) & 0xffff;
    if (before !== undefined && before.source === now.source && step > 0 && step <= MAX_RTP_STEP) return 'rtp';
    this.#rtp.set(flow, now);
    return null;
  }

  #followerOf(flow: FlowInspection, application: string): Follower | null {
    switch (application) {
      case 'tls':
        return new TlsFollower(this.#parts);
      case 'http':
        return flow.flow.isTcp ? new HttpFollower(this.#parts) : null;
      case 'ssh':
        return new SshFollower();
      case 'dns':
        return new DnsFollower(this.#parts, true, flow.flow.isTcp);
      case 'mdns':
      case 'llmnr':
        return new DnsFollower(this.#parts, false, false);
      case 'quic':
        return new QuicFollower(this.#parts);
      case 'dtls':
        return new DtlsFollower(this.#parts);
      case 'stun':
        return flow.flow.isTcp ? null : new StunFollower(this.#parts);
      default:
        return flow.flow.isTcp && UPGRADED.has(application) ? new UpgradeFollower(this.#parts) : null;
    }
  }

  #openUp(flow: FlowInspection): void {
    flow.isOpen = true;
    this.#open.add(flow);
  }

  #keep(flow: FlowInspection): void {
    const { kept } = flow;
    this.#openBytes += kept - flow.counted;
    flow.counted = kept;
    while (this.#open.size > MAX_OPEN || this.#openBytes > MAX_OPEN_BYTES) {
      const [oldest] = this.#open;
      if (oldest === undefined) return;
      if (oldest.facts.application === null) this.#dropped += 1;
      this.#close(oldest);
    }
  }

  #close(flow: FlowInspection): void {
    if (!flow.isOpen) return;
    flow.isOpen = false;
    this.#open.delete(flow);
    this.#openBytes -= flow.counted;
    flow.counted = 0;
    flow.follower?.end(flow);
    if (flow.flow.isTcp) flow.measure();
    flow.forget();
  }

  /** Flows that nobody has spoken of in a while are over. */
  #turn(timeS: number): void {
    if (timeS - this.#turnedS < FORGET_S) return;
    const isFirst = this.#turnedS === 0;
    this.#turnedS = timeS;
    if (isFirst) return;
    this.#flows.turn();
    for (const flow of [...this.#open]) {
      if (timeS - flow.lastTimeS >= FORGET_S) this.#close(flow);
    }
  }
}

function speechOf({ source, destination, flow }: FlowInspection) {
  return {
    source: source.start,
    destination: destination.start,
    sourcePort: flow.sourcePort,
    destinationPort: flow.destinationPort,
  };
}

/** The table shows no more of it, or it says nothing that is known: both sides have had their chance. */
function isAtLimit({ flow, packetsOut, packetsIn, bytes, facts }: FlowInspection): boolean {
  if (!flow.isTcp && facts.application === null && (packetsOut >= MAX_DATAGRAMS || packetsIn >= MAX_DATAGRAMS))
    return true;
  const hasSpoken = packetsOut >= MAX_UNKNOWN && packetsIn >= MAX_UNKNOWN;
  if (flow.isTcp && facts.application === null && hasSpoken) return true;
  const most = shown.MAX_INSPECTED_PACKETS;
  return (packetsOut >= most && packetsIn >= most) || bytes >= shown.MAX_INSPECTED_BYTES;
}
