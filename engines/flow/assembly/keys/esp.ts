/** Keys of ESP: the security parameters index; each direction is a flow of its own. */
import { be32 } from '../../../../sources/packet/assembly/bytes';
import { QUIRK_IPV6_NO_ESP } from '../../src/table/quirks';
import { keeps } from '../argus/quirks';
import * as key from '../key';
import * as view from '../view';
import { protocolOf } from './icmp';
import { PROTOCOL_ESP } from './protocols';

const ESP_BYTES: u32 = 8;

export function espKey(): bool {
  view.reversed = false;
  if (!view.has(view.upper, ESP_BYTES)) return false;
  key.setHead(key.KIND_FIVE_TUPLE, key.TYPE_IPV4, 4);
  store<u32>(key.words, be32(view.ip + 12), 0);
  store<u32>(key.words, be32(view.ip + 16), 4);
  store<u32>(key.words, protocolOf(PROTOCOL_ESP), 8);
  store<u32>(key.words, be32(view.upper), 12);
  return true;
}

/** Into the key of IPv6. */
export function espv6Key(): bool {
  if (keeps(QUIRK_IPV6_NO_ESP) || !view.has(view.upper, ESP_BYTES)) return false;
  if (view.reversed) {
    view.reversed = false;
    v128.store(key.words, v128.load(view.ip, 8));
    v128.store(key.words, v128.load(view.ip, 24), 16);
  }
  store<u32>(key.words, be32(view.upper), 36);
  return true;
}
