/** Flows: what holds still while it is read, where each picture leads, what a record's letters say, what the packets say. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ConsoleBrowser, noBrowser, startConsoleBrowser } from './browser.ts';

vi.setConfig({ testTimeout: 45_000 });
/** The rest of a row has links of its own. */
const ON_TIME = { position: { x: 20, y: 12 } };
const until = (check: () => unknown) => vi.waitFor(check, { timeout: 15_000, interval: 50 });

describe.skipIf(noBrowser !== undefined)(
  `flows of the console${noBrowser === undefined ? '' : ` (${noBrowser})`}`,
  () => {
    let browser: ConsoleBrowser;
    beforeAll(async () => {
      browser = await startConsoleBrowser();
    }, 90_000);
    afterAll(() => browser?.close());
    beforeEach(() => browser.page.unrouteAll());

    const search = (name: string) => new URL(browser.page.url()).searchParams.get(name);
    const rows = () => browser.page.getByRole('grid').first().locator('tbody tr[aria-rowindex]');
    const main = () => browser.page.locator('main').innerText();
    const order = async () => (await rows().allInnerTexts()).map((text) => text.split('\n').slice(0, 2).join(' '));
    const press = async (...keys: readonly string[]) => {
      for (const key of keys) await browser.page.keyboard.press(key);
    };

    it('updates conversations in their places, and not at all while paused', async () => {
      await browser.open('/flows');
      const first = await rows().first().innerText();
      const places = await order();
      await until(async () => expect(await rows().first().innerText()).not.toBe(first));
      expect((await order()).slice(0, 2)).toEqual(places.slice(0, 2));
      await press('f');
      const held = await rows().allInnerTexts();
      await until(async () => expect(await main()).toMatch(/Paused, \d windows? since/));
      expect(await rows().allInnerTexts()).toEqual(held);
      await press('f');
      await until(async () => expect(await main()).not.toContain('Paused'));
    });

    it('narrows what is live by the line, and says what it cannot ask', async () => {
      await browser.open('/flows?q=10.20.4.12+5432');
      await until(async () => expect(await rows().count()).toBe(1));
      await browser.open('/flows?q=-port:22');
      await until(async () => expect(await main()).toContain('Flows are asked for by what they are'));
      await browser.page.getByRole('button', { name: 'Clear filter' }).click();
      await until(() => expect(search('q')).toBeNull());
      await until(async () => expect(await rows().count()).toBeGreaterThan(20));
    });

    it('leads from a cell of the matrix to its records by the keyboard', async () => {
      await browser.open('/flows?view=who');
      await browser.page.locator('[data-cell="0 0"]').focus();
      await press('ArrowDown', 'ArrowRight');
      await until(async () => expect(await main()).toMatch(/db-01 → db-02\s+2\d\.\d\sGiB/));
      await press('Enter');
      await until(() =>
        expect([search('view'), search('q')]).toEqual(['records', 'source:10.20.6.18 destination:10.20.4.12']),
      );
      await browser.page.goBack();
      await until(() => expect(search('view')).toBe('who'));
    });

    it.each(['bands', 'map'])('leads from the %s to records or a host', async (as) => {
      await browser.open(`/flows?view=who&as=${as}`);
      await browser.page.locator('svg text', { hasText: '198.51.100.7' }).first().click();
      await until(() =>
        expect(decodeURIComponent(browser.page.url())).toMatch(
          as === 'map' ? /\/flows\/host\/198\.51\.100\.7/ : /q=destination:198\.51\.100\.7/,
        ),
      );
    });

    it('says what the letters of a record mean, and adds a value to the line', async () => {
      await browser.open('/flows?view=records');
      await rows().nth(5).click(ON_TIME);
      const panel = browser.page.getByRole('dialog');
      await until(async () => expect(await panel.innerText()).toContain('How it began was not seen'));
      expect(await panel.innerText()).toContain('Bytes are missing that were never seen.');
      expect(await rows().nth(5).locator('code[title*="missing"]').count()).toBe(1);
      await panel.getByRole('button', { name: 'Only state CON' }).click();
      await until(() => expect(search('q')).toBe('state:CON'));
    });

    it('saves packets, says why it could not, and how to begin to keep them', async () => {
      await browser.open('/flows?view=records');
      await rows().first().click(ON_TIME);
      const panel = browser.page.getByRole('dialog');
      const saved = browser.page.waitForEvent('download');
      await panel.getByRole('button', { name: 'Save packets' }).click();
      expect((await saved).suggestedFilename()).toMatch(/^10\.20\.4\.12_198\.51\.100\.7_.*\.pcapng$/);
      await until(async () => expect(await panel.innerText()).toMatch(/\d+\sB saved as pcapng/));
      await browser.page.route('**/flows/packets*', (route) =>
        route.fulfill({ status: 409, json: { code: 'flow.packets.off', detail: 'Packets are not kept.' } }),
      );
      await panel.getByRole('button', { name: 'Save packets' }).click();
      await until(async () => expect(await panel.getByRole('alert').innerText()).toContain('Packets are not kept.'));
      await browser.page.route('**/flows/setup', (route) =>
        route.fulfill({ json: { localNetworks: [], packets: { enabled: false, sizeBytes: 0, maxBytes: 0 } } }),
      );
      await browser.open('/flows/host/10.20.4.12');
      await until(async () => expect(await main()).toContain('flow.packets.enabled: true'));
    });

    it('shows what the detectors found of a host on its axis, and only that', async () => {
      const problem = (id: string, address: string) => ({
        id,
        source: 'flow',
        rule: 'flow.beacon',
        subject: `${address} 198.51.100.7:443`,
        state: 'warning',
        title: `${address} calls 198.51.100.7 every 60 s`,
        detail: '12 connections',
        openedAt: new Date(Date.now() - 600_000).toISOString(),
        attributes: { address },
        assets: [],
      });
      await browser.page.route('**/problems?*source=flow*', (route) =>
        route.fulfill({
          json: {
            items: route.request().url().includes('open=true')
              ? [problem('p1', '10.20.4.12'), problem('p2', '10.20.4.121')]
              : [],
          },
        }),
      );
      await browser.open('/flows/host/10.20.4.12');
      await until(async () => expect(await main()).toContain('1 in view'));
      expect(await browser.page.getByRole('link', { name: /every 60 s/ }).count()).toBe(2);
      expect(await main()).not.toContain('10.20.4.121');
      expect(await browser.axe()).toEqual([]);
    });

    it('knows no address that is none', async () => {
      await browser.open('/flows/host/db-02');
      expect(await browser.page.locator('h1').innerText()).toBe('There is no such address');
    });
  },
);
