import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UndercroftError } from '../errors.ts';
import { encodeFrame, FrameReader } from './frame.ts';

function readAll(bytes: Buffer, cuts: readonly number[]): unknown[] {
  const reader = new FrameReader();
  const out: unknown[] = [];
  let from = 0;
  for (const to of [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    for (const message of reader.push(bytes.subarray(from, to))) out.push(message);
    from = to;
  }
  return out;
}

describe('frames', () => {
  const typed = fc.oneof(fc.float64Array(), fc.uint8Array(), fc.int32Array(), fc.uint32Array());
  const message = fc.record({ json: fc.jsonValue(), samples: typed, more: fc.array(typed, { maxLength: 3 }) });

  it('give back what went in, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 4 }), fc.array(fc.nat(), { maxLength: 6 }), (messages, cuts) => {
        // -0 is 0 in JSON.
        const plain = messages.map((each) => ({ ...each, json: JSON.parse(JSON.stringify(each.json)) }));
        expect(readAll(Buffer.concat(messages.map(encodeFrame)), cuts)).toEqual(plain);
      }),
    );
  });

  it('carry buffers as bytes', () => {
    expect(readAll(encodeFrame({ data: Buffer.from('abc') }), [])).toEqual([{ data: new Uint8Array([97, 98, 99]) }]);
  });

  it('throw nothing but their own error on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          readAll(Buffer.from(bytes), []);
        } catch (error) {
          expect(error).toBeInstanceOf(UndercroftError);
        }
      }),
    );
  });

  it.each([
    ['a header longer than its frame', Buffer.from([4, 0, 0, 0, 255, 0, 0, 0])],
    ['an attachment past the end', encodeTampered('{"$bytes":0,"type":"Uint8Array","bytes":9}')],
    ['attachments out of order', encodeTampered('{"$bytes":1,"type":"Uint8Array","bytes":0}')],
    ['an attachment of an unknown kind', encodeTampered('{"$bytes":0,"type":"constructor","bytes":0}')],
  ])('refuse %s', (what, bytes) => {
    expect(() => readAll(bytes, [])).toThrow(what);
  });
});

function encodeTampered(header: string): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(4 + header.length, 0);
  head.writeUInt32LE(header.length, 4);
  return Buffer.concat([head, Buffer.from(header)]);
}
