/** Flows of what a tunnel carries, by option: the innermost IP layer makes the flow. */
import { decode } from '../../../../sources/packet/assembly/decode';
import {
  DATA,
  INNER,
  LAYER_BYTES,
  LAYER_KIND,
  LAYER_OFFSET,
  LAYER_TABLE,
  NONE,
  WIRE_BYTES,
} from '../../../../sources/packet/src/decode/layout';
import { LAYER_IPV4 } from '../../../../sources/packet/src/decode/layers';
import * as view from '../view';

/** Moves the view to the innermost IP header, if it lies deeper than the one at hand. */
export function enterTunnel(packet: usize): void {
  decode(packet, 0);
  const inner = load<u8>(packet, INNER);
  if (inner == NONE) return;
  const layer = packet + LAYER_TABLE + <usize>inner * LAYER_BYTES;
  const header = <usize>load<u32>(packet, DATA) + load<u32>(layer, LAYER_OFFSET);
  if (view.ip == 0 || header <= view.ip) return;
  view.ip = header;
  view.upper = header;
  view.network = load<u8>(layer, LAYER_KIND) == LAYER_IPV4 ? view.TYPE_IP : view.TYPE_IPV6;
  view.length = load<u32>(packet, WIRE_BYTES) - load<u32>(layer, LAYER_OFFSET);
  view.captured = <i32>(view.end - header);
}
