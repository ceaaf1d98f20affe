/** The addresses of an IPv6 pseudo-header, where extension headers put others in place. @see RFC 8200, RFC 6275 */
import { LAYER_DESTINATION_OPTIONS, LAYER_ROUTING } from '../../src/decode/layers';
import {
  DATA,
  DESTINATION,
  INNER,
  LAYER_HEADER_BYTES,
  LAYER_KIND,
  LAYER_OFFSET,
  LAYERS,
  SOURCE,
} from '../../src/decode/layout';
import { layerAt } from './cursor';

const OPTION_HOME_ADDRESS: u32 = 0xc9;
const ROUTING_SOURCE: u32 = 0;
const ROUTING_MOBILE: u32 = 2;
const ROUTING_SEGMENTS: u32 = 4;

/** The home address, where an option gives one. */
export function pseudoSource(packet: usize): usize {
  const at = extensionOf(packet, LAYER_DESTINATION_OPTIONS);
  if (at != 0) {
    const bytes = (<u32>load<u8>(at, 1) + 1) << 3;
    let offset: u32 = 2;
    while (offset + 2 <= bytes) {
      const type = <u32>load<u8>(at + offset);
      const length: u32 = type == 0 ? 1 : 2 + <u32>load<u8>(at + offset, 1);
      if (type == OPTION_HOME_ADDRESS && length == 18 && offset + length <= bytes) return at + offset + 2;
      offset += length;
    }
  }
  return packet + SOURCE;
}

/** The last stop of a source route that has stops left. */
export function pseudoDestination(packet: usize): usize {
  const at = extensionOf(packet, LAYER_ROUTING);
  if (at != 0 && load<u8>(at, 3) != 0) {
    const bytes = (<u32>load<u8>(at, 1) + 1) << 3;
    const type = <u32>load<u8>(at, 2);
    if (bytes >= 24) {
      if (type == ROUTING_SOURCE) return at + bytes - 16;
      // The home address; the first of the segments, which stand in reverse.
      if (type == ROUTING_MOBILE || type == ROUTING_SEGMENTS) return at + 8;
    }
  }
  return packet + DESTINATION;
}

/** Address of the first such header above the innermost IP layer, or 0; it is wholly captured. */
function extensionOf(packet: usize, kind: u32): usize {
  const count = <u32>load<u8>(packet, LAYERS);
  for (let index = <u32>load<u8>(packet, INNER) + 1; index < count; index++) {
    const entry = layerAt(packet, index);
    if (load<u8>(entry, LAYER_KIND) == kind && load<u16>(entry, LAYER_HEADER_BYTES) >= 8) {
      return <usize>load<u32>(packet, DATA) + <usize>load<u32>(entry, LAYER_OFFSET);
    }
  }
  return 0;
}
