import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkPeriod, DAYS, inPeriod, type Period } from './period.ts';

const office: Period = {
  zone: 'Europe/Berlin',
  ranges: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', to: '18:00' }],
};
const night: Period = { zone: 'UTC', ranges: [{ days: ['fri'], from: '22:00', to: '06:00' }] };

test.each([
  [office, '2026-11-24T07:00:00Z', true, 'Tuesday 08:00 in Berlin'],
  [office, '2026-11-24T06:59:59Z', false, 'one second before'],
  [office, '2026-11-24T17:00:00Z', false, 'the end is exclusive'],
  [office, '2026-07-21T06:00:00Z', true, 'summer time'],
  [office, '2026-11-22T10:00:00Z', false, 'Sunday'],
  [night, '2026-11-27T23:00:00Z', true, 'Friday night'],
  [night, '2026-11-28T05:59:00Z', true, 'Saturday morning belongs to it'],
  [night, '2026-11-28T06:00:00Z', false, 'and ends'],
  [night, '2026-11-27T05:00:00Z', false, 'Friday morning does not'],
])('%o at %s: %s (%s)', (period, time, expected) => {
  expect(inPeriod(period, Date.parse(time))).toBe(expected);
});

test('a period that can never be is refused', () => {
  for (const period of [
    { zone: 'Mars/Olympus', ranges: office.ranges },
    { zone: 'UTC', ranges: [] },
    { zone: 'UTC', ranges: [{ days: ['mon' as const], from: '8:00', to: '18:00' }] },
    { zone: 'UTC', ranges: [{ days: ['mon' as const], from: '08:00', to: '25:00' }] },
    { zone: 'UTC', ranges: [{ days: [], from: '08:00', to: '18:00' }] },
  ]) {
    expect(() => checkPeriod(period), JSON.stringify(period)).toThrow(
      expect.objectContaining({ code: 'alerts.period' }),
    );
  }
});

test('all days from 00:00 to 24:00 is always', () => {
  const always: Period = { zone: 'Asia/Kathmandu', ranges: [{ days: DAYS, from: '00:00', to: '24:00' }] };
  fc.assert(fc.property(fc.integer({ min: 0, max: 4e12 }), (timeMs) => inPeriod(always, timeMs)));
});
