/** The charts: in step, isolated, as a table, ranked, and smooth with two hundred of them. */
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

    it('stays smooth with two hundred: draws what is near, fetches nothing for the rest', async () => {
      await browser.page.route('**/metrics/charts', (route) =>
        route.continue({ url: `${route.request().url()}?host=many` }),
      );
      const asked = new Set<string>();
      browser.page.on('request', (request) => {
        if (!request.url().endsWith('/metrics/query')) return;
        for (const chart of (request.postDataJSON() as { readonly charts: readonly string[] }).charts) asked.add(chart);
      });
      await browser.open('/metrics');
      await drawn();
      await browser.page.waitForTimeout(600);
      expect(await browser.page.locator('figure').count()).toBeGreaterThanOrEqual(200);
      expect(asked.size).toBeLessThanOrEqual(MAX_MOUNTED);
      const frames = await browser.page.evaluate(async () => {
        const times: number[] = [];
        let last = performance.now();
        const end = last + 3_000;
        await new Promise<void>((resolve) => {
          const tick = (now: number) => {
            times.push(now - last);
            last = now;
            scrollBy(0, 40);
            if (now < end) requestAnimationFrame(tick);
            else resolve();
          };
          requestAnimationFrame(tick);
        });
        times.sort((a, b) => a - b);
        return {
          p50: times[Math.floor(times.length * 0.5)] ?? 0,
          p95: times[Math.floor(times.length * 0.95)] ?? 0,
          count: times.length,
        };
      });
      expect(await browser.page.locator('figure canvas').count()).toBeLessThanOrEqual(MAX_MOUNTED);
      process.stdout.write(
        `200 charts, scrolling: ${frames.count} frames, median ${frames.p50.toFixed(1)} ms, p95 ${frames.p95.toFixed(1)} ms\n`,
      );
      expect(frames.p50).toBeLessThan(MAX_FRAME_MS);
      expect((await browser.noticed()).faults).toEqual([]);
    });
  },
);
