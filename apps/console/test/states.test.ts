/**
 * Every page in every state: nothing breaks, nothing moves, nothing sticks out, axe finds nothing. By default one theme
 * and two widths; `CONSOLE_MATRIX=full` takes both themes and four widths for all.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleBrowser, noBrowser, startConsoleBrowser } from './browser.ts';
import type { Mode } from './fixture.ts';

const PAGES = [
  '/',
  '/problems',
  '/assets',
  '/metrics',
  '/events',
  '/checks',
  '/scans',
  '/settings',
  '/settings/account',
  '/settings/access',
  '/settings/notifications',
  '/settings/about',
  '/help',
  '/flows',
  '/sign-in',
  '/welcome#code',
];
const MODES: readonly Mode[] = ['full', 'first', 'empty', 'loading', 'error'];
const WHOLE = process.env['CONSOLE_MATRIX'] === 'full';
const THEMES = ['dark', 'light'] as const;
const WIDTHS = [390, 1280, 1440, 2560];
/** Shown in both themes, on a phone and while loading in the default run, too. */
const MAIN_PAGES = ['/', '/problems', '/assets', '/settings'];
/** Chromium's own limit for "good" is 0.1; ours is nothing that an eye sees. */
const MAX_SHIFT = 0.01;

describe.skipIf(noBrowser !== undefined)(
  `pages of the console${noBrowser === undefined ? '' : ` (${noBrowser})`}`,
  () => {
    let browser: ConsoleBrowser;
    beforeAll(async () => {
      browser = await startConsoleBrowser();
    }, 90_000);
    afterAll(() => browser?.close());

    const check = async (path: string, mode: Mode, theme: 'dark' | 'light', width: number, axe: boolean) => {
      await browser.open(path, { mode, theme, width });
      const { faults, shift, overflowPx } = await browser.noticed();
      const found = axe ? await browser.axe() : [];
      expect({ faults, overflowPx, found }).toEqual({ faults: [], overflowPx: 0, found: [] });
      expect(shift).toBeLessThan(MAX_SHIFT);
    };

    if (WHOLE) {
      for (const path of PAGES) {
        for (const mode of MODES) {
          it.each(THEMES.flatMap((theme) => WIDTHS.map((width) => [theme, width] as const)))(
            `${path} ${mode} %s %i`,
            (theme, width) => check(path, mode, theme, width, width === 390 || width === 1440),
            30_000,
          );
        }
      }
      return;
    }
    it.each(PAGES)('%s full', (path) => check(path, 'full', 'dark', 1440, true), 30_000);
    it.each(MAIN_PAGES)('%s light', (path) => check(path, 'full', 'light', 1440, true), 30_000);
    it.each(MAIN_PAGES)('%s on a phone', (path) => check(path, 'full', 'dark', 390, true), 30_000);
    it('/ in the first minutes', () => check('/', 'first', 'light', 1440, true), 30_000);
    it.each(MAIN_PAGES)('%s loading', (path) => check(path, 'loading', 'dark', 1440, false), 30_000);
    for (const mode of ['empty', 'error'] as const) {
      it.each(PAGES)(`%s ${mode}`, (path) => check(path, mode, 'dark', 1440, path === '/'), 30_000);
    }
  },
);
