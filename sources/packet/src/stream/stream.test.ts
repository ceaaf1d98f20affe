import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PacketDecoder } from '../decode/decoder.ts';
import { rawLinkType, type Segment, tcpFrame } from '../decode/testing/build.ts';
import * as events from './events.ts';
import * as policies from './policies.ts';
import { type ReassemblerOptions, StreamReassembler } from './reassembler.ts';

const KINDS: Readonly<Record<number, string>> = {
  [events.STREAM_OPENED]: 'opened',
  [events.STREAM_DATA]: 'data',
  [events.STREAM_GAP]: 'gap',
  [events.STREAM_CLOSED]: 'closed',
};

function bench(options: ReassemblerOptions = {}) {
  const decoder = new PacketDecoder({ checksums: true });
  const reassembler = new StreamReassembler(decoder.module, { maxStreams: 16, ...options });
  const told: string[] = [];
  const sent: [string, string] = ['', ''];
  const take = (count: number) => {
    for (let index = 0; index < count; index++) {
      const event = reassembler.event(index);
      const data = event.kind === events.STREAM_DATA ? Buffer.from(event.data).toString() : '';
      sent[event.direction as 0 | 1] += data;
      const what =
        event.kind === events.STREAM_DATA ? data : event.kind === events.STREAM_GAP ? event.dataBytes : event.bits;
      told.push(`${KINDS[event.kind]} ${'><'[event.direction]} ${what}`);
    }
  };
  const pushFrame = (frame: Uint8Array, timeS = 0) => {
    reassembler.load(decoder.decodeFrame(frame, { linkType: rawLinkType, timeS }).address, 1);
    for (let count = reassembler.next(); count > 0; count = reassembler.next()) take(count);
  };
  const push = (segment: Segment, timeS = 0) => pushFrame(tcpFrame(segment), timeS);
  const client = (sequence: number, data = '', flags = 'A', more: Partial<Segment> = {}) =>
    push({ sequence, data, flags, acknowledgement: 5001, ...more });
  const server = (sequence: number, data = '', flags = 'A', more: Partial<Segment> = {}) =>
    push({ sequence, data, flags, from: '10.0.0.2', to: '10.0.0.1', fromPort: 80, toPort: 1000, ...more });
  const handshake = (first = 1000, window = 65_535) => {
    client(first, '', 'S', { acknowledgement: 0, window });
    server(5000, '', 'SA', { acknowledgement: first + 1, window });
    client(first + 1, '', 'A', { window });
    told.length = 0;
  };
  const end = () => {
    for (let count = reassembler.end(); count > 0; count = reassembler.end()) take(count);
  };
  return { reassembler, told, sent, push, pushFrame, client, server, handshake, end };
}

describe('reassembly', () => {
  it('tells a connection from its SYN to both FINs', () => {
    const { told, client, server } = bench();
    client(1000, '', 'S', { acknowledgement: 0 });
    server(5000, '', 'SA', { acknowledgement: 1001 });
    client(1001, 'GET', 'PA');
    server(5001, '200', 'PA', { acknowledgement: 1004 });
    client(1004, '', 'FA', { acknowledgement: 5004 });
    server(5004, '', 'FA', { acknowledgement: 1005 });
    expect(told).toEqual(['opened > 0', 'data > GET', 'data < 200', `closed < ${events.CLOSED_FINISHED}`]);
  });

  it('keeps what comes early until its turn, and tells when it was captured', () => {
    const { told, client, handshake, reassembler } = bench();
    handshake();
    client(1004, 'def');
    client(1007, 'ghi');
    expect(told).toEqual([]);
    client(1001, 'abc');
    expect(told).toEqual(['data > abc', 'data > def', 'data > ghi']);
    expect(reassembler.counts).toMatchObject({ queued: 2, gaps: 0, chunks: 2 });
  });

  it('passes over what has been delivered', () => {
    const { told, client, handshake, reassembler } = bench();
    handshake();
    client(1001, 'abc');
    client(1001, 'XYZ');
    client(1002, 'XYdef');
    expect(told).toEqual(['data > abc', 'data > def']);
    expect(reassembler.counts.repeated).toBe(1);
  });

  it('goes on where sequence numbers begin anew', () => {
    const { sent, client, handshake } = bench();
    handshake(0xfffffff0);
    client(0xfffffff9, '9abcdefghij');
    client(0xfffffff1, '12345678');
    client(0x00000004, 'klm');
    expect(sent[0]).toBe('123456789abcdefghijklm');
  });

  it('tells a gap once the other side has acknowledged what did not come', () => {
    const { told, client, server, handshake } = bench();
    handshake();
    client(1001, 'abc');
    client(1010, 'xyz');
    for (let times = 0; times < 3; times++) server(5001, '', 'A', { acknowledgement: 1013 });
    expect(told).toEqual(['data > abc', 'gap > 6', 'data > xyz']);
  });

  it('takes data with the SYN', () => {
    const { told, client } = bench();
    client(1000, 'early', 'S', { acknowledgement: 0 });
    client(1006, 'later');
    expect(told).toEqual(['opened > 0', 'data > early', 'data > later']);
  });

  it('picks up a connection on its way, the lower port being the server', () => {
    const { told, server, client } = bench();
    server(7000, 'hello', 'PA', { acknowledgement: 3000 });
    client(3000, 'you', 'PA', { acknowledgement: 7005 });
    expect(told).toEqual([`opened > ${events.EVENT_MIDSTREAM}`, 'data < hello', 'data > you']);
  });

  it('follows none without its beginning where that is asked', () => {
    const { told, client } = bench({ midstream: false });
    client(3000, 'you', 'PA');
    expect(told).toEqual([]);
  });

  it('believes a reset of the right number only', () => {
    const { told, client, server, handshake, reassembler } = bench();
    handshake();
    client(1001, 'abc');
    client(1500, '', 'R');
    client(900, '', 'R');
    client(1004, 'def');
    client(1007, '', 'RA');
    server(5001, 'dead');
    expect(told).toEqual(['data > abc', 'data > def', `closed > ${events.CLOSED_RESET}`]);
    expect(reassembler.counts.badResets).toBe(2);
  });

  it('believes the refusal of a SYN only where it acknowledges it', () => {
    const { told, client, server } = bench();
    client(1000, '', 'S', { acknowledgement: 0 });
    server(0, '', 'RA', { acknowledgement: 1000 });
    expect(told).toEqual(['opened > 0']);
    server(0, '', 'RA', { acknowledgement: 1001 });
    expect(told).toEqual(['opened > 0', `closed < ${events.CLOSED_RESET}`]);
  });

  it('goes on where a side sends after its own reset, which was forged then', () => {
    const { told, client, server, handshake } = bench();
    handshake();
    client(1001, '', 'R');
    server(5001, 'in flight');
    client(1001, 'alive');
    expect(told).toEqual([`closed > ${events.CLOSED_RESET}`, `opened > ${events.EVENT_MIDSTREAM}`, 'data > alive']);
  });

  it('knows a SYN that was captured behind its answer', () => {
    const { told, client, server } = bench();
    server(5000, '', 'SA', { acknowledgement: 1001 });
    client(1000, '', 'S', { acknowledgement: 0 });
    client(1001, 'data');
    expect(told).toEqual([`opened > ${events.EVENT_MIDSTREAM}`, 'data > data']);
  });

  it('takes nothing from behind the window or the FIN', () => {
    const { told, client, handshake, reassembler } = bench();
    handshake();
    client(1001 + 200_000, 'far');
    client(1001, 'abc', 'FA');
    client(1004, 'more');
    expect(told).toEqual(['data > abc']);
    expect(reassembler.counts.outOfWindow).toBe(2);
  });

  it('takes no segment with a wrong checksum', () => {
    const { told, handshake, pushFrame, reassembler } = bench();
    handshake();
    const frame = tcpFrame({ sequence: 1001, data: 'abc' });
    frame[42]! ^= 1;
    pushFrame(frame);
    expect(told).toEqual([]);
    expect(reassembler.counts.badChecksums).toBe(1);
  });

  it('is not led astray by a forged SYN, but sees ports used again', () => {
    const { told, client, server, handshake } = bench();
    handshake();
    client(9000, '', 'S', { acknowledgement: 0 });
    client(1001, 'abc');
    expect(told).toEqual(['data > abc']);
    server(70_000, '', 'SA', { acknowledgement: 9001 });
    client(9001, 'new', 'A', { acknowledgement: 70_001 });
    expect(told.slice(1)).toEqual([
      `closed > ${events.CLOSED_REUSED}`,
      `opened > ${events.EVENT_MIDSTREAM}`,
      'data > new',
    ]);
  });

  it('gives up the most silent stream for a new one, what it holds included', () => {
    const { told, client } = bench({ maxStreams: 2 });
    for (const fromPort of [1, 2]) client(10, '', 'S', { fromPort: 1000 + fromPort, acknowledgement: 0 });
    client(15, 'late', 'A', { fromPort: 1001 });
    client(11, '', 'A', { fromPort: 1002 });
    told.length = 0;
    client(10, '', 'S', { fromPort: 1003, acknowledgement: 0 });
    expect(told).toEqual(['gap > 4', 'data > late', `closed > ${events.CLOSED_EVICTED}`, 'opened > 0']);
  });

  it('ends a stream that is silent, by packet time', () => {
    const { told, push, reassembler } = bench({ idleS: 60 });
    push({ sequence: 1, flags: 'S' }, 100);
    push({ sequence: 1, flags: 'S', fromPort: 2 }, 161);
    expect(told).toEqual(['opened > 0', `closed > ${events.CLOSED_IDLE}`, 'opened > 0']);
    expect(reassembler.counts).toMatchObject({ idle: 1, present: 1 });
  });

  it('delivers with gaps where a side holds more than it may', () => {
    const { sent, told, client, handshake, reassembler, end } = bench({
      maxSideBytes: 16 * 2048,
      maxBytes: 1024 * 1024,
    });
    handshake();
    for (let index = 1; index <= 40; index++) client(1001 + index * 100, 'x'.repeat(50));
    end();
    expect(sent[0].length).toBe(40 * 50);
    expect(told.filter((each) => each.startsWith('gap')).length).toBe(40);
    expect(reassembler.counts.droppedBytes).toBe(0);
  });

  it('gives back all memory in the end', () => {
    const { client, handshake, reassembler, end } = bench();
    handshake();
    for (let index = 1; index <= 20; index++) client(1001 + index * 10, 'x');
    end();
    reassembler.load(0, 0);
    expect(reassembler.end()).toBe(0);
    expect(reassembler.counts.present).toBe(0);
  });

  it('makes the same stream of any cuts, repeats and order', () => {
    const cuts = fc.array(fc.record({ at: fc.nat(200), bytes: fc.integer({ min: 1, max: 60 }) }), { maxLength: 30 });
    fc.assert(
      fc.property(cuts, fc.nat(0xffffffff), fc.constantFrom(0, 1, 2, 3, 4, 5), (pieces, first, policy) => {
        const text = Array.from({ length: 260 }, (_, index) => String.fromCharCode(33 + (index % 90))).join('');
        const { sent, client, handshake, reassembler } = bench({ policy });
        handshake(first);
        for (const { at, bytes } of pieces) client(first + 1 + at, text.slice(at, at + bytes));
        for (let at = 0; at < text.length; at += 13) client(first + 1 + at, text.slice(at, at + 13));
        expect(sent[0]).toBe(text);
        expect(reassembler.counts).toMatchObject({ conflicts: 0, gaps: 0 });
      }),
      { numRuns: 40 },
    );
  });
});

describe('overlapping segments', () => {
  /** Early segments, then the first byte so that all get their turn. */
  const resolve = (policy: number, segments: readonly (readonly [at: number, data: string])[]) => {
    const { sent, client, handshake } = bench({ policy });
    handshake();
    for (const [at, data] of segments) client(1001 + at, data);
    client(1001, '.');
    return sent[0].slice(1);
  };

  it.each([
    ['first', policies.STREAM_POLICY_FIRST, ['aaaabb', 'bbaaaa', 'bbaabb', 'aaaa', 'aaaabb']],
    ['last', policies.STREAM_POLICY_LAST, ['aabbbb', 'bbbbaa', 'bbbbbb', 'bbbb', 'bbbbbb']],
    ['bsd', policies.STREAM_POLICY_BSD, ['aaaabb', 'bbbbaa', 'bbbbbb', 'aaaa', 'aaaabb']],
    ['linux', policies.STREAM_POLICY_LINUX, ['aaaabb', 'bbbbaa', 'bbbbbb', 'aaaa', 'bbbbbb']],
    ['old-linux', policies.STREAM_POLICY_OLD_LINUX, ['aaaabb', 'bbbbaa', 'bbbbbb', 'bbbb', 'bbbbbb']],
    ['solaris', policies.STREAM_POLICY_SOLARIS, ['aabbbb', 'bbaaaa', 'bbbbbb', 'bbbb', 'bbbbbb']],
  ])('are resolved as %s hosts do', (_, policy, [left, right, around, same, longer]) => {
    expect({
      left: resolve(policy, [
        [1, 'aaaa'],
        [3, 'bbbb'],
      ]),
      right: resolve(policy, [
        [3, 'aaaa'],
        [1, 'bbbb'],
      ]),
      around: resolve(policy, [
        [3, 'aa'],
        [1, 'bbbbbb'],
      ]),
      same: resolve(policy, [
        [1, 'aaaa'],
        [1, 'bbbb'],
      ]),
      longer: resolve(policy, [
        [1, 'aaaa'],
        [1, 'bbbbbb'],
      ]),
    }).toEqual({ left, right, around, same, longer });
  });
});
