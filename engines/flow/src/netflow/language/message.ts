/** One message of NetFlow 1, 5, 7, 9 or IPFIX to flow records. */
import { FlowRecord, type RecordMemory } from '../../record/record.ts';
import { Draft, type RecordOrigin } from './draft.ts';
import type { Domain, ExporterState } from './exporter.ts';
import { decodeFixed, fixedMessageBytes } from './fixed.ts';
import { follow } from './sequence.ts';
import { readSets } from './sets.ts';

/** Gets each record as it is decoded. The record is good until the sink returns. */
export type RecordSink = (record: FlowRecord) => void;

const V9_HEADER_BYTES = 20;
const IPFIX_HEADER_BYTES = 16;

export class NetflowDecoder {
  readonly #draft: Draft;

  /** @param memory and address of the one record that is filled again and again; own memory if absent */
  constructor(memory?: RecordMemory, address = 0) {
    this.#draft = new Draft(memory === undefined ? new FlowRecord() : new FlowRecord().at(memory, address));
  }

  /**
   * Decodes one message: one datagram, or what {@link messageBytes} cuts from a stream.
   *
   * Never throws: what cannot be read is counted in `exporter.counters`.
   */
  decode(message: Uint8Array, exporter: ExporterState, sink: RecordSink): void {
    const { counters } = exporter;
    counters.messages++;
    counters.bytes += message.length;
    const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
    if (view.byteLength < 4) {
      counters.malformed++;
      return;
    }
    switch (view.getUint16(0)) {
      case 1:
      case 5:
      case 7:
        decodeFixed(view, exporter, this.#draft, sink);
        return;
      case 9:
        this.#decodeV9(view, exporter, sink);
        return;
      case 10:
        this.#decodeIpfix(view, exporter, sink);
        return;
      default:
        counters.unsupported++;
    }
  }

  #decodeV9(view: DataView, exporter: ExporterState, sink: RecordSink): void {
    if (view.byteLength < V9_HEADER_BYTES) {
      exporter.counters.malformed++;
      return;
    }
    const domain = exporter.domain(9, view.getUint32(16));
    const time = { exportMs: view.getUint32(8) * 1000, uptimeMs: view.getUint32(4) };
    follow(domain, view.getUint32(12), 1, exporter.counters);
    readSets(view, V9_HEADER_BYTES, {
      exporter,
      domain,
      time,
      draft: this.#draft,
      sink,
      from: originOf(exporter, domain),
    });
  }

  #decodeIpfix(view: DataView, exporter: ExporterState, sink: RecordSink): void {
    const bytes = view.getUint16(2);
    if (view.byteLength < IPFIX_HEADER_BYTES || bytes < IPFIX_HEADER_BYTES || bytes > view.byteLength) {
      exporter.counters.malformed++;
      return;
    }
    const inside = new DataView(view.buffer, view.byteOffset, bytes);
    const domain = exporter.domain(10, view.getUint32(12));
    const time = { exportMs: view.getUint32(4) * 1000, uptimeMs: -1 };
    const records = readSets(inside, IPFIX_HEADER_BYTES, {
      exporter,
      domain,
      time,
      draft: this.#draft,
      sink,
      from: originOf(exporter, domain),
    });
    follow(domain, view.getUint32(8), records, exporter.counters);
  }
}

function originOf({ address, scaleBySampling }: ExporterState, { version, id }: Domain): RecordOrigin {
  return { version, domain: id, address, scale: scaleBySampling };
}

/** What {@link messageBytes} needs to see of a message. */
export const MESSAGE_HEAD_BYTES = 4;

/**
 * Length of the message that begins here, in a TCP stream of IPFIX or a file of messages one after another.
 *
 * @returns 0 where the version has no length in its head: NetFlow 9, whose end {@link v9MessageBytes} finds
 */
export function messageBytes(view: DataView, at: number): number {
  return view.getUint16(at) === 10 ? view.getUint16(at + 2) : fixedMessageBytes(view, at);
}

/**
 * Length of a message of NetFlow 9 in a file: its sets follow each other until something is there that is no set but
 * the head of a message.
 *
 * @returns bytes, or -1 where more bytes have to be seen and `ended` is not set
 */
export function v9MessageBytes(view: DataView, at: number, ended: boolean): number {
  let position = at + V9_HEADER_BYTES;
  for (;;) {
    if (position + 4 > view.byteLength) return ended ? Math.min(position, view.byteLength) - at : -1;
    const id = view.getUint16(position);
    const bytes = view.getUint16(position + 2);
    if ((id > 1 && id < 256) || bytes < 4) return position - at;
    position += bytes;
  }
}
