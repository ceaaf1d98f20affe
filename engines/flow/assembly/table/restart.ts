/** A TCP flow begins anew: the packet at hand opens a connection on its pair of ports. */
import { QUIRK_RESTART_DIRECTION } from '../../src/table/quirks';
import { keeps } from '../argus/quirks';
import * as flows from '../flow';
import * as key from '../key';
import { TCP_BYTES } from '../protocols/tcp-state';
import * as view from '../view';
import { update } from './update';

export function restart(flow: usize): void {
  memory.fill(flow + flows.NETWORK, 0, TCP_BYTES);
  store<u64>(flow, 0, flows.INSPECTED);
  const kind = flow + flows.KEY_HEAD + key.HEAD_KIND;
  if (!view.forward) {
    const qualifier = flow + flows.KEY_HEAD + key.HEAD_QUALIFIER;
    store<u8>(qualifier, load<u8>(qualifier) & <u8>~key.QUALIFIER_DIRECTION);
    store<u8>(kind, load<u8>(kind) & <u8>~key.KIND_REVERSED);
    if (view.reversed && !keeps(QUIRK_RESTART_DIRECTION)) store<u8>(kind, load<u8>(kind) | <u8>key.KIND_REVERSED);
  }
  let status = load<u32>(flow, flows.STATUS) & ~flows.STATUS_REVERSED;
  if (view.reversed) status |= flows.STATUS_REVERSED;
  store<u32>(flow, status, flows.STATUS);
  view.forward = true;
  update(flow, true, false);
}
