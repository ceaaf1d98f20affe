import { expect, it } from 'vitest';
import { DroppedEvents, QUIET_MS } from './dropped-events.ts';

it('opens a problem when events are lost, says how many, and closes it after a quiet spell', () => {
  const drops = new DroppedEvents();
  expect(drops.look(0, 0)).toBeUndefined();
  expect(drops.look(7, 1_000)).toMatchObject({ state: 'warning', title: expect.stringContaining('7 events') });
  expect(drops.look(7, 2_000)).toBeUndefined();
  expect(drops.look(12, 3_000)).toMatchObject({ state: 'warning', title: expect.stringContaining('12 events') });
  expect(drops.look(12, 3_000 + QUIET_MS - 1)).toBeUndefined();
  expect(drops.look(12, 3_000 + QUIET_MS)).toMatchObject({ state: 'ok' });
  expect(drops.look(12, 4_000 + QUIET_MS)).toBeUndefined();
  expect(drops.look(13, 5_000 + QUIET_MS)).toMatchObject({ title: expect.stringContaining('1 events') });
});
