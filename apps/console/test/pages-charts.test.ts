/** The charts: in step, isolated, as a table, ranked, and smooth with two hundred of them. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ConsoleBrowser, noBrowser, startConsoleBrowser } from './browser.ts';

/** The machine may be busy with other tests. */
vi.setConfig({ testTimeout: 45_000 });
const until = (check: () => unknown) => vi.waitFor(check, { timeout: 15_000, interval: 50 });
/** Charts near the screen and one screen either side, with room for tall windows. */
const MAX_MOUNTED = 40;
/** Without a GPU: thirty frames a second at the 95th percentile. */
const MAX_FRAME_MS = 50;

describe.skipIf(noBrowser !== undefined)(
  `charts of the console${noBrowser === undefined ? '' : ` (${noBrowser})`}`,
  () => {
    let browser: ConsoleBrowser;
    beforeAll(async () => {
      browser = await startConsoleBrowser();
    }, 90_000);
    afterAll(() => browser?.close());

    const search = (name: string) => new URL(browser.page.url()).searchParams.get(name);
    const plots = () => browser.page.locator('figure [role="img"]');
    const drawn = () =>
      until(async () => expect(await browser.page.locator('figure canvas').count()).toBeGreaterThan(3));

    it('shows values at the cursor in every chart, and now without one', async () => {
      await browser.open('/metrics');
      await drawn();
      const heads = browser.page.locator('figure header b');
      await until(async () => expect(await heads.first().innerText()).toMatch(/^[\d.]+\s%$/));
      const before = await heads.nth(1).innerText();
      const box = (await plots().first().boundingBox())!;
      await browser.page.mouse.move(box.x + box.width * 0.3, box.y + 40);
      await until(async () => expect(await heads.nth(1).innerText()).not.toBe(before));
      // The agent was restarted 49 to 52 minutes ago: the gap says so.
      await browser.page.mouse.move(box.x + 38 + (box.width - 38) * (1 - 3040 / 3600), box.y + 40);
      await until(async () => expect(await heads.nth(1).innerText()).toBe('agent restarted'));
    });

    it('highlights by dragging, in all of them, and ranks what moved', async () => {
      await browser.open('/metrics');
      await drawn();
      const box = (await plots().first().boundingBox())!;
      await browser.page.mouse.move(box.x + box.width * 0.6, box.y + 40);
      await browser.page.mouse.down();
      await browser.page.mouse.move(box.x + box.width * 0.7, box.y + 40, { steps: 4 });
      await browser.page.mouse.move(box.x + box.width * 0.8, box.y + 40, { steps: 4 });
      await browser.page.mouse.up();
      await until(() => expect(search('sel')).toMatch(/^\d{10}-\d{10}$/));
      const widths = await browser.page
        .locator('.u-select')
        .evaluateAll((all) => all.slice(0, 4).map((one) => one.getBoundingClientRect().width));
      expect(Math.min(...widths)).toBeGreaterThan(60);
      await browser.page.keyboard.press('r');
      await until(async () => expect(await browser.page.locator('ol li code').first().innerText()).toBe('net.eth0'));
      await browser.page.keyboard.press('+');
      await until(() => expect(search('from')).not.toBeNull());
      await browser.page.keyboard.press('Escape');
      await until(() => expect(search('sel')).toBeNull());
      expect((await browser.noticed()).faults).toEqual([]);
    });

    it('isolates a series with a click, hides it with Ctrl, and tells the same as a table', async () => {
      await browser.open('/metrics?family=system');
      await drawn();
      const chart = browser.page.getByRole('figure', { name: 'Total CPU utilization' });
      const head = chart.locator('header b');
      const all = Number.parseFloat(await head.innerText());
      const user = chart.getByRole('button', { name: /^user/ });
      await user.click();
      await until(async () => expect(Number.parseFloat(await head.innerText())).toBeLessThan(all));
      await user.click();
      await user.click({ modifiers: ['Control'] });
      await until(async () => expect(Number.parseFloat(await head.innerText())).toBeLessThan(all / 2 + 12));
      await chart.hover();
      await chart.getByRole('button', { name: 'Total CPU utilization as a table' }).click();
      await until(async () => expect(await chart.getByRole('columnheader').allInnerTexts()).toContain('user, %'));
      expect(await chart.getByRole('row').count()).toBeGreaterThan(100);
    });

    it('moves the cursor and widens the window by keys, and says what it shows', async () => {
      await browser.open('/metrics');
      await drawn();
      await until(async () =>
        expect(await plots().first().getAttribute('aria-label')).toMatch(/user now [\d.]+\s%, lowest/),
      );
      await plots().first().focus();
      await browser.page.keyboard.press('ArrowLeft');
      await browser.page.keyboard.press('Shift+ArrowLeft');
      await browser.page.keyboard.press('Shift+ArrowLeft');
      await until(() => expect(search('sel')).toMatch(/^\d{10}-\d{10}$/));
    });

    it('compares with the nearest earlier window that is kept, in grey, and says so', async () => {
      await browser.open('/metrics');
      await drawn();
      await browser.page.keyboard.press('w');
      await until(() => expect(search('compare')).toBe('week'));
      const lead = browser.page.getByText('Nothing of last week is kept; grey is yesterday.');
      await until(async () => expect(await lead.count()).toBe(1));
      const chart = browser.page.getByRole('figure', { name: 'Total CPU utilization' });
      await until(async () => expect(await chart.locator('header').innerText()).toMatch(/was [\d.]+/));
      expect(await browser.axe()).toEqual([]);
      await browser.page.keyboard.press('w');
      await until(() => expect(search('compare')).toBeNull());
      await until(async () => expect(await chart.locator('header').innerText()).not.toMatch(/was/));
      expect((await browser.noticed()).faults).toEqual([]);
    });

    it.each([
      ['many', 200],
      ['thousands', 2000],
    ])('stays smooth with %s: draws what is near, fetches nothing for the rest (%i)', async (host, count) => {
      await browser.page.unrouteAll();
      await browser.page.route('**/metrics/charts', (route) =>
        route.continue({ url: `${route.request().url()}?host=${host}` }),
      );
      const asked = new Set<string>();
      browser.page.on('request', (request) => {
        if (!request.url().endsWith('/metrics/query')) return;
        for (const chart of (request.postDataJSON() as { readonly charts: readonly string[] }).charts) asked.add(chart);
      });
      await browser.open('/metrics');
      await drawn();
      await browser.page.waitForTimeout(600);
      expect(await browser.page.locator('figure').count()).toBeGreaterThanOrEqual(count);
      expect(asked.size).toBeLessThanOrEqual(MAX_MOUNTED);
      const scrolling = await framesDuring(browser.page, 'scroll');
      expect(await browser.page.locator('figure canvas').count()).toBeLessThanOrEqual(MAX_MOUNTED);
      await browser.page.evaluate(() => scrollTo(0, 0));
      await drawn();
      await browser.page.waitForTimeout(600);
      const hovering = await framesDuring(browser.page, 'hover');
      process.stdout.write(`${count} charts, scrolling: ${words(scrolling)}; hovering in step: ${words(hovering)}\n`);
      expect(scrolling.p50).toBeLessThan(MAX_FRAME_MS);
      expect(hovering.p50).toBeLessThan(MAX_FRAME_MS);
      expect((await browser.noticed()).faults).toEqual([]);
    });
  },
);

interface Frames {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  /** The longest stretch in which nothing else ran. */
  readonly longestTaskMs: number;
}

/** Times of frames for three seconds in which the page scrolls 40 px a frame, or the pointer sweeps over a chart. */
function framesDuring(page: Page, what: 'scroll' | 'hover'): Promise<Frames> {
  return page.evaluate(async (doing) => {
    let longestTaskMs = 0;
    const tasks = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longestTaskMs = Math.max(longestTaskMs, duration);
    });
    tasks.observe({ type: 'longtask' });
    const over = document.querySelector('.u-over') as HTMLElement;
    const { left, top, width } = over.getBoundingClientRect();
    over.dispatchEvent(new MouseEvent('mouseenter'));
    const times: number[] = [];
    let last = performance.now();
    const end = last + 3_000;
    await new Promise<void>((resolve) => {
      const tick = (now: number) => {
        times.push(now - last);
        last = now;
        if (doing === 'scroll') scrollBy(0, 40);
        else {
          const clientX = left + ((times.length * 7) % width);
          over.dispatchEvent(new MouseEvent('mousemove', { bubbles: true, clientX, clientY: top + 20, movementX: 7 }));
        }
        if (now < end) requestAnimationFrame(tick);
        else resolve();
      };
      requestAnimationFrame(tick);
    });
    tasks.disconnect();
    times.sort((a, b) => a - b);
    const at = (part: number) => times[Math.floor(times.length * part)] ?? 0;
    return { count: times.length, p50: at(0.5), p95: at(0.95), longestTaskMs };
  }, what);
}

function words({ count, p50, p95, longestTaskMs }: Frames): string {
  return `${count} frames, median ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, longest task ${longestTaskMs.toFixed(0)} ms`;
}
