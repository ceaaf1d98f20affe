/**
 * Every page in every state: nothing breaks, nothing moves, nothing sticks out, axe finds nothing. By default one theme
 * and two widths; `CONSOLE_MATRIX=full` takes both themes and four widths for all, `CONSOLE_PICTURES=<folder>` keeps a
 * picture of each.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleBrowser, noBrowser, startConsoleBrowser } from './browser.ts';
import type { Mode } from './fixture.ts';
import { DB_HOST } from './fixtures/assets.ts';
import { fixedId } from './fixtures/world.ts';
import { FLOATS, type Float } from './floats.ts';

const PAGES = [
  '/',
  '/problems',
  `/problems/${fixedId('prob', 1)}`,
  '/assets',
  `/assets/${DB_HOST}`,
  '/metrics',
  '/metrics?view=processes',
  '/events',
  '/checks',
  `/checks/${fixedId('check', 0)}`,
  '/scans',
  `/scans/${fixedId('scan', 30)}`,
  '/settings',
  '/settings/account',
  '/settings/access',
  '/settings/notifications',
  '/settings/about',
  '/help',
  '/flows',
  '/detections',
  '/flows?view=who',
  '/flows?view=who&as=bands',
  '/flows?view=who&as=map',
  '/flows?view=records',
  '/flows/host/10.20.4.12',
  '/sign-in',
  '/welcome#code',
];
/** Say the same whatever the server has. */
const FIXED_PAGES: readonly string[] = ['/help', '/detections'];
/** Pages that differ in the first minutes of a platform. */
const FIRST_PAGES: readonly string[] = ['/', '/assets', '/metrics', '/sign-in', '/welcome#code'];
const MODES: readonly Mode[] = ['full', 'first', 'empty', 'loading', 'error'];
const PICTURES = process.env['CONSOLE_PICTURES'];
const WHOLE = process.env['CONSOLE_MATRIX'] === 'full';
const THEMES = ['dark', 'light'] as const;
type Theme = (typeof THEMES)[number];
const WIDTHS = [390, 1280, 1440, 2560];
const AXE_WIDTHS: readonly number[] = [390, 1440];
const RESIZED_MS = 300;
/** Four widths, two looks of axe, on a busy machine. */
const WHOLE_MS = 90_000;
/** Shown in both themes, on a phone and while loading in the default run, too. */
const MAIN_PAGES = ['/', '/problems', '/assets', '/settings'];
/** Taller pages are cut in their picture. */
const MAX_PICTURE_PX = 2_400;
/** Chromium's own limit for "good" is 0.1; ours is nothing that an eye sees. */
const MAX_SHIFT = 0.01;

function modesOf(path: string): readonly Mode[] {
  if (FIXED_PAGES.includes(path)) return ['full'];
  return MODES.filter((mode) => mode !== 'first' || FIRST_PAGES.includes(path));
}

describe.skipIf(noBrowser !== undefined)(
  `pages of the console${noBrowser === undefined ? '' : ` (${noBrowser})`}`,
  () => {
    let browser: ConsoleBrowser;
    beforeAll(async () => {
      browser = await startConsoleBrowser();
    }, 90_000);
    afterAll(() => browser?.close());

    const look = async (name: string, axe: boolean) => {
      const { faults, shift, overflowPx } = await browser.noticed();
      if (PICTURES !== undefined) await keepPicture(name);
      const found = axe ? await browser.axe() : [];
      expect({ faults, overflowPx, found }).toEqual({ faults: [], overflowPx: 0, found: [] });
      return shift;
    };
    const check = async (path: string, mode: Mode, theme: Theme, width: number, axe: boolean) => {
      await browser.open(path, { mode, theme, width });
      expect(await look(`${path} ${mode} ${theme} ${width}`, axe)).toBeLessThan(MAX_SHIFT);
    };
    const openFloat = async ({ path, shown = '[role="dialog"]', open }: Float, theme: Theme, width: number) => {
      await browser.open(path, { theme, width });
      await open?.(browser.page);
      await browser.page.locator(shown).last().waitFor({ state: 'visible' });
      await browser.page.waitForTimeout(RESIZED_MS);
    };
    const checkFloat = async (float: Float) => {
      await openFloat(float, 'light', 1440);
      await look(`${float.name} light 1440`, true);
    };
    async function keepPicture(name: string): Promise<void> {
      mkdirSync(PICTURES as string, { recursive: true });
      const path = join(PICTURES as string, `${name.replaceAll(/[^\w.-]+/g, '_')}.png`);
      const { width = 0, height = 0 } = browser.page.viewportSize() ?? {};
      const pageHeight = await browser.page.evaluate(() => document.documentElement.scrollHeight);
      const clip = { x: 0, y: 0, width, height: Math.max(height, Math.min(pageHeight, MAX_PICTURE_PX)) };
      await browser.page.screenshot({ path, fullPage: true, clip });
    }

    /** One opening seen at every width; axe looks at a phone and at a desk. */
    const everyWidth = async (name: string, theme: Theme) => {
      const found: unknown[] = [];
      for (const width of WIDTHS.toReversed()) {
        await browser.page.setViewportSize({ width, height: 900 });
        await browser.page.waitForTimeout(RESIZED_MS);
        const { faults, overflowPx } = await browser.noticed();
        if (PICTURES !== undefined) await keepPicture(`${name} ${theme} ${width}`);
        const violations = AXE_WIDTHS.includes(width) ? await browser.axe() : [];
        if (faults.length + overflowPx + violations.length > 0) found.push({ width, faults, overflowPx, violations });
      }
      expect(found).toEqual([]);
    };

    if (WHOLE) {
      for (const path of PAGES) {
        for (const mode of modesOf(path)) {
          it.each(THEMES)(
            `${path} ${mode} %s`,
            async (theme) => {
              await browser.open(path, { mode, theme, width: 1440 });
              expect((await browser.noticed()).shift).toBeLessThan(MAX_SHIFT);
              await everyWidth(`${path} ${mode}`, theme);
            },
            WHOLE_MS,
          );
        }
      }
      for (const float of FLOATS) {
        it.each(THEMES)(
          `${float.name} %s`,
          async (theme) => {
            await openFloat(float, theme, 1440);
            await everyWidth(float.name, theme);
          },
          WHOLE_MS,
        );
      }
      return;
    }
    it.each(FLOATS)('$name', checkFloat, 30_000);
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
