import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BoundedQueue } from './bounded-queue.ts';

it('behaves as an array with a bound that counts what it refuses', () => {
  const commands = fc.array(
    fc.oneof(
      fc.record({ push: fc.nat() }),
      fc.record({ pushOut: fc.nat() }),
      fc.constant('shift' as const),
      fc.record({ take: fc.nat(5) }),
    ),
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), commands, (capacity, steps) => {
      const queue = new BoundedQueue<number>(capacity);
      const model: number[] = [];
      let dropped = 0;
      for (const step of steps) {
        if (step === 'shift') expect(queue.shift()).toBe(model.shift());
        else if ('push' in step) {
          const fits = model.length < capacity;
          expect(queue.push(step.push)).toBe(fits);
          if (fits) model.push(step.push);
          else dropped++;
        } else if ('pushOut' in step) {
          if (model.length === capacity) {
            model.shift();
            dropped++;
          }
          model.push(step.pushOut);
          queue.pushOut(step.pushOut);
        } else expect(queue.take(step.take)).toEqual(model.splice(0, step.take));
        expect([queue.size, queue.dropped]).toEqual([model.length, dropped]);
      }
    }),
  );
});
