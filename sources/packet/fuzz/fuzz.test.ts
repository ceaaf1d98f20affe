import { describe, expect, it } from 'vitest';
import { Fuzzer } from './round.ts';
import { seeds } from './seeds.ts';
import { Twin } from './twin.ts';

describe('the fuzzer', () => {
  it('finds nothing in a few hundred rounds', async () => {
    const fuzzer = new Fuzzer(await seeds(null));
    let packets = 0;
    for (let seed = 1; seed <= 200; seed++) packets += fuzzer.round(seed);
    expect(packets).toBeGreaterThan(5000);
  });

  it('would see a read behind a packet', () => {
    const twins = [new Twin(16, 0x00, 64), new Twin(4096, 0xff, 97)];
    const frame = Buffer.from('4500001c00010000401100000a0000010a000002', 'hex');
    // A decoder that is told of more bytes than there are reads what lies behind.
    const [a, b] = twins.map((twin) =>
      twin.run([{ frame, linkType: 101, wireBytes: 28, timeS: 0, meta: 0, claimedBytes: 28 }], 0),
    );
    expect(a).not.toEqual(b);
    const honest = twins.map((twin) => twin.run([{ frame, linkType: 101, wireBytes: 28, timeS: 0, meta: 0 }], 0));
    expect(honest[0]).toEqual(honest[1]);
  });
});
