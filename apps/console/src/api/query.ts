/** TanStack Query as the console uses it: few retries, no refetch on focus (the live stream does that), old data stays. */
import { keepPreviousData, QueryClient } from '@tanstack/react-query';
import { ApiProblem } from './client.ts';
import { onLiveGap } from './live.ts';

const RETRIES = 2;

export function createQueryClient(): QueryClient {
  const client = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        gcTime: 5 * 60_000,
        refetchOnWindowFocus: false,
        placeholderData: keepPreviousData,
        retry: (failures, error) => failures < RETRIES && mayPass(error),
        retryDelay: (attempt) => Math.min(400 * 2 ** attempt, 5_000),
      },
      mutations: { retry: false },
    },
  });
  onLiveGap(() => void client.invalidateQueries({ refetchType: 'active' }));
  return client;
}

/** Only what may be different next time is asked again. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof ApiProblem)) return false;
  return error.status === 0 || error.status === 502 || error.status === 503 || error.status === 504;
}
