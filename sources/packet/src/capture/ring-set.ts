/** The rings of the interfaces that are captured; interfaces may come and go. */
import type { BpfInstruction } from '../filter/program.ts';
import { CaptureError } from './errors.ts';
import { findInterface, listInterfaces, type NetworkInterface } from './interfaces.ts';
import { acceptBytes } from './program.ts';
import { DEFAULT_BLOCK_BYTES, Ring, type RingBlock, type RingOptions, type RingStatistics } from './ring.ts';
import { POLLERR, POLLFD_BYTES, POLLIN, poll } from './syscalls.ts';

export interface RingSetOptions extends Omit<RingOptions, 'filter'> {
  /** Names; `any` is every interface that is up, those that come later too. */
  readonly interfaces: readonly string[];
  /** The port gets a copy of others' traffic: promiscuous, and what this machine sends is left out. */
  readonly mirror?: boolean;
  /** The filter for a link type; null lets all pass. */
  readonly filterFor?: (linkType: number) => readonly BpfInstruction[] | null;
  readonly onEvent?: (event: CaptureEvent) => void;
}

export interface CaptureEvent {
  readonly kind: 'opened' | 'closed' | 'failed';
  readonly interface: string;
  /** What its blocks carry. */
  readonly number: number;
  readonly linkType: number;
  readonly error?: CaptureError;
}

export interface CaptureTotals extends RingStatistics {
  readonly blocks: number;
  /** By the number in the blocks. */
  readonly interfaces: readonly ({ readonly name: string; readonly open: boolean } & RingStatistics)[];
}

export const ANY = 'any';
/** One ring must not keep the others waiting. */
const MAX_BLOCKS_A_TURN = 16;
const MAX_RINGS = 64;
/** For `any` there may be many rings, so each is smaller. */
const ANY_BLOCKS = 16;
const ANY_BLOCK_BYTES = DEFAULT_BLOCK_BYTES / 4;
const NOTHING: RingStatistics = { packets: 0, drops: 0, freezes: 0 };
const DEFAULT_SNAP_BYTES = 262_144;

interface Slot {
  readonly name: string;
  ring: Ring | null;
  /** Of rings that this interface had before. */
  before: RingStatistics;
  /** Has failed since it was last open: said once. */
  failed: boolean;
}

export class RingSet {
  readonly #options: RingSetOptions;
  readonly #slots: Slot[] = [];
  #filterFor: RingSetOptions['filterFor'];
  #poll = new DataView(new ArrayBuffer(0));
  #open: Ring[] = [];
  #blocks = 0;

  /** @throws CaptureError where none of the interfaces can be opened */
  constructor(options: RingSetOptions) {
    this.#options = options;
    this.#filterFor = options.filterFor;
    const error = this.refresh();
    if (this.#open.length > 0) return;
    throw error ?? new CaptureError('capture.interface', 'There is no interface that is up to capture on.');
  }

  /**
   * Opens what has come, closes what has gone.
   *
   * @returns the first reason why one could not be opened
   */
  refresh(): CaptureError | null {
    const found = this.#wanted();
    for (const [number, slot] of this.#slots.entries()) {
      const now = found.get(slot.name);
      if (slot.ring !== null && now?.index !== slot.ring.interface.index) this.#closeSlot(slot, number);
    }
    let first: CaptureError | null = null;
    for (const [name, of] of found) {
      const error = this.#openSlot(name, of);
      first ??= error;
    }
    this.#open = this.#slots.flatMap(({ ring }) => ring ?? []);
    this.#poll = new DataView(new ArrayBuffer(this.#open.length * POLLFD_BYTES));
    for (const [index, { descriptor }] of this.#open.entries()) {
      this.#poll.setInt32(index * POLLFD_BYTES, descriptor, true);
      this.#poll.setInt16(index * POLLFD_BYTES + 4, POLLIN | POLLERR, true);
    }
    return first;
  }

  /** Waits until a ring has a block, blocking this thread. */
  wait(timeoutMs: number): void {
    if (poll(new Uint8Array(this.#poll.buffer), timeoutMs) === 0) return;
    for (const [index, ring] of this.#open.entries()) {
      // An error that nobody takes would end every wait at once.
      if ((this.#poll.getInt16(index * POLLFD_BYTES + 6, true) & POLLERR) !== 0) ring.takeError();
    }
  }

  /** @returns how many blocks there were */
  read(onBlock: (block: RingBlock) => void): number {
    let count = 0;
    for (const ring of this.#open) count += ring.read(onBlock, MAX_BLOCKS_A_TURN);
    this.#blocks += count;
    return count;
  }

  setFilter(filterFor: RingSetOptions['filterFor']): void {
    this.#filterFor = filterFor;
    const { snapBytes = DEFAULT_SNAP_BYTES } = this.#options;
    for (const ring of this.#open) ring.setFilter(filterFor?.(ring.interface.linkType) ?? [acceptBytes(snapBytes)]);
  }

  totals(): CaptureTotals {
    const interfaces = this.#slots.map(({ name, ring, before }) => ({
      name,
      open: ring !== null,
      ...sum(before, ring?.statistics() ?? NOTHING),
    }));
    return { ...interfaces.reduce<RingStatistics>(sum, NOTHING), blocks: this.#blocks, interfaces };
  }

  close(): void {
    for (const [number, slot] of this.#slots.entries()) if (slot.ring !== null) this.#closeSlot(slot, number);
    this.#open = [];
  }

  #wanted(): Map<string, NetworkInterface | null> {
    const found = new Map<string, NetworkInterface | null>();
    for (const name of this.#options.interfaces) {
      if (name !== ANY) found.set(name, findInterface(name));
      else for (const each of listInterfaces()) if (each.up) found.set(each.name, each);
    }
    return found;
  }

  #openSlot(name: string, of: NetworkInterface | null): CaptureError | null {
    let number = this.#slots.findIndex((slot) => slot.name === name);
    if (number < 0) {
      if (this.#slots.length >= MAX_RINGS) {
        return new CaptureError('capture.interface', `More than ${MAX_RINGS} interfaces cannot be captured at once.`);
      }
      number = this.#slots.push({ name, ring: null, before: NOTHING, failed: false }) - 1;
    }
    const slot = this.#slots[number] as Slot;
    if (slot.ring !== null) return null;
    try {
      if (of === null) throw new CaptureError('capture.interface', `There is no interface ${JSON.stringify(name)}.`);
      slot.ring = Ring.open(of, number, this.#ringOptions(of));
      slot.failed = false;
      this.#tell({ kind: 'opened', interface: name, number, linkType: of.linkType });
      return null;
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      if (!slot.failed) this.#tell({ kind: 'failed', interface: name, number, linkType: of?.linkType ?? 0, error });
      slot.failed = true;
      return error;
    }
  }

  #ringOptions(of: NetworkInterface): RingOptions {
    const { mirror = false, interfaces, filterFor: _, onEvent: __, ...ring } = this.#options;
    const filter = this.#filterFor?.(of.linkType) ?? null;
    return {
      ...(interfaces.includes(ANY) ? { blocks: ANY_BLOCKS, blockBytes: ANY_BLOCK_BYTES } : {}),
      ...(mirror ? { promiscuous: true, ignoreOutgoing: true } : {}),
      ...ring,
      ...(filter === null ? {} : { filter }),
    };
  }

  #closeSlot(slot: Slot, number: number): void {
    const { ring } = slot;
    if (ring === null) return;
    slot.before = sum(slot.before, ring.statistics());
    slot.ring = null;
    ring.close();
    this.#tell({ kind: 'closed', interface: slot.name, number, linkType: ring.interface.linkType });
  }

  #tell(event: CaptureEvent): void {
    this.#options.onEvent?.(event);
  }
}

function sum(a: RingStatistics, b: RingStatistics): RingStatistics {
  return { packets: a.packets + b.packets, drops: a.drops + b.drops, freezes: a.freezes + b.freezes };
}
