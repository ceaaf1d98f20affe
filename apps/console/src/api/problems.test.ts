import { describe, expect, it } from 'vitest';
import { withChanges } from './problems.ts';
import type { Problem } from './types.ts';

const problem = (id: string, more: object = {}) => ({ id, state: 'warning', ...more }) as unknown as Problem;
const ids = (page: { readonly items: readonly Problem[] }) => page.items.map(({ id }) => id);

describe('a list of open problems', () => {
  it('takes newer versions in place, new ones first, closed ones out, and keeps the count', () => {
    const page = { items: [problem('a'), problem('b'), problem('c')], total: 40 };
    const next = withChanges(page, [
      problem('b', { title: 'newer' }),
      problem('c', { closedAt: 'now', state: 'ok' }),
      problem('d'),
    ]);
    expect(ids(next)).toEqual(['d', 'a', 'b']);
    expect(next.items[2]).toMatchObject({ title: 'newer' });
    expect(next.total).toBe(40);
  });
});
