/** Starts the console: preferences, the live stream, the router. */
import '@fontsource-variable/geist/wght.css';
import '@fontsource-variable/geist-mono/wght.css';
import './ui/tokens.css';
import './ui/base.css';
import { CSPProvider } from '@base-ui/react/csp-provider';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { createRoot } from 'react-dom/client';
import { startLive } from './api/live.ts';
import { createQueryClient } from './api/query.ts';
import { listenForKeys } from './app/keys.ts';
import { followSystemTheme } from './app/preferences.ts';
import { createConsoleRouter } from './app/router.tsx';
import { followSession } from './app/session-end.ts';
import { Toasts } from './ui/toasts.tsx';

/** Text waits this long for its face, so that nothing moves when it arrives. */
const FONT_WAIT_MS = 400;

async function start(): Promise<void> {
  followSystemTheme();
  const queryClient = createQueryClient();
  const router = createConsoleRouter(queryClient);
  followSession(queryClient, router);
  startLive();
  listenForKeys(document);
  const fonts = Promise.all([
    document.fonts.load('13px "Geist Variable"'),
    document.fonts.load('12px "Geist Mono Variable"'),
  ]);
  await Promise.race([fonts, new Promise((resolve) => setTimeout(resolve, FONT_WAIT_MS))]).catch(() => undefined);
  const root = document.getElementById('root');
  if (root === null) throw new Error('index.html has no #root');
  createRoot(root).render(
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
        <Toasts />
      </QueryClientProvider>
    </CSPProvider>,
  );
}

void start();
