/** Flows of protocols that steer networks, whose whole payload may be asked for. */
import * as flows from '../flow';
import { PROTOCOL_TCP } from '../keys/protocols';
import * as view from '../view';

/** OpenFlow. */
const CONTROL_PORT: u32 = 6633;

export function isControl(flow: usize, isIp: bool, isIpv6: bool): bool {
  const type = view.networkType();
  if (type == view.TYPE_ARP || type == view.TYPE_RARP || type == view.NETWORK_ISIS) return true;
  if (!isIp) return false;
  const words = flows.keyOf(flow);
  const protocol = <u32>load<u8>(words + (isIpv6 ? 35 : 8));
  const ports = words + (isIpv6 ? 36 : 10);
  return (
    protocol == PROTOCOL_TCP &&
    (<u32>load<u16>(ports) == CONTROL_PORT || <u32>load<u16>(ports, 2) == CONTROL_PORT)
  );
}
