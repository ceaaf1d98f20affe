/** The map of the console: one line a page, each page's code loaded when it is first visited. */
import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { loadRights } from '../api/rights.ts';
import { fetchSession, SESSION_KEY } from '../api/session.ts';
import { NotFound, PageError, PagePending } from './page-states.tsx';
import { parseSearch, type SearchParams, stringifySearch } from './search.ts';
import { Shell } from './shell.tsx';

export function createConsoleRouter(queryClient: QueryClient) {
  const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound, errorComponent: PageError });

  const bare = (path: string, load: () => Promise<unknown>) =>
    createRoute({ getParentRoute: () => root, path, component: lazyPage(load) });

  const shell = createRoute({
    getParentRoute: () => root,
    id: 'shell',
    component: Shell,
    beforeLoad: async ({ location }) => {
      const session = await queryClient.fetchQuery({ queryKey: SESSION_KEY, queryFn: fetchSession, staleTime: 60_000 });
      if (session === null) {
        throw redirect({ to: '/sign-in', search: { next: `${location.pathname}${location.searchStr}` } } as never);
      }
      await loadRights(queryClient, session);
    },
  });
  const page = (path: string, load: () => Promise<unknown>) =>
    createRoute({ getParentRoute: () => shell, path, component: lazyPage(load) });

  const routeTree = root.addChildren([
    bare('/sign-in', () => import('../sign-in/page.tsx')),
    bare('/welcome', () => import('../welcome/page.tsx')),
    shell.addChildren([
      page('/', () => import('../overview/page.tsx')),
      page('/assets', () => import('../assets/page.tsx')),
      page('/assets/$id', () => import('../assets/asset-page.tsx')),
      page('/problems', () => import('../problems/page.tsx')),
      page('/problems/$id', () => import('../problems/problem-page.tsx')),
      page('/metrics', () => import('../metrics/page.tsx')),
      page('/events', () => import('../events/page.tsx')),
      page('/flows', () => import('../flow/page.tsx')),
      page('/flows/host/$address', () => import('../flow/host-page.tsx')),
      page('/checks', () => import('../checks/page.tsx')),
      page('/checks/$id', () => import('../checks/check-page.tsx')),
      page('/scans', () => import('../scans/page.tsx')),
      page('/scans/$id', () => import('../scans/scan-page.tsx')),
      page('/settings', () => import('../settings/page.tsx')),
      page('/settings/$part', () => import('../settings/page.tsx')),
      page('/help', () => import('../help/page.tsx')),
      ...['/detections', '/rules', '/secrets', '/policies', '/clouds'].map((path) =>
        page(path, () => import('../off/page.tsx')),
      ),
    ]),
  ]);

  return createRouter({
    routeTree,
    basepath: '/app',
    parseSearch,
    stringifySearch: (search) => stringifySearch(search as SearchParams),
    defaultPreload: false,
    defaultPendingComponent: PagePending,
    defaultPendingMs: 150,
    defaultPendingMinMs: 0,
    defaultErrorComponent: PageError,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: true,
  });
}

function lazyPage(load: () => Promise<unknown>) {
  return lazyRouteComponent(load as () => Promise<{ Page: () => React.ReactNode }>, 'Page');
}
