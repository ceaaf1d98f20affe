/** What one does with problems: take them, let go, say something. */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { api } from '../api/client.ts';
import { useAcknowledge } from '../api/problems.ts';
import type { Problem } from '../api/types.ts';
import { toast } from '../ui/toasts.tsx';

export interface Failure {
  readonly what: string;
  readonly error: unknown;
}

export interface ProblemActions {
  acknowledge(problems: readonly Problem[]): void;
  release(problems: readonly Problem[]): void;
  comment(problem: Problem, text: string): Promise<boolean>;
  readonly failure: Failure | undefined;
  dismiss(): void;
}

export function useProblemActions(): ProblemActions {
  const client = useQueryClient();
  const acknowledge = useAcknowledge();
  const [failure, setFailure] = useState<Failure | undefined>();
  const refresh = useCallback(() => client.invalidateQueries({ queryKey: ['problems'] }), [client]);
  return {
    failure,
    dismiss: () => setFailure(undefined),
    acknowledge(problems) {
      if (problems.length === 0) return;
      setFailure(undefined);
      acknowledge(problems).catch((error: unknown) => setFailure({ what: `acknowledge ${nameOf(problems)}`, error }));
    },
    release(problems) {
      setFailure(undefined);
      Promise.all(problems.map(({ id }) => api.delete(`/problems/${id}/acknowledge`)))
        .then(() =>
          toast({
            text: problems.length === 1 ? 'Nobody has it now' : `${problems.length} let go`,
            undo: () => acknowledge(problems),
          }),
        )
        .catch((error: unknown) => setFailure({ what: `let go of ${nameOf(problems)}`, error }))
        .finally(refresh);
    },
    async comment(problem, text) {
      setFailure(undefined);
      try {
        await api.post(`/problems/${problem.id}/comment`, { text });
        await refresh();
        return true;
      } catch (error) {
        setFailure({ what: 'keep the comment; its text is still here', error });
        return false;
      }
    },
  };
}

function nameOf(problems: readonly Problem[]): string {
  return problems.length === 1 ? `“${problems[0]?.title}”` : `${problems.length} problems`;
}

const DRAFT_PREFIX = 'undercroft.draft.';

/** Text that survives a reload, until it is sent. */
export function useDraft(name: string): readonly [string, (text: string) => void] {
  const key = DRAFT_PREFIX + name;
  const [text, setText] = useState(() => {
    try {
      return sessionStorage.getItem(key) ?? '';
    } catch {
      return '';
    }
  });
  const set = useCallback(
    (next: string) => {
      setText(next);
      try {
        if (next === '') sessionStorage.removeItem(key);
        else sessionStorage.setItem(key, next);
      } catch {
        // Private windows refuse storage: the draft then lasts as long as the page.
      }
    },
    [key],
  );
  return [text, set];
}
