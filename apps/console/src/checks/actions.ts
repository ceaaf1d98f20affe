import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { toast } from '../ui/toasts.tsx';
import { CHECKS_KEY, type Check } from './data.ts';

export interface CheckActions {
  run(check: Check): void;
  remove(check: Check): Promise<void>;
  /** Ids of checks that were asked to run and have not answered. */
  readonly running: ReadonlySet<string>;
  readonly failure: { readonly what: string; readonly error: unknown } | undefined;
  dismiss(): void;
}

export function useCheckActions(): CheckActions {
  const client = useQueryClient();
  const [running, setRunning] = useState<ReadonlySet<string>>(new Set());
  const [failure, setFailure] = useState<CheckActions['failure']>();
  const replace = (next: Check) =>
    client.setQueryData<readonly Check[]>(CHECKS_KEY, (list) => list?.map((one) => (one.id === next.id ? next : one)));
  return {
    running,
    failure,
    dismiss: () => setFailure(undefined),
    run(check) {
      setFailure(undefined);
      setRunning((ids) => new Set([...ids, check.id]));
      api
        .post<Check>(`/checks/${encodeURIComponent(check.id)}/run`)
        .then((next) => {
          replace(next);
          toast({ text: `${check.name}: ${next.status?.output ?? 'no answer'}` });
        })
        .catch((error: unknown) => setFailure({ what: `run ${check.name}`, error }))
        .finally(() => setRunning((ids) => new Set([...ids].filter((id) => id !== check.id))));
    },
    async remove(check) {
      await api.delete(`/checks/${encodeURIComponent(check.id)}`);
      await client.invalidateQueries({ queryKey: CHECKS_KEY });
      toast({ text: `${check.name} is no longer checked` });
    },
  };
}
