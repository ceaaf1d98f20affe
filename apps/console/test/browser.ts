/** A real Chromium on the fixture server, and what it noticed. */
import { existsSync, rmSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { copyOfBuilt } from './built.ts';
import type { Mode } from './fixture.ts';
import { type FixtureServer, startFixtureServer } from './fixture-server.ts';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Ends of a popup that hand the focus on as soon as they get it; nobody hears or sees them. */
const FOCUS_GUARDS = '[data-base-ui-focus-guard]';

/** Why there is no browser to test with; undefined when there is one. */
export const noBrowser = existsSync(CHROMIUM) ? undefined : `no Chromium at ${CHROMIUM}; set CHROMIUM to its path`;

export interface Noticed {
  /** Violations of the content security policy, errors of scripts. */
  readonly faults: readonly string[];
  /** Sum of layout shifts without input, as Chromium scores them. */
  readonly shift: number;
  /** Pixels by which the page is wider than the window. */
  readonly overflowPx: number;
}

export interface ConsoleBrowser {
  readonly server: FixtureServer;
  readonly page: Page;
  readonly context: BrowserContext;
  /** Opens a page of the console in a mode, and waits until it is quiet. */
  open(path: string, options?: OpenOptions): Promise<void>;
  noticed(): Promise<Noticed>;
  /** What axe finds, each as one line. */
  axe(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly mode?: Mode | 'out';
  readonly theme?: 'dark' | 'light';
  readonly width?: number;
  readonly height?: number;
}

export async function startConsoleBrowser(): Promise<ConsoleBrowser> {
  const dist = await copyOfBuilt();
  const server = await startFixtureServer(0, dist);
  const browser: Browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  const context = await browser.newContext({ timezoneId: 'UTC', locale: 'en-GB', reducedMotion: 'reduce' });
  const page = await context.newPage();
  let errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await context.addInitScript(watch);

  return {
    server,
    page,
    context,
    async open(path, { mode = 'full', theme = 'dark', width = 1440, height = 900 } = {}) {
      errors = [];
      await context.addCookies([{ name: 'fixture', value: mode, url: server.url }]);
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height });
      // Requests that hang hold all connections of the host until their page is gone.
      await page.goto('about:blank');
      await page.goto(`${server.url}/app${path}`);
      await page.waitForSelector('h1');
      await settle(page, mode);
    },
    async noticed() {
      const seen = await page.evaluate(() => {
        const { faults, shift } = (globalThis as unknown as { __seen: { faults: string[]; shift: number } }).__seen;
        const root = document.documentElement;
        return { faults, shift, overflowPx: Math.max(0, root.scrollWidth - root.clientWidth) };
      });
      return { ...seen, faults: [...seen.faults, ...errors] };
    },
    async axe() {
      const { violations } = await new AxeBuilder({ page }).withTags(AXE_TAGS).exclude(FOCUS_GUARDS).analyze();
      return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary?.split('\n')[1] ?? ''}`),
      );
    },
    async close() {
      await browser.close();
      await server.close();
      rmSync(dist, { recursive: true, force: true });
    },
  };
}

/** Until what is asked has been answered and drawn; what is never answered is not waited for. */
async function settle(page: Page, mode: string): Promise<void> {
  if (mode === 'loading') {
    await page.waitForTimeout(350);
    return;
  }
  const deadline = Date.now() + 8_000;
  while (Date.now() < deadline) {
    const busy = await page.evaluate(() => document.querySelectorAll('[aria-busy="true"]').length);
    if (busy === 0) break;
    await page.waitForTimeout(50);
  }
  await page.waitForTimeout(120);
}

/** Runs in the page before anything else. */
function watch(): void {
  const seen = { faults: [] as string[], shift: 0 };
  (globalThis as unknown as { __seen: typeof seen }).__seen = seen;
  document.addEventListener('securitypolicyviolation', (event) => {
    seen.faults.push(
      `CSP ${event.effectiveDirective}: ${event.blockedURI} ${event.sourceFile}:${event.lineNumber} ${event.sample}`,
    );
  });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
      if (!entry.hadRecentInput) seen.shift += entry.value;
    }
  }).observe({ type: 'layout-shift', buffered: true });
}
