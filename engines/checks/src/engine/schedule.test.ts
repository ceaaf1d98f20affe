import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { phaseMs, Schedule } from './schedule.ts';

describe('Schedule', () => {
  it('takes what is due in order, as a sorted list would', () => {
    const step = fc.oneof(
      fc.record({ set: fc.constantFrom('a', 'b', 'c', 'd', 'e'), at: fc.nat(50) }),
      fc.record({ remove: fc.constantFrom('a', 'b', 'c', 'd', 'e') }),
      fc.record({ take: fc.nat(60) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const schedule = new Schedule();
        let model: { id: string; at: number; order: number }[] = [];
        let order = 0;
        for (const each of steps) {
          if ('set' in each) {
            schedule.set(each.set, each.at);
            model = [...model.filter(({ id }) => id !== each.set), { id: each.set, at: each.at, order: order++ }];
          } else if ('remove' in each) {
            schedule.delete(each.remove);
            model = model.filter(({ id }) => id !== each.remove);
          } else {
            model.sort((a, b) => a.at - b.at || a.order - b.order);
            const first = model[0];
            const expected = first !== undefined && first.at <= each.take ? first.id : undefined;
            expect(schedule.take(each.take)).toBe(expected);
            model = model.filter(({ id }) => id !== expected);
          }
          expect(schedule.size).toBe(model.length);
          expect(schedule.nextMs()).toBe(model.length === 0 ? undefined : Math.min(...model.map(({ at }) => at)));
        }
      }),
    );
  });

  it('spreads checks over their interval, the same way each time', () => {
    const phases = Array.from({ length: 1000 }, (_, index) => phaseMs(`default/check-${index}`, 60_000));
    expect(phases).toEqual(Array.from({ length: 1000 }, (_, index) => phaseMs(`default/check-${index}`, 60_000)));
    for (let second = 0; second < 60; second += 6)
      expect(phases.filter((phase) => phase >= second * 1000 && phase < (second + 6) * 1000).length).toBeGreaterThan(
        50,
      );
  });
});
