/** What the thread that reads the wire and the sensor say to each other. */
import type { MessagePort } from 'node:worker_threads';
import type { CaptureCounters, EventRows } from '@undercroft/kernel';
import type { PacketChunk } from '../packets/chunk.ts';

export interface WireOptions {
  readonly interfaces: readonly string[];
  readonly filter: string;
  readonly promiscuous: boolean;
  readonly intervalS: number;
  readonly maxFlows: number;
  readonly ringMiB: number;
  /** Names the records' maker. */
  readonly origin: string;
  /** Several threads share the packets of each interface: this one's group. */
  readonly fanout?: { readonly group: number };
  /** Look into the first bytes of each flow: what is spoken, to whom, by which process. */
  readonly inspect: boolean;
  /** Files of places and networks (MMDB). */
  readonly places: readonly string[];
  /** Bytes of each packet to keep; nothing is kept if absent. */
  readonly keepBytes?: number;
  /** Where the records go besides the archive. */
  readonly feed?: MessagePort;
}

export type FromWire =
  | { readonly kind: 'rows'; readonly rows: EventRows }
  | { readonly kind: 'chunk'; readonly chunk: PacketChunk }
  | { readonly kind: 'counters'; readonly counters: readonly CaptureCounters[] }
  | {
      readonly kind: 'interface';
      readonly name: string;
      readonly state: 'opened' | 'closed' | 'failed';
      readonly text: string;
    }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly fix?: string };

/** `taken`: so many rows were stored or given up. */
export type ToWire = { readonly kind: 'taken'; readonly rows: number } | { readonly kind: 'stop' };
