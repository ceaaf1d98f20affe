/** Open problems, kept fresh by the live stream; acting on them is optimistic and can be undone. */
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { toast } from '../ui/toasts.tsx';
import { api } from './client.ts';
import { useLive } from './live.ts';
import type { Page, Problem } from './types.ts';

export const OPEN_PROBLEMS_KEY = ['problems', 'open'] as const;
/** As many open problems as one answer holds; more are counted in `total`. */
const MAX_OPEN = 1000;

/** Every open problem, worst first by the server's order. The shell, the overview and the palette share it. */
export function useOpenProblems() {
  return useQuery({
    queryKey: OPEN_PROBLEMS_KEY,
    queryFn: ({ signal }) => api.get<Page<Problem>>('/problems', { open: true, limit: MAX_OPEN }, { signal }),
  });
}

/** Puts what the live stream says of problems into the cache: mounted once, in the shell. */
export function useLiveProblems(onChange?: (problems: readonly Problem[], client: QueryClient) => void): void {
  const client = useQueryClient();
  useLive<Problem>('problems', (changed) => {
    onChange?.(changed, client);
    client.setQueryData<Page<Problem>>(OPEN_PROBLEMS_KEY, (page) => page && withChanges(page, changed));
  });
}

export function isOpen(problem: Problem): boolean {
  return problem.closedAt === undefined && problem.state !== 'ok';
}

/** Open, hard, and nobody has it yet: what asks for a person. */
export function needsSomebody(problem: Problem): boolean {
  return (
    isOpen(problem) &&
    problem.hard &&
    problem.acknowledged === undefined &&
    problem.downtime === undefined &&
    problem.behind === undefined
  );
}

/** Acknowledges at once on screen, offers Undo, and takes it back where the server refuses. */
export function useAcknowledge(): (problems: readonly Problem[], comment?: string) => Promise<void> {
  const client = useQueryClient();
  return useCallback(
    async (problems, comment = '') => {
      const before = client.getQueryData<Page<Problem>>(OPEN_PROBLEMS_KEY);
      const acknowledged = { by: 'you', timeAt: new Date().toISOString(), comment, sticky: false };
      const marked = problems.map((problem) => ({ ...problem, acknowledged }) as Problem);
      client.setQueryData<Page<Problem>>(OPEN_PROBLEMS_KEY, (page) => page && withChanges(page, marked));
      try {
        await Promise.all(
          problems.map(({ id }) => api.post(`/problems/${id}/acknowledge`, comment === '' ? {} : { comment })),
        );
      } catch (error) {
        client.setQueryData(OPEN_PROBLEMS_KEY, before);
        throw error;
      } finally {
        void client.invalidateQueries({ queryKey: ['problems'] });
      }
      toast({
        text: problems.length === 1 ? 'Acknowledged' : `${problems.length} acknowledged`,
        undo: async () => {
          await Promise.all(problems.map(({ id }) => api.delete(`/problems/${id}/acknowledge`)));
          await client.invalidateQueries({ queryKey: ['problems'] });
        },
      });
    },
    [client],
  );
}

/** A list with newer versions of its problems put in place, new ones first, closed ones out. */
export function withChanges(page: Page<Problem>, changed: readonly Problem[]): Page<Problem> {
  const latest = new Map(changed.map((problem) => [problem.id, problem]));
  const kept = page.items.flatMap((problem) => {
    const next = latest.get(problem.id) ?? problem;
    latest.delete(problem.id);
    return isOpen(next) ? [next] : [];
  });
  const added = [...latest.values()].filter(isOpen);
  const total = page.total === undefined ? undefined : page.total + kept.length + added.length - page.items.length;
  return { ...page, items: [...added, ...kept], ...(total === undefined ? {} : { total }) };
}
