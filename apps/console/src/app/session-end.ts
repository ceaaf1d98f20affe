/**
 * A session that has ended leads to the sign-in, and from there back to the same address: whether a request was
 * refused, the stream was, or another tab signed out. Signing in there brings all tabs back.
 */
import type { QueryClient } from '@tanstack/react-query';
import { whenUnauthorized } from '../api/client.ts';
import { onLiveStatus } from '../api/live.ts';
import { fetchSession, keepSession, onTabs, SESSION_KEY } from '../api/session.ts';
import type { createConsoleRouter } from './router.tsx';
import { afterSignIn, type SearchParams } from './search.ts';

const DOORS: readonly string[] = ['/sign-in', '/welcome'];

export function followSession(client: QueryClient, router: ReturnType<typeof createConsoleRouter>): void {
  const atDoor = () => DOORS.includes(router.state.location.pathname);
  const leave = () => {
    keepSession(null);
    if (atDoor()) return;
    const { pathname, searchStr } = router.state.location;
    client.setQueryData(SESSION_KEY, null);
    void router
      .navigate({ to: '/sign-in', search: { next: `${pathname}${searchStr}` } } as never)
      // What was seen with that session is not kept for the next one.
      .then(() => client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'welcome' }));
  };
  const comeBack = () => {
    if (router.state.location.pathname !== '/sign-in') return;
    client.clear();
    const { next } = router.state.location.search as SearchParams;
    void router.navigate({ ...afterSignIn(next), replace: true } as never);
  };
  const ask = async () => {
    if (!atDoor() && (await fetchSession()) === null) leave();
  };
  whenUnauthorized(leave);
  onTabs((word) => (word === 'out' ? leave() : comeBack()));
  onLiveStatus(({ state }) => {
    // Not to be reached says nothing of the session.
    if (state === 'signed-out') ask().catch(() => undefined);
  });
}
