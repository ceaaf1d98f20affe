import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeProgram } from '../capture/program.ts';
import { compileFilter } from './compile.ts';
import { runProgram } from './interpreter.ts';
import type { BpfInstruction } from './program.ts';
import { CORPUS } from './testing/corpus.ts';
import { makePacket, randomFrom } from './testing/packets.ts';
import { ProgramError, validateProgram } from './validate.ts';

interface FilterModule {
  readonly memory: WebAssembly.Memory;
  allocate(bytes: number): number;
  runFilter(program: number, count: number, data: number, wire: number, captured: number): number;
}

const wasm = new WebAssembly.Instance(
  new WebAssembly.Module(readFileSync(new URL('../../dist/packet.wasm', import.meta.url))),
  { env: { abort: () => {} } },
).exports as unknown as FilterModule;
const programAt = wasm.allocate(4096 * 8);
const packetAt = wasm.allocate(65_536);

function runInWasm(instructions: readonly BpfInstruction[], packet: Uint8Array, wire: number): number {
  const memory = new Uint8Array(wasm.memory.buffer);
  memory.set(encodeProgram(instructions), programAt);
  memory.set(packet, packetAt);
  return wasm.runFilter(programAt, instructions.length, packetAt, wire, packet.length) >>> 0;
}

const instruction: fc.Arbitrary<BpfInstruction> = fc.record({
  code: fc.oneof(
    fc.nat(255),
    fc.constantFrom(0x20, 0x28, 0x30, 0x40, 0x48, 0x50, 0xb1, 0x15, 0x25, 0x06, 0x16, 0x60, 0x02),
  ),
  jt: fc.nat(4),
  jf: fc.nat(4),
  k: fc.oneof(fc.nat(40), fc.integer({ min: 0, max: 0xffff_ffff })),
});

describe('both interpreters', () => {
  it('say the same of every filter', () => {
    const random = randomFrom(23);
    const packets = Array.from({ length: 20 }, () => makePacket(random, 'ethernet'));
    for (const expression of CORPUS) {
      let instructions: readonly BpfInstruction[];
      try {
        instructions = compileFilter(expression, { linkType: 1, netmask: 0 }).instructions;
      } catch {
        // Refused for Ethernet; the comparison with tcpdump covers that.
        continue;
      }
      for (const packet of packets) {
        expect(runInWasm(instructions, packet, packet.length + 3)).toBe(
          runProgram({ instructions }, packet, packet.length + 3),
        );
      }
    }
  });

  it('take any program over any packet to an end, and the same one where it is valid', () => {
    fc.assert(
      fc.property(
        fc.array(instruction, { minLength: 1, maxLength: 20 }),
        fc.uint8Array({ maxLength: 64 }),
        (body, packet) => {
          const instructions = [...body, { code: 6, jt: 0, jf: 0, k: 1 }];
          const one = runProgram({ instructions }, packet);
          const other = runInWasm(instructions, packet, packet.length);
          let valid = true;
          try {
            validateProgram({ instructions });
          } catch (error) {
            expect(error).toBeInstanceOf(ProgramError);
            valid = false;
          }
          if (valid) expect(other).toBe(one);
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe('the validator', () => {
  it.each([
    ['an empty program', []],
    ['an end without a return', [{ code: 0, jt: 0, jf: 0, k: 1 }]],
    [
      'a jump out of the program',
      [
        { code: 0x15, jt: 1, jf: 0, k: 0 },
        { code: 6, jt: 0, jf: 0, k: 0 },
      ],
    ],
    [
      'a jump back',
      [
        { code: 0x05, jt: 0, jf: 0, k: 0xffff_fffe },
        { code: 6, jt: 0, jf: 0, k: 0 },
      ],
    ],
    [
      'a cell that is not there',
      [
        { code: 0x02, jt: 0, jf: 0, k: 16 },
        { code: 6, jt: 0, jf: 0, k: 0 },
      ],
    ],
    [
      'a cell read before it is written',
      [
        { code: 0x60, jt: 0, jf: 0, k: 1 },
        { code: 6, jt: 0, jf: 0, k: 0 },
      ],
    ],
    [
      'a division by zero',
      [
        { code: 0x34, jt: 0, jf: 0, k: 0 },
        { code: 6, jt: 0, jf: 0, k: 0 },
      ],
    ],
    [
      'a shift by 32',
      [
        { code: 0x64, jt: 0, jf: 0, k: 32 },
        { code: 6, jt: 0, jf: 0, k: 0 },
      ],
    ],
    [
      'an unknown code',
      [
        { code: 0xff, jt: 0, jf: 0, k: 0 },
        { code: 6, jt: 0, jf: 0, k: 0 },
      ],
    ],
  ])('refuses %s', (_, instructions) => {
    expect(() => validateProgram({ instructions })).toThrow(ProgramError);
  });
});
