/** IP defragmentation of decoded packets. */
import type { PacketModule } from '../decode/module.ts';
import { DECODE_CHECKSUMS } from '../decode/options.ts';
import { PacketView } from '../decode/view.ts';
import * as counters from './counters.ts';
import { FRAGMENT_POLICY_LINUX } from './policies.ts';

export interface DefragmenterOptions {
  /** Datagrams in assembly at a time; a power of two, 1024 unless given. */
  readonly maxDatagrams?: number;
  /** Bytes of fragments kept; 4 MiB unless given. */
  readonly maxBytes?: number;
  /** Packet time from its first fragment on in which a datagram must become whole; 30 s unless given. */
  readonly timeoutS?: number;
  /** Judge the checksums of what is assembled. */
  readonly checksums?: boolean;
}

export interface FragmentCounts {
  readonly fragments: number;
  readonly assembled: number;
  readonly timedOut: number;
  readonly evicted: number;
  readonly bad: number;
  readonly cut: number;
  readonly dropped: number;
  readonly overlapped: number;
  readonly conflicted: number;
  readonly pending: number;
}

const DEFAULT_DATAGRAMS = 1024;
const DEFAULT_BYTES = 4 * 1024 * 1024;
const DEFAULT_TIMEOUT_S = 30;

export class Defragmenter {
  readonly #module: PacketModule;
  readonly #options: number;
  readonly #view: PacketView;

  /** @param module of the decoder whose packets it takes; one defragmenter a module */
  constructor(module: PacketModule, options: DefragmenterOptions = {}) {
    const maxDatagrams = options.maxDatagrams ?? DEFAULT_DATAGRAMS;
    if (maxDatagrams < 1 || (maxDatagrams & (maxDatagrams - 1)) !== 0) {
      throw new RangeError(`maxDatagrams is ${maxDatagrams}, not a power of two`);
    }
    const taken = module.fragmentInit(
      maxDatagrams,
      options.maxBytes ?? DEFAULT_BYTES,
      options.timeoutS ?? DEFAULT_TIMEOUT_S,
    );
    if (taken === 0) throw new RangeError('There is no memory for fragments');
    this.#module = module;
    this.#options = options.checksums === true ? DECODE_CHECKSUMS : 0;
    this.#view = new PacketView(module.memory);
  }

  /**
   * @param address of a decoded packet
   * @param policy FRAGMENT_POLICY_… of the host that receives it
   * @returns the packet where it is no fragment, the whole datagram where it is now complete, else null; a view that is
   *   good until the next call
   */
  push(address: number, policy: number = FRAGMENT_POLICY_LINUX): PacketView | null {
    const whole = this.#module.defragment(address, policy, this.#options) >>> 0;
    return whole === 0 ? null : this.#view.moveTo(whole);
  }

  get counts(): FragmentCounts {
    const view = new DataView(
      this.#module.memory.buffer,
      this.#module.fragmentCounters() >>> 0,
      counters.FRAGMENT_COUNTER_BYTES,
    );
    const at = (offset: number) => Number(view.getBigUint64(offset, true));
    return {
      fragments: at(counters.FRAGMENTS_SEEN),
      assembled: at(counters.FRAGMENTS_ASSEMBLED),
      timedOut: at(counters.FRAGMENTS_TIMED_OUT),
      evicted: at(counters.FRAGMENTS_EVICTED),
      bad: at(counters.FRAGMENTS_BAD),
      cut: at(counters.FRAGMENTS_CUT),
      dropped: at(counters.FRAGMENTS_DROPPED),
      overlapped: at(counters.FRAGMENTS_OVERLAPPED),
      conflicted: at(counters.FRAGMENTS_CONFLICTED),
      pending: at(counters.FRAGMENTS_PENDING),
    };
  }
}
