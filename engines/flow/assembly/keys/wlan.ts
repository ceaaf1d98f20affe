/** Keys of 802.11 frames that carry no IP: their three addresses and, of management frames, the network's name. */
import * as key from '../key';
import * as view from '../view';

const WORDS: u32 = 13;
const MANAGEMENT_BYTES: u32 = 24;
const ADDRESSES_BYTES: u32 = 18;
const NAME_BYTES: u32 = 32;

const ELEMENT_NAME: u32 = 0;
const ELEMENT_RATES: u32 = 1;
const ELEMENT_DS: u32 = 3;
const ELEMENT_CF: u32 = 4;
const ELEMENT_TIM: u32 = 5;
const ELEMENT_CHALLENGE: u32 = 16;
const MAX_ELEMENTS: u32 = 64;

export function wlanKey(): bool {
  const frame = view.upper;
  view.length = view.wireBytes;
  if (!view.has(frame, 1)) return false;
  key.setHead(key.KIND_FIVE_TUPLE, key.TYPE_WLAN, WORDS);
  for (let index: u32 = 0; index < ADDRESSES_BYTES; index++) {
    store<u8>(key.words + index, view.peek8(frame + 4 + index));
  }
  const control = view.peek8(frame);
  if (((control >> 2) & 3) == 0) name(frame + MANAGEMENT_BYTES, control >> 4);
  return true;
}

function name(body: usize, subtype: u32): void {
  let at = body;
  switch (subtype) {
    case 0:
    case 2: at += 4; break;
    case 1:
    case 3: at += 6; break;
    case 4: break;
    case 5:
    case 8: at += 12; break;
    default: return;
  }
  for (let index: u32 = 0; index < MAX_ELEMENTS && at < view.end; index++) {
    const bytes = view.peek8(at + 1);
    switch (view.peek8(at)) {
      case ELEMENT_NAME:
        if (bytes > NAME_BYTES) return;
        for (let each: u32 = 0; each < bytes; each++) {
          store<u8>(key.words + ADDRESSES_BYTES + each, view.peek8(at + 2 + each));
        }
        at += 2 + bytes;
        break;
      case ELEMENT_RATES:
        if (bytes > 16) return;
        at += 2 + bytes;
        break;
      case ELEMENT_DS: at += 3; break;
      case ELEMENT_CF: at += 8; break;
      case ELEMENT_TIM:
        at += 5;
        if (bytes > 3) at += bytes - 3;
        break;
      case ELEMENT_CHALLENGE:
        if (bytes > 253) return;
        at += 2 + bytes;
        break;
      default: return;
    }
  }
}
