/**
 * Runs a classic BPF program over one packet in linear memory. Any program: what it does wrong rejects the packet.
 *
 * A program is instructions of 8 bytes as the kernel lays them out: u16 code, u8 jt, u8 jf, u32 k, little endian.
 */

/** What each instruction class is; see src/filter/program.ts. */
const LD: u32 = 0;
const LDX: u32 = 1;
const ST: u32 = 2;
const STX: u32 = 3;
const ALU: u32 = 4;
const JMP: u32 = 5;
const RET: u32 = 6;

const MAX_INSTRUCTIONS: i32 = 4096;
/** Loads from here on read what the kernel knows beside the packet: nothing is known here. */
const AUXILIARY: u32 = 0xfffff000;
const CELLS: usize = memory.data(64, 4);

/**
 * @param program address of the instructions
 * @param count how many they are
 * @param data address of the packet's first byte
 * @param wire bytes it had on the wire
 * @param captured bytes of it that are there
 * @returns how much of the packet to keep; 0 rejects it
 */
export function runFilter(program: usize, count: i32, data: usize, wire: u32, captured: u32): u32 {
  let a: u32 = 0;
  let x: u32 = 0;
  let next: i32 = 0;
  // Jumps of a valid program go forward; the bound is for programs that nobody validated.
  for (let steps = 0; steps < MAX_INSTRUCTIONS; steps++) {
    if (<u32>next >= <u32>count) return 0;
    const at = program + (<usize>next << 3);
    next++;
    const code = <u32>load<u16>(at);
    const k = load<u32>(at, 4);
    switch (code & 7) {
      case LD:
      case LDX: {
        let value: u32 = 0;
        let position: u64 = <u64>k;
        switch (code & 0xe0) {
          case 0x00:
            value = k;
            break;
          case 0x80:
            value = wire;
            break;
          case 0x60:
            value = load<u32>(CELLS + (<usize>(k & 15) << 2));
            break;
          case 0xa0:
            if (k >= captured) return 0;
            value = (<u32>load<u8>(data + <usize>k) & 0xf) << 2;
            break;
          default: {
            if ((code & 0xe0) == 0x40) position += <u64>x;
            else if (k >= AUXILIARY) return 0;
            const size = code & 0x18;
            const bytes: u64 = size == 0 ? 4 : size == 0x10 ? 1 : 2;
            if (position + bytes > <u64>captured) return 0;
            const from = data + <usize>position;
            if (size == 0) value = bswap<u32>(load<u32>(from));
            else if (size == 0x10) value = <u32>load<u8>(from);
            else value = <u32>bswap<u16>(load<u16>(from));
          }
        }
        if ((code & 7) == LD) a = value;
        else x = value;
        break;
      }
      case ST:
        store<u32>(CELLS + (<usize>(k & 15) << 2), a);
        break;
      case STX:
        store<u32>(CELLS + (<usize>(k & 15) << 2), x);
        break;
      case ALU: {
        const operand = (code & 8) != 0 ? x : k;
        switch (code & 0xf0) {
          case 0x00:
            a += operand;
            break;
          case 0x10:
            a -= operand;
            break;
          case 0x20:
            a *= operand;
            break;
          case 0x30:
            if (operand == 0) return 0;
            a /= operand;
            break;
          case 0x40:
            a |= operand;
            break;
          case 0x50:
            a &= operand;
            break;
          case 0x60:
            a = operand > 31 ? 0 : a << operand;
            break;
          case 0x70:
            a = operand > 31 ? 0 : a >> operand;
            break;
          case 0x80:
            a = 0 - a;
            break;
          case 0x90:
            if (operand == 0) return 0;
            a %= operand;
            break;
          default:
            a ^= operand;
        }
        break;
      }
      case JMP: {
        const operand = (code & 8) != 0 ? x : k;
        let holds = false;
        switch (code & 0xf0) {
          case 0x00:
            if (k >= <u32>count) return 0;
            next += <i32>k;
            continue;
          case 0x10:
            holds = a == operand;
            break;
          case 0x20:
            holds = a > operand;
            break;
          case 0x30:
            holds = a >= operand;
            break;
          default:
            holds = (a & operand) != 0;
        }
        next += <i32>(holds ? load<u8>(at, 2) : load<u8>(at, 3));
        break;
      }
      case RET:
        return (code & 0x18) == 0x10 ? a : k;
      default:
        if ((code & 0xf8) == 0x80) a = x;
        else x = a;
    }
  }
  return 0;
}
