import { describe, expect, it } from 'vitest';
import type { Problem } from '../api/types.ts';
import { answerOf, countsText, quietText } from './sentence.ts';

const NOW = new Date(2026, 10, 24, 14, 30).getTime();

function problem(state: string, ageMin: number, more: Partial<Problem> = {}): Problem {
  return {
    id: `${state}${ageMin}`,
    state,
    hard: true,
    assets: ['A'],
    openedAt: new Date(NOW - ageMin * 60_000).toISOString(),
    ...more,
  } as unknown as Problem;
}

const situation = (problems: readonly Problem[], more: object = {}) => ({
  problems,
  nowMs: NOW,
  nameOf: (id: string) => (id === 'A' ? 'db-02' : undefined),
  hosts: { reporting: 31, total: 34 },
  dropped: 0,
  ...more,
});

describe('the sentence', () => {
  it('counts what is critical and says where it began', () => {
    expect(answerOf(situation([problem('critical', 24), problem('critical', 19), problem('warning', 3)]))).toEqual({
      title: '2 problems need you',
      lead: 'Both are on **db-02**; the first started 24 minutes ago. 31 of 34 hosts report; nothing was dropped.',
    });
  });

  it('does not name a place when there are several', () => {
    expect(answerOf(situation([problem('critical', 24), problem('critical', 19, { assets: ['B'] })])).lead).toMatch(
      /^The first started 24 minutes ago\./,
    );
  });

  it('says that nothing is critical when there are only warnings', () => {
    expect(answerOf(situation([problem('warning', 1)], { hosts: { reporting: 1, total: 1 } }))).toEqual({
      title: '1 warning, nothing critical',
      lead: 'It started on **db-02**, a minute ago. The one host reports; nothing was dropped.',
    });
  });

  it('does not count what somebody has, what is planned, or what is not certain', () => {
    const acknowledged = { by: 'ana', timeAt: '', comment: '', sticky: false };
    const held = [
      problem('critical', 9, { acknowledged }),
      problem('critical', 8, { downtime: { id: 'd', untilAt: new Date(NOW + 3_600_000).toISOString() } }),
      problem('critical', 7, { behind: 'x' }),
      problem('critical', 6, { hard: false }),
    ];
    expect(answerOf(situation(held)).title).toBe('Nothing needs you');
    expect(quietText(held)).toBe(
      'Quiet: 1 in downtime until 15:30, 1 behind another problem, 1 acknowledged, 1 not yet certain.',
    );
  });

  it('says since when all is well, and how long a new host is watched', () => {
    expect(answerOf(situation([], { lastClosedMs: NOW - 3_600_000, dropped: 41 })).lead).toBe(
      'All well since 13:30. 31 of 34 hosts report; 41 events were dropped.',
    );
    expect(answerOf(situation([problem('notice', 1)], { newHost: { name: 'atlas', sinceMs: NOW - 240_000 } }))).toEqual(
      {
        title: 'Nothing needs you',
        lead: '**atlas** has been watched for 4 minutes; nothing was dropped. 1 notice for when you have time.',
      },
    );
  });

  it('names the counts', () => {
    expect(
      countsText([problem('critical', 1), problem('warning', 1), problem('warning', 2), problem('notice', 1)]),
    ).toBe('1 critical, 2 warnings, 1 notice');
  });
});
