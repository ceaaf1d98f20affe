import { describe, expect, it } from 'vitest';
import { drawingOf, headValue, lineValue, roundUp, shapeOf, totalValue } from './shape.ts';

describe('lines', () => {
  it('are at most five and other, the largest kept, in the order of the data', () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const columns = [[1], [9], [8], [7], [6], [5], [2]];
    const shape = shapeOf('stacked', ids, ids, columns);
    expect(shape.lines.map((line) => line.name)).toEqual(['b', 'c', 'd', 'e', 'f', '2 others']);
    expect(shape.lines.at(-1)).toMatchObject({ color: 0, columns: [0, 6] });
    expect(lineValue(shape, shape.lines.at(-1)!, columns, 0)).toBe(3);
    expect(totalValue(shape, columns, 0)).toBe(38);
  });

  it('that cannot be added say so: the highest of the others', () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const shape = shapeOf('line', ids, ids, [[9], [8], [7], [6], [5], [2], [3]]);
    expect(shape.lines.at(-1)!.name).toBe('highest of 2 others');
    expect(lineValue(shape, shape.lines.at(-1)!, [[9], [8], [7], [6], [5], [2], [3]], 0)).toBe(3);
    const six = ids.slice(0, 6);
    expect(shapeOf('line', six, six, [[9], [8], [7], [6], [5], [2]]).lines.at(-1)!.name).toBe('f');
  });

  it('of a link are mirrored: out above, in below, whatever sign the collector gave', () => {
    const shape = shapeOf('area', ['received', 'sent'], ['received', 'sent'], [[98], [-499]]);
    expect(shape.mirror).toBe(true);
    expect(shape.lines.map(({ name, mirrored }) => [name, mirrored])).toEqual([
      ['sent', false],
      ['received', true],
    ]);
    const drawing = drawingOf(shape, 'kilobits/s', [0], [[98], [-499]]);
    expect(drawing.data).toEqual([[0], [499], [-98]]);
    expect([drawing.low, drawing.high]).toEqual([-600, 600]);
  });

  it('of a direction that the collector signs are drawn below and said without the sign', () => {
    const columns = [[25], [-20], [3]];
    const names = ['received', 'sent', 'forwarded'];
    const shape = shapeOf('line', names, names, columns);
    expect(lineValue(shape, shape.lines[1]!, columns, 0)).toBe(20);
    expect(drawingOf(shape, 'packets/s', [0], columns).data).toEqual([[0], [25], [-20], [3]]);
  });

  it('isolated or hidden leave the rest without values', () => {
    const columns = [[1], [2]];
    const isolated = shapeOf('line', ['a', 'b'], ['a', 'b'], columns, { isolated: 'b', hidden: new Set() });
    expect(drawingOf(isolated, 'x', [0], columns).data).toEqual([[0], [null], [2]]);
    const hidden = shapeOf('line', ['a', 'b'], ['a', 'b'], columns, { isolated: undefined, hidden: new Set(['b']) });
    expect(drawingOf(hidden, 'x', [0], columns).data).toEqual([[0], [1], [null]]);
  });

  it('of a processor leave its idle time out', () => {
    const shape = shapeOf('stacked', ['user', 'idle'], ['user', 'idle'], [[5], [95]]);
    expect(shape.lines.map(({ name }) => name)).toEqual(['user']);
    expect(headValue(shape, [[5], [95]], 0).value).toBe(5);
  });

  it('stacked stand on one another and skip what is missing', () => {
    const columns = [
      [1, null],
      [2, 5],
    ];
    const shape = shapeOf('stacked', ['a', 'b'], ['a', 'b'], columns);
    expect(drawingOf(shape, 'x', [0, 1], columns).data).toEqual([
      [0, 1],
      [1, null],
      [3, 5],
    ]);
  });
});

describe('the value in the header', () => {
  it('is the sum of a stack, but the used part of a whole', () => {
    const busy = shapeOf('stacked', ['user', 'system'], ['user', 'system'], [[2], [3]]);
    expect(headValue(busy, [[2], [3]], 0)).toEqual({ value: 5, name: undefined });
    const memory = shapeOf('stacked', ['used', 'free'], ['used', 'free'], [[2], [3]]);
    expect(headValue(memory, [[2], [3]], 0)).toEqual({ value: 2, name: 'used' });
  });
});

describe('the axis', () => {
  it('starts at zero and ends on a round number with room', () => {
    const shape = shapeOf('line', ['a'], ['a'], [[44]]);
    expect(drawingOf(shape, 'percentage', [0], [[44]])).toMatchObject({ low: 0, high: 50 });
    expect(roundUp(100)).toBe(120);
    expect(roundUp(0)).toBe(0);
  });

  it('ends at 100 where a whole is full, and on hundreds where it is percent of one of several', () => {
    const high = (value: number) =>
      drawingOf(shapeOf('line', ['a'], ['a'], [[value]]), 'percentage', [0], [[value]]).high;
    expect([3.2, 81, 99, 100, 101.4, 109].map(high)).toEqual([4, 100, 100, 100, 100, 100]);
    expect([111, 160, 199, 340, 1240].map(high)).toEqual([200, 200, 300, 400, 1500]);
    const busy = shapeOf('stacked', ['user', 'system'], ['user', 'system'], [[60], [40.6]]);
    expect(drawingOf(busy, 'percentage', [0], [[60], [40.6]])).toMatchObject({ high: 100, grid: [0, 50, 100] });
    const share = shapeOf('line', ['a'], ['a'], [[100]]);
    expect(drawingOf(share, '% of time working', [0], [[100]]).high).toBe(100);
  });

  it('holds the limits', () => {
    const shape = shapeOf('line', ['a'], ['a'], [[4]]);
    expect(drawingOf(shape, 'ms', [0], [[4]], [20]).high).toBe(25);
  });

  it('stands with nothing to draw', () => {
    expect(drawingOf(shapeOf('line', [], [], []), 'x', [], [])).toMatchObject({ low: 0, high: 1, data: [[]] });
    const link = shapeOf('area', ['in', 'out'], ['in', 'out'], [[0], [0]]);
    expect(drawingOf(link, 'B/s', [0], [[0], [0]])).toMatchObject({ low: -1, high: 1 });
  });
});
