/** Packets out of the rolling store: those between addresses, in a span of time, as a capture file. */
import { badRequest, type PacketsRequest } from '@undercroft/kernel';
import { addressBytes, PacketDecoder, type PacketView, pcapngFormat } from '@undercroft/packet';
import { mayHold } from './addresses.ts';
import type { PacketStore } from './packet-store.ts';

interface Wanted extends Omit<PacketsRequest, 'addresses'> {
  readonly addresses: readonly Uint8Array[];
}

/** @returns pcapng, for packets of several interfaces may differ in link type @throws UndercroftError `flow.packets.address` */
export async function fetchPackets(store: PacketStore, request: PacketsRequest): Promise<Uint8Array> {
  const wanted: Wanted = { ...request, addresses: request.addresses.map(checked) };
  const decoder = new PacketDecoder({ maxBlockBytes: 2 * 1024 * 1024 });
  const output = new Output(request.maxBytes);
  await store.settled();
  for (const { segment, entry } of store.find(request.fromUs, request.toUs)) {
    if (output.full) break;
    if (!wanted.addresses.every((address) => mayHold(entry.addresses, address))) continue;
    const { linkType } = segment;
    decoder.load({ bytes: await segment.read(entry), littleEndian: true, nanoseconds: true, linkType, interface: 0 });
    for (let count = decoder.next(); count > 0; count = decoder.next()) {
      for (let index = 0; index < count; index++) {
        const packet = decoder.packet(index);
        if (matches(packet, wanted)) output.add(packet, linkType);
      }
    }
  }
  return output.bytes();
}

function checked(text: string): Uint8Array {
  const bytes = addressBytes(text);
  if (bytes === undefined) throw badRequest('flow.packets.address', `${JSON.stringify(text)} is no IP address.`);
  return bytes;
}

function matches(packet: PacketView, { fromUs, toUs, addresses, ports, protocol }: Wanted): boolean {
  const timeUs = packet.timeS * 1e6 + Math.floor(packet.timeNs / 1000);
  if (timeUs < fromUs || timeUs >= toUs || packet.ipVersion === 0) return false;
  const { source, destination, sourcePort, destinationPort } = packet;
  if (!addresses.every((address) => same(address, source) || same(address, destination))) return false;
  if (protocol !== undefined && packet.protocol !== protocol) return false;
  return ports === undefined || ports.every((port) => port === sourcePort || port === destinationPort);
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** A capture file that grows up to a bound. */
class Output {
  readonly #maxBytes: number;
  readonly #parts: Uint8Array[] = [pcapngFormat.head([])];
  readonly #interfaces: number[] = [];
  #size = 0;
  full = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(packet: PacketView, linkType: number): void {
    let number = this.#interfaces.indexOf(linkType);
    if (number < 0) {
      number = this.#interfaces.push(linkType) - 1;
      const announced = pcapngFormat.announce({ linkType }, []);
      if (announced !== null) this.#parts.push(announced);
    }
    const { timeS, timeNs, frame, wireBytes } = packet;
    const record = { timeS, timeNs, bytes: frame, wireBytes, interface: number };
    const length = pcapngFormat.recordBytes(record);
    if (this.#size + length > this.#maxBytes) {
      this.full = true;
      return;
    }
    const part = new Uint8Array(length);
    pcapngFormat.put(part, new DataView(part.buffer), 0, record);
    this.#parts.push(part);
    this.#size += length;
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.#parts);
  }
}
