/** What the frame does: keys, the palette, time, sign-in, the live stream, acting and undoing. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { sizeReport } from '../scripts/check-size.ts';
import { type ConsoleBrowser, noBrowser, startConsoleBrowser } from './browser.ts';

const until = (check: () => unknown) => vi.waitFor(check, { timeout: 8_000, interval: 50 });

describe.skipIf(noBrowser !== undefined)(
  `the frame of the console${noBrowser === undefined ? '' : ` (${noBrowser})`}`,
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
    const heading = () => browser.page.locator('h1').innerText();

    it('stays within its budgets', () => {
      expect(sizeReport().over).toEqual([]);
    });

    it('goes to pages by two keys, keeps the time range, and never acts on keys in fields', async () => {
      await browser.open('/?range=2h');
      await browser.page.keyboard.press('g');
      await browser.page.keyboard.press('s');
      await until(() => expect(address().pathname).toBe('/app/scans'));
      expect(search('range')).toBe('2h');
      await browser.open('/settings');
      await browser.page.locator('[data-filter-line]').focus();
      await browser.page.keyboard.type('go l?');
      expect(address().pathname).toBe('/app/settings');
      expect(search('q')).toBe('go l?');
    });

    it('shows its keys, and goes back to where one was', async () => {
      await browser.open('/');
      await browser.page.keyboard.press('?');
      await until(async () => expect(await browser.page.getByRole('dialog', { name: 'Keys' }).isVisible()).toBe(true));
      await browser.page.keyboard.press('Escape');
      await until(async () => expect(await browser.page.getByRole('dialog').count()).toBe(0));
    });

    it('finds by a few letters with a slip, typed before the palette is there', async () => {
      await browser.open('/');
      await browser.page.keyboard.press('Control+k');
      await browser.page.keyboard.type('setings');
      const first = browser.page.getByRole('option').first();
      await until(async () => expect(await first.innerText()).toContain('Settings'));
      expect(await browser.axe()).toEqual([]);
      await browser.page.keyboard.press('Enter');
      await until(() => expect(address().pathname).toBe('/app/settings'));
      expect((await browser.noticed()).faults).toEqual([]);
    });

    it('takes a range in words, says what it understood, and goes on live', async () => {
      await browser.open('/');
      await browser.page.getByRole('button', { name: /^Last hour/ }).click();
      await browser.page.getByLabel('Range', { exact: true }).fill('yesterday');
      await until(async () =>
        expect(await browser.page.locator('[id$="-note"]').first().innerText()).toMatch(/^\d+ \w+$/),
      );
      await browser.page.keyboard.press('Enter');
      await until(() => expect(search('from')).toMatch(/T00:00:00Z$/));
      await browser.page.keyboard.press('Escape');
      await browser.page.keyboard.press('l');
      await until(() => expect([search('range'), search('from')]).toEqual(['1d', null]));
      await browser.page.keyboard.press('[');
      await until(() => expect(search('from')).not.toBeNull());
      await browser.page.goBack();
      await until(() => expect(search('range')).toBe('1d'));
      expect((await browser.noticed()).faults).toEqual([]);
    });

    it('highlights by dragging on the strip, and lets go with Escape', async () => {
      await browser.open('/');
      const plot = browser.page.getByRole('group', { name: /^Time strip/ });
      const box = await plot.boundingBox();
      if (box === null) throw new Error('no strip');
      const y = box.y + box.height - 40;
      await browser.page.mouse.move(box.x + box.width * 0.3, y);
      await browser.page.mouse.down();
      await browser.page.mouse.move(box.x + box.width * 0.5, y, { steps: 4 });
      await browser.page.mouse.up();
      await until(() => expect(search('sel')).toMatch(/^\d{10}-\d{10}$/));
      const [from = 0, to = 0] = (search('sel') ?? '').split('-').map(Number);
      expect(Math.abs(to - from - 720)).toBeLessThan(60);
      await plot.focus();
      await browser.page.keyboard.press('Escape');
      await until(() => expect(search('sel')).toBeNull());
    });

    it('acknowledges at once, and takes it back', async () => {
      await browser.open('/');
      const needs = browser.page.getByRole('region', { name: 'Needs you' });
      const before = await needs.getByRole('listitem').count();
      await browser.page.keyboard.press('a');
      await until(async () =>
        expect(await browser.page.getByText('Acknowledged', { exact: true }).count()).toBeGreaterThan(0),
      );
      await browser.page.keyboard.press('Control+z');
      await until(() => {
        const changes = browser.server.takeChanges();
        expect(changes.some((change) => /^DELETE \/problems\/\w+\/acknowledge$/.test(change))).toBe(true);
      });
      await until(async () => expect(await needs.getByRole('listitem').count()).toBe(before));
    });

    it('leads to the sign-in and back to the same address', async () => {
      await browser.open('/events?q=class:authentication&range=2h', { mode: 'out' });
      expect(await heading()).toBe('Sign in');
      await browser.page.getByLabel('Name').fill('ana');
      await browser.page.getByLabel('Password').fill('wrong');
      await browser.page.keyboard.press('Enter');
      await until(async () =>
        expect(await browser.page.getByRole('alert').innerText()).toBe('Name or password is wrong.'),
      );
      await browser.context.addCookies([{ name: 'fixture', value: 'full', url: browser.server.url }]);
      await browser.page.getByLabel('Password').fill('a long password');
      await browser.page.keyboard.press('Enter');
      await until(() =>
        expect([address().pathname, search('q'), search('range')]).toEqual([
          '/app/events',
          'class:authentication',
          '2h',
        ]),
      );
    });

    it('makes the owner from the one-time link, and takes the code out of the address', async () => {
      await browser.open('/welcome#c0de', { mode: 'first' });
      expect(address().hash).toBe('');
      await browser.page.getByLabel('Name').fill('ana');
      await browser.page.getByLabel('Password').fill('short');
      await browser.page.keyboard.press('Enter');
      expect(await browser.page.getByText('7 more').isVisible()).toBe(true);
      await browser.page.getByLabel('Password').fill('correct horse battery');
      await browser.page.keyboard.press('Enter');
      await until(() => expect([address().pathname, search('range')]).toEqual(['/app/', '5m']));
      await until(async () => expect(await heading()).toBe('Nothing needs you'));
      await browser.open('/welcome#used', { mode: 'full' });
      await until(async () => expect(await heading()).toBe('This link was used or has ended'));
    });

    it('keeps the theme that was chosen', async () => {
      await browser.open('/settings/account');
      await browser.page.getByRole('combobox', { name: 'Theme' }).click();
      await browser.page.getByRole('option', { name: 'Light' }).click();
      const theme = () => browser.page.evaluate(() => document.documentElement.dataset['theme']);
      await until(async () => expect(await theme()).toBe('light'));
      expect((await browser.noticed()).faults).toEqual([]);
      await browser.page.reload();
      expect(await theme()).toBe('light');
      await browser.page.evaluate(() => localStorage.clear());
    });

    it('holds one stream for all its tabs, and says when it is lost', async () => {
      await browser.open('/');
      const second = await browser.context.newPage();
      await second.goto(`${browser.server.url}/app/settings`);
      await second.waitForSelector('h1');
      await until(() => expect(browser.server.openStreams()).toBe(1));
      await browser.page.bringToFront();
      browser.server.refuseStreams(true);
      await until(async () => expect(await browser.page.getByText(/Offline since \d\d:\d\d/).isVisible()).toBe(true));
      browser.server.refuseStreams(false);
      await vi.waitFor(
        async () => expect(await browser.page.getByRole('button', { name: 'Live' }).isVisible()).toBe(true),
        { timeout: 15_000, interval: 100 },
      );
      await second.close();
    }, 30_000);
  },
);
