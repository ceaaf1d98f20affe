import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_EVENT_CHARS, SseDecoder, type SseEvent } from './sse.ts';

function decode(text: string, sizes: readonly number[] = []): SseEvent[] {
  const decoder = new SseDecoder();
  const events: SseEvent[] = [];
  let at = 0;
  for (const size of sizes) {
    events.push(...decoder.push(text.slice(at, at + size)));
    at += size;
  }
  events.push(...decoder.push(text.slice(at)));
  return events;
}

describe('server-sent events', () => {
  it('are decoded with name, id and joined data', () => {
    expect(
      decode('event: hello\ndata: {"connection":"c1"}\n\nid: b-1\nevent: problems\ndata: one\ndata: two\n\n'),
    ).toEqual([
      { event: 'hello', data: '{"connection":"c1"}', id: undefined },
      { event: 'problems', data: 'one\ntwo', id: 'b-1' },
    ]);
  });

  it('skip comments, events without data and unknown fields', () => {
    expect(decode(': ping\n\nevent: empty\n\nretry: 5\ndata:x\n\n')).toEqual([
      { event: 'message', data: 'x', id: undefined },
    ]);
  });

  it('end lines with LF, CR or CR LF, however the chunks are cut', () => {
    const text = 'id: 1\r\nevent: a\r\ndata: x\r\n\r\nid: 2\rdata: y\r\rid: 3\ndata: ž\n\n';
    const whole = decode(text);
    expect(whole.map(({ id, data }) => [id, data])).toEqual([
      ['1', 'x'],
      ['2', 'y'],
      ['3', 'ž'],
    ]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 }), (sizes) => {
        expect(decode(text, sizes)).toEqual(whole);
      }),
    );
  });

  it('drop what is too long and say so', () => {
    const decoder = new SseDecoder();
    expect(decoder.push(`data: ${'x'.repeat(MAX_EVENT_CHARS + 1)}\n\ndata: ok\n\n`)).toEqual([
      { event: 'message', data: 'ok', id: undefined },
    ]);
    expect(decoder.dropped).toBe(1);
  });

  it('never throw on any text', () => {
    fc.assert(fc.property(fc.string(), (text) => void decode(text)));
  });
});
