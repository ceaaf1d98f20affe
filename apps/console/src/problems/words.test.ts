import { describe, expect, it } from 'vitest';
import type { Problem } from '../api/types.ts';
import { byCause, countWords, handOverNote, standing } from './words.ts';

const problem = (id: string, more: Partial<Problem> = {}): Problem => ({
  id,
  tenant: 'default',
  source: 'checks',
  rule: 'r',
  subject: 's',
  assets: ['h1'],
  state: 'warning',
  hard: true,
  attempt: 3,
  maxAttempts: 3,
  title: `Title ${id}`,
  detail: '',
  next: '',
  evidence: [],
  attributes: {},
  openedAt: '2026-11-24T10:00:00Z',
  changedAt: '2026-11-24T10:00:00Z',
  lastReportAt: '2026-11-24T10:00:00Z',
  flapping: false,
  ...more,
});

describe('problems by cause', () => {
  it('stand worst first, each with what follows from it below', () => {
    const placed = byCause([
      problem('slow'),
      problem('replica', { state: 'critical', behind: 'volume' }),
      problem('newer', { openedAt: '2026-11-24T11:00:00Z' }),
      problem('volume', { state: 'critical' }),
      problem('orphan', { state: 'notice', behind: 'closed-one' }),
    ]);
    expect(placed.map(({ problem: { id }, depth }) => `${'-'.repeat(depth)}${id}`)).toEqual([
      'volume',
      '-replica',
      'newer',
      'slow',
      'orphan',
    ]);
  });

  it('say why they are quiet', () => {
    expect(standing(problem('a', { hard: false, attempt: 2, flapping: true }))).toEqual(['soft, 2 of 3', 'flapping']);
    expect(standing(problem('a', { downtime: { id: 'd', untilAt: '2026-11-24T12:00:00Z' } }))).toEqual(['in downtime']);
  });

  it('are counted in words', () => {
    expect(countWords([problem('a'), problem('b'), problem('c', { state: 'critical' })])).toBe(
      '1 critical, 2 warnings',
    );
  });
});

it('a hand-over note says what, since when, why, what was said and what is next', () => {
  const note = handOverNote(
    {
      ...problem('a', {
        detail: '91 % used',
        next: 'Grow the volume.',
        evidence: [{ timeAt: '2026-11-24T10:00:00Z', source: 'metrics', text: 'passed 90 %' }],
      }),
      history: [{ timeAt: '2026-11-24T10:05:00Z', kind: 'comment', text: 'Asked ben.', by: 'ana' }],
    },
    new Map([['h1', 'log-01']]),
    'https://console/app/problems/a',
  );
  expect(note).toBe(
    [
      'Title a',
      '',
      'State: warning',
      'Since: 2026-11-24T10:00:00Z',
      'On: log-01',
      'Detail: 91 % used',
      'Nobody has it yet.',
      '',
      'What is known:',
      '- 2026-11-24T10:00:00Z metrics: passed 90 %',
      '',
      'Said:',
      '- 2026-11-24T10:05:00Z ana: Asked ben.',
      '',
      'Next: Grow the volume.',
      '',
      'https://console/app/problems/a',
    ].join('\n'),
  );
});
