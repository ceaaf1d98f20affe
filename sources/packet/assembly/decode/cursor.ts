/**
 * Moving through one packet. While it is decoded the fields of its payload hold the state: PAYLOAD is the offset of
 * the next header, PAYLOAD_BYTES the offset at which the captured bytes of the present layer end, PAYLOAD_WIRE_BYTES
 * the one at which its bytes on the wire end. FLOW_HASH keeps the latter for the transport layer.
 */
import { be16 } from '../bytes';
import {
  FLAG_FRAGMENT,
  FLAG_LENGTH_BEYOND,
  FLAG_SHORT,
  FLAG_TOO_MANY_LAYERS,
  FLAG_TRUNCATED,
} from '../../src/decode/flags';
import {
  CAPTURED_BYTES,
  DATA,
  ETHER_TYPE,
  FLAGS,
  FLOW_HASH,
  INNER,
  LAYER_BYTES,
  LAYER_HEADER_BYTES,
  LAYER_INFO,
  LAYER_KIND,
  LAYER_OFFSET,
  LAYER_TABLE,
  LAYERS,
  MAX_LAYERS,
  NONE,
  OUTER,
  PAYLOAD,
  PAYLOAD_BYTES,
  PAYLOAD_WIRE_BYTES,
  TCP_WINDOW_SCALE,
  TRANSPORT,
  WIRE_BYTES,
} from '../../src/decode/layout';

export function begin(packet: usize): void {
  const zero = i32x4.splat(0);
  v128.store(packet, zero, 32);
  v128.store(packet, zero, 48);
  v128.store(packet, zero, 64);
  v128.store(packet, zero, 80);
  v128.store(packet, zero, 96);
  v128.store(packet, zero, 112);
  store<u8>(packet, NONE, OUTER);
  store<u8>(packet, NONE, INNER);
  store<u8>(packet, NONE, TRANSPORT);
  store<u8>(packet, NONE, TCP_WINDOW_SCALE);
  const captured = load<u32>(packet, CAPTURED_BYTES);
  const wire = load<u32>(packet, WIRE_BYTES);
  store<u32>(packet, captured, PAYLOAD_BYTES);
  store<u32>(packet, wire > captured ? wire : captured, PAYLOAD_WIRE_BYTES);
}

/** Turns the state into the fields that users read. */
export function finish(packet: usize): void {
  let cursor = load<u32>(packet, PAYLOAD);
  let limit = load<u32>(packet, PAYLOAD_WIRE_BYTES);
  const transport = <u32>load<u8>(packet, TRANSPORT);
  if (transport != NONE) {
    const entry = layerAt(packet, transport);
    cursor = load<u32>(entry, LAYER_OFFSET) + load<u16>(entry, LAYER_HEADER_BYTES);
    limit = load<u32>(packet, FLOW_HASH);
  }
  const captured = load<u32>(packet, CAPTURED_BYTES);
  if (limit < cursor) limit = cursor;
  const end = captured < limit ? captured : limit;
  store<u32>(packet, cursor, PAYLOAD);
  store<u32>(packet, end > cursor ? end - cursor : 0, PAYLOAD_BYTES);
  store<u32>(packet, limit - cursor, PAYLOAD_WIRE_BYTES);
}

/** Address of the next header. */
export function head(packet: usize): usize {
  return <usize>load<u32>(packet, DATA) + <usize>load<u32>(packet, PAYLOAD);
}

/** Bytes captured from the cursor on. */
export function available(packet: usize): u32 {
  const cursor = load<u32>(packet, PAYLOAD);
  const end = load<u32>(packet, PAYLOAD_BYTES);
  return end > cursor ? end - cursor : 0;
}

/** Bytes from the cursor on, by the headers. */
export function remaining(packet: usize): u32 {
  const cursor = load<u32>(packet, PAYLOAD);
  const limit = load<u32>(packet, PAYLOAD_WIRE_BYTES);
  return limit > cursor ? limit - cursor : 0;
}

/** Are so many bytes there? If not, the packet is flagged with the reason. */
export function room(packet: usize, bytes: u32): bool {
  const need = load<u32>(packet, PAYLOAD) + bytes;
  if (need <= load<u32>(packet, PAYLOAD_BYTES)) return true;
  flag(packet, need <= load<u32>(packet, PAYLOAD_WIRE_BYTES) ? FLAG_TRUNCATED : FLAG_SHORT);
  return false;
}

export function flag(packet: usize, bit: u32): void {
  store<u32>(packet, load<u32>(packet, FLAGS) | bit, FLAGS);
}

export function flagged(packet: usize, bit: u32): bool {
  return (load<u32>(packet, FLAGS) & bit) != 0;
}

/** Adds a layer at the cursor and moves the cursor behind its header; false when the table is full. */
export function push(packet: usize, kind: u32, info: u32, headerBytes: u32): bool {
  const count = <u32>load<u8>(packet, LAYERS);
  if (count >= <u32>MAX_LAYERS) {
    flag(packet, FLAG_TOO_MANY_LAYERS);
    return false;
  }
  const cursor = load<u32>(packet, PAYLOAD);
  const entry = layerAt(packet, count);
  store<u8>(entry, kind, LAYER_KIND);
  store<u8>(entry, info, LAYER_INFO);
  store<u16>(entry, headerBytes, LAYER_HEADER_BYTES);
  store<u32>(entry, cursor, LAYER_OFFSET);
  store<u8>(packet, count + 1, LAYERS);
  store<u32>(packet, cursor + headerBytes, PAYLOAD);
  return true;
}

/** The same for the layer above the innermost IP layer, whose payload the packet's is. */
export function pushTransport(packet: usize, kind: u32, info: u32, headerBytes: u32): bool {
  const index = load<u8>(packet, LAYERS);
  if (!push(packet, kind, info, headerBytes)) return false;
  if (load<u8>(packet, INNER) != NONE) {
    store<u8>(packet, index, TRANSPORT);
    store<u32>(packet, load<u32>(packet, PAYLOAD_WIRE_BYTES), FLOW_HASH);
  }
  return true;
}

/** Address of a layer's entry. */
export function layerAt(packet: usize, index: u32): usize {
  return packet + LAYER_TABLE + <usize>(index * LAYER_BYTES);
}

/** What follows the cursor has so many bytes: the rest is padding or a trailer. */
export function narrow(packet: usize, bytes: u32): void {
  const limit = load<u32>(packet, PAYLOAD) + bytes;
  if (limit >= load<u32>(packet, PAYLOAD_WIRE_BYTES)) {
    if (limit > load<u32>(packet, PAYLOAD_WIRE_BYTES) && !flagged(packet, FLAG_FRAGMENT)) {
      flag(packet, FLAG_LENGTH_BEYOND);
    }
    return;
  }
  store<u32>(packet, limit, PAYLOAD_WIRE_BYTES);
  if (load<u32>(packet, PAYLOAD_BYTES) > limit) store<u32>(packet, limit, PAYLOAD_BYTES);
}

/** All bytes from the cursor to the end of the present layer are there. */
export function whole(packet: usize): bool {
  return load<u32>(packet, PAYLOAD_BYTES) == load<u32>(packet, PAYLOAD_WIRE_BYTES);
}

/** Keeps the type that the link gave to its contents, until an IP layer has been found. */
export function setEtherType(packet: usize, type: u32): void {
  if (load<u8>(packet, INNER) == NONE) store<u16>(packet, type, ETHER_TYPE);
}

/** The 16-bit number at an offset from the cursor, which the caller knows to be there. */
export function peek16(packet: usize, offset: u32): u32 {
  return be16(head(packet) + <usize>offset);
}
