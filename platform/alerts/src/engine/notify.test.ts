import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decide, type NoticeSubject, type RouteMemory, type RouteTiming } from './notify.ts';

const routeArb: fc.Arbitrary<RouteTiming> = fc.record({
  states: fc.constantFrom(['critical'] as const, ['warning', 'critical'] as const),
  contacts: fc.constant(['a']),
  delayUs: fc.constantFrom(0, 3),
  repeatUs: fc.constantFrom(0, 5),
  recovery: fc.boolean(),
  escalations: fc.constantFrom(
    [],
    [
      { afterUs: 4, contacts: ['b'] },
      { afterUs: 9, contacts: ['a', 'c'] },
    ],
  ),
});
const subjectArb: fc.Arbitrary<NoticeSubject> = fc.record({
  open: fc.boolean(),
  state: fc.constantFrom('warning', 'critical'),
  hard: fc.boolean(),
  flapping: fc.boolean(),
  quiet: fc.boolean(),
});

test('whatever happens: quiet is quiet, who was told hears the end, and nobody hears it twice', () => {
  fc.assert(
    fc.property(routeArb, fc.array(subjectArb, { maxLength: 40 }), (route, subjects) => {
      let memory: RouteMemory | undefined;
      let told = new Set<string>();
      for (const [timeUs, subject] of subjects.entries()) {
        const { notices, memory: next } = decide(subject, route, memory, timeUs);
        for (const notice of notices) {
          if (notice.kind === 'recovery') {
            expect(subject.open || subject.flapping).toBe(false);
            expect([...notice.contacts].sort()).toEqual([...told].sort());
          } else if (notice.kind === 'flapping') {
            expect(subject.flapping && told.size > 0).toBe(true);
          } else {
            expect(subject.open && subject.hard && !subject.quiet && !subject.flapping).toBe(true);
            expect(route.states).toContain(subject.state);
            for (const contact of notice.contacts) told.add(contact);
          }
          expect(notice.number).toBe((memory?.count ?? 0) + 1);
        }
        expect(notices.length).toBeLessThanOrEqual(1);
        if (!subject.open && !subject.flapping) {
          expect(next).toBeUndefined();
          if (route.recovery && told.size > 0) expect(notices).toHaveLength(1);
          told = new Set();
        }
        // Asked again at the same moment, it has nothing to add but a step of escalation that was due beside it.
        const again = decide(subject, route, next, timeUs).notices;
        expect(again.every((notice) => notice.kind === 'escalation')).toBe(true);
        memory = next;
      }
    }),
    { numRuns: 500 },
  );
});
