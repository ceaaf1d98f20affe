/** The lists: what the keyboard does, what the address keeps, what waits, what is refused. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ConsoleBrowser, noBrowser, startConsoleBrowser } from './browser.ts';
import { DB_HOST } from './fixtures/assets.ts';
import { worldProblems } from './fixtures/problems.ts';

/** The machine may be busy with other tests. */
vi.setConfig({ testTimeout: 45_000 });
/** Without a GPU: thirty frames a second. */
const MAX_FRAME_MS = 50;
const until = (check: () => unknown) => vi.waitFor(check, { timeout: 15_000, interval: 50 });

describe.skipIf(noBrowser !== undefined)(
  `lists of the console${noBrowser === undefined ? '' : ` (${noBrowser})`}`,
  () => {
    let browser: ConsoleBrowser;
    beforeAll(async () => {
      browser = await startConsoleBrowser();
    }, 90_000);
    afterAll(() => browser?.close());
    beforeEach(() => {
      browser.server.takeChanges();
    });

    const address = () => new URL(browser.page.url());
    const search = (name: string) => address().searchParams.get(name);
    const rows = () => browser.page.locator('tbody tr[aria-rowindex]');
    const press = async (...keys: readonly string[]) => {
      for (const key of keys) await browser.page.keyboard.press(key);
    };

    it('moves by j and k, opens a panel by Enter that follows, and goes to the page', async () => {
      await browser.open('/assets');
      await press('j', 'j', 'j', 'k', 'Enter');
      const panel = browser.page.getByRole('dialog');
      await until(async () =>
        expect(await panel.getByRole('heading', { level: 2 }).first().innerText()).toBe('cache-01'),
      );
      const second = search('open');
      await press('j');
      await until(() => expect(search('open')).not.toBe(second));
      await press('Escape');
      await until(() => expect(search('open')).toBeNull());
    });

    it('draws only the rows that are seen, and says how many there are', async () => {
      await browser.open('/assets?type=all');
      await until(async () => expect(await browser.page.getByText(/^100 of 199$/).count()).toBe(1));
      const scroller = browser.page.locator('[class*="scroller"]');
      await scroller.evaluate((element) => element.scrollTo(0, element.scrollHeight));
      await until(async () => expect(await browser.page.getByText('199', { exact: true }).count()).toBeGreaterThan(0));
      await until(async () => expect(await rows().count()).toBeLessThan(60));
      expect(Number(await browser.page.getByRole('grid').getAttribute('aria-rowcount'))).toBe(199);
    });

    it('stays smooth with a hundred thousand rows, and sorts them', async () => {
      const items = Array.from({ length: 100_000 }, (_, index) => ({
        pid: index + 2,
        ppid: 1,
        name: `job-${index}`,
        command: `/usr/bin/job --number ${index}`,
        user: 'root',
        cpuPercent: (index * 7919) % 1000,
        rssBytes: index,
        readBps: 0,
        writeBps: 0,
        threads: 1,
        listens: [],
        startedAt: '2026-11-24T00:00:00Z',
      }));
      let asked = 0;
      await browser.page.route('**/metrics/processes*', async (route) => {
        asked += 1;
        if (asked === 1) await route.fulfill({ json: { total: items.length, items } });
      });
      await browser.open('/metrics?view=processes');
      await until(async () =>
        expect(await browser.page.getByRole('grid').getAttribute('aria-rowcount')).toBe('100000'),
      );
      const scroller = browser.page.locator('[class*="scroller"]');
      const frames = await scroller.evaluate(async (element) => {
        const times: number[] = [];
        let last = performance.now();
        const end = last + 2_500;
        await new Promise<void>((resolve) => {
          const tick = (now: number) => {
            times.push(now - last);
            last = now;
            element.scrollBy(0, 90);
            if (now < end) requestAnimationFrame(tick);
            else resolve();
          };
          requestAnimationFrame(tick);
        });
        times.sort((a, b) => a - b);
        return {
          count: times.length,
          p50: times[times.length >> 1] ?? 0,
          p95: times[Math.floor(times.length * 0.95)] ?? 0,
        };
      });
      expect(await rows().count()).toBeLessThan(60);
      const before = Date.now();
      await browser.page.getByRole('button', { name: /^Name/ }).click();
      await scroller.evaluate((element) => element.scrollTo(0, 0));
      await until(async () => expect(await rows().first().innerText()).toContain('job-0'));
      process.stdout.write(
        `100 000 rows, scrolling: ${frames.count} frames, median ${frames.p50.toFixed(1)} ms, p95 ${frames.p95.toFixed(1)} ms; sorted by name after ${Date.now() - before} ms\n`,
      );
      expect(frames.p50).toBeLessThan(MAX_FRAME_MS);
      await browser.page.unrouteAll();
    });

    it('copies the link of an event and the event itself from its row', async () => {
      await browser.context.grantPermissions(['clipboard-read', 'clipboard-write']);
      await browser.open('/events');
      await press('j', '.');
      await browser.page.getByRole('menuitem', { name: 'Copy link' }).click();
      const clipboard = () => browser.page.evaluate(() => navigator.clipboard.readText());
      await until(async () => expect(await clipboard()).toMatch(/\/app\/events\?from=\S+&to=\S+&open=01/));
      const link = new URL(await clipboard());
      await press('.');
      await browser.page.getByRole('menuitem', { name: 'Copy as JSON' }).click();
      await until(async () => expect(JSON.parse(await clipboard())['id']).toBe(link.searchParams.get('open')));
    });

    it('keeps filter and sort in the address; Back undoes a filter', async () => {
      await browser.open('/assets?range=2h');
      await press('/');
      await browser.page.keyboard.type('port:9001');
      await press('Enter');
      await until(() => expect([search('q'), search('range')]).toEqual(['port:9001', '2h']));
      await browser.page.getByRole('button', { name: /^Name/ }).click();
      await until(() => expect(search('sort')).toBe('-name'));
      await browser.page.goBack();
      await browser.page.goBack();
      await until(() => expect(search('q')).toBeNull());
      await until(async () => expect(await rows().count()).toBe(34));
    });

    it('points at a word that cannot be meant, and suggests', async () => {
      await browser.open('/assets');
      await press('/');
      await browser.page.keyboard.type('prt:22 ');
      await until(async () => expect(await browser.page.locator('mark').innerText()).toBe('prt:22'));
      await press('Escape');
      await until(async () =>
        expect(await browser.page.getByRole('alert').innerText()).toBe('There is no field prt. Did you mean port?'),
      );
      await browser.page.getByRole('combobox').fill('typ');
      await until(async () => expect(await browser.page.getByRole('option').first().innerText()).toContain('type'));
      await press('ArrowDown', 'Enter');
      await until(async () => expect(await browser.page.getByRole('option').allInnerTexts()).toContain('host'));
    });

    it('keeps chosen columns, and saves exactly what is shown', async () => {
      await browser.open('/checks');
      await browser.page.getByRole('button', { name: /^Columns and export/ }).click();
      await browser.page.getByRole('menuitemcheckbox', { name: 'Took' }).click();
      await until(async () => expect(await browser.page.getByRole('columnheader', { name: /^Took/ }).count()).toBe(0));
      const saved = browser.page.waitForEvent('download');
      await browser.page.getByRole('menuitem', { name: /^Save as CSV/ }).click();
      const text = await (await saved)
        .createReadStream()
        .then(async (stream) => Buffer.concat(await stream.toArray()).toString());
      expect(text.split('\r\n')[0]).toBe('Host,Service,State,24 h,Says,Next');
      expect(text).toContain('"CRITICAL: 214 s behind, limit 90 s"');
      await browser.page.reload();
      await until(async () => expect(await rows().count()).toBe(9));
      expect(await browser.page.getByRole('columnheader', { name: /^Took/ }).count()).toBe(0);
      expect((await browser.noticed()).faults).toEqual([]);
    });

    it('selects with Space and Shift, and acts on all at once', async () => {
      await browser.open('/problems');
      await press('j', 'Space', 'Shift+ArrowDown', 'Shift+ArrowDown');
      await until(async () => expect(await browser.page.getByText('3 selected').count()).toBe(1));
      await press('x', 'Enter');
      await until(() => {
        const changes = browser.server.takeChanges();
        expect(changes.filter((change) => change.endsWith('/acknowledge'))).toHaveLength(3);
      });
    });

    it('says who was first when an acknowledgement comes second, and puts the problem back', async () => {
      const second = worldProblems(Date.now())[3];
      await browser.open('/problems?q=certificate');
      await until(async () => expect(await rows().count()).toBe(1));
      await press('j', 'a');
      const alert = browser.page.getByRole('alert');
      await until(async () => expect(await alert.innerText()).toContain('ana acknowledged it first'));
      expect(await alert.innerText()).toContain(String(second?.['title']));
      await until(async () => expect(await rows().count()).toBe(1));
    });

    it('keeps a half-written comment over a reload', async () => {
      await browser.open(`/problems/${String(worldProblems(0)[0]?.['id'])}`);
      await press('c');
      await browser.page.keyboard.type('Asked the data team');
      await browser.page.reload();
      await until(async () =>
        expect(await browser.page.getByLabel('Comment').inputValue()).toBe('Asked the data team'),
      );
      expect(await browser.axe()).toEqual([]);
      await browser.page.getByRole('button', { name: 'Add comment' }).click();
      await until(() => expect(browser.server.takeChanges().some((change) => change.endsWith('/comment'))).toBe(true));
      await until(async () => expect(await browser.page.getByLabel('Comment').inputValue()).toBe(''));
    });

    it('filters events by a pressed value, leaves out by another, and keeps the filter while following', async () => {
      await browser.open('/events');
      await browser.page.getByRole('button', { name: /^Only class network_activity/ }).click();
      await until(() => expect(search('q')).toBe('class:network_activity'));
      await press('f');
      await until(() => expect([search('q'), search('tail')]).toEqual(['class:network_activity', '1']));
      await until(async () =>
        expect(await browser.page.locator('tbody tr[aria-rowindex] td:nth-child(3)').first().innerText()).toBe(
          'network_activity',
        ),
      );
      await browser.page.getByRole('button', { name: 'Without source watch' }).click();
      await until(() => expect(search('q')).toBe('class:network_activity -source:watch'));
      await until(async () => expect(await browser.page.getByText('No event matches in this range').count()).toBe(1));
    });

    it('lets new rows wait while the list is read', async () => {
      await browser.open('/events');
      const first = await rows().first().innerText();
      await until(async () => expect(await browser.page.getByRole('button', { name: /^\d+ new$/ }).count()).toBe(1));
      expect(await rows().first().innerText()).toBe(first);
      await browser.page.getByRole('button', { name: /^\d+ new$/ }).click();
      await until(async () => expect(await rows().first().innerText()).not.toBe(first));
    });

    it('cuts a long field, and shows all of it when asked', async () => {
      await browser.open('/events?q=very+long&fields=none');
      await rows().first().click();
      const panel = browser.page.getByRole('dialog');
      const all = panel.getByRole('button', { name: /^Show all/ });
      await until(async () => expect(await all.innerText()).toMatch(/^Show all 13\.7/));
      await all.click();
      await until(async () => expect((await panel.innerText()).length).toBeGreaterThan(14_000));
    });

    it('shows the Nmap line of a scan, refuses a target with its rule, and starts one', async () => {
      await browser.open('/scans?new=1&targets=8.8.8.8');
      const dialog = browser.page.getByRole('dialog');
      await dialog.getByLabel('Ports', { exact: true }).fill('22,80');
      await until(async () => expect(await dialog.locator('code').innerText()).toBe('nmap -sT -sV -p 22,80 8.8.8.8'));
      await dialog.getByRole('button', { name: 'Start scan' }).click();
      await until(async () => expect(await dialog.getByRole('alert').innerText()).toContain('scan.allowed'));
      await dialog.getByLabel('Targets').fill('10.20.8.0/22');
      await dialog.getByRole('button', { name: 'Start scan' }).click();
      await until(() => expect(address().pathname).toMatch(/^\/app\/scans\/\w+$/));
      await until(async () => expect(await browser.page.getByRole('progressbar').count()).toBe(1));
      expect(await browser.axe()).toEqual([]);
    });

    it('adds a check, and says which field is missing', async () => {
      await browser.open('/checks?new=1');
      const dialog = browser.page.getByRole('dialog');
      await dialog.getByRole('button', { name: 'Add check' }).last().click();
      await until(async () => expect(await dialog.getByText('Address is needed.').count()).toBe(1));
      expect(await browser.axe()).toEqual([]);
      await dialog.getByLabel('Name').fill('website');
      await dialog.getByLabel('Address').fill('https://example.net/');
      await press('Enter');
      await until(() => expect(browser.server.takeChanges()).toContain('POST /checks'));
      await until(() => expect(search('new')).toBeNull());
    });

    it('says that an asset is unknown and names the nearest', async () => {
      await browser.open('/assets/db-0');
      expect(await browser.page.locator('h1').innerText()).toBe('There is no such asset');
      await until(async () =>
        expect(await browser.page.getByRole('link', { name: 'db-01', exact: true }).count()).toBe(1),
      );
    });

    it('shows what differs from another day, and pins a moment of the timeline', async () => {
      await browser.open(`/assets/${DB_HOST}?asOf=2026-11-01`);
      await until(async () => expect(await browser.page.getByText('then 6.1.0-37-amd64').count()).toBe(1));
      const area = browser.page.locator('[class*="pointer"]');
      const box = (await area.boundingBox())!;
      await browser.page.mouse.click(box.x + box.width * 0.6, box.y + 40);
      await until(() => expect(search('at')).toMatch(/^\d{10}$/));
      await until(async () =>
        expect(await browser.page.getByRole('heading', { name: /^Around \d\d:\d\d:\d\d$/ }).count()).toBe(1),
      );
      expect(await browser.axe()).toEqual([]);
      const { faults, overflowPx } = await browser.noticed();
      expect({ faults, overflowPx }).toEqual({ faults: [], overflowPx: 0 });
    });
  },
);
