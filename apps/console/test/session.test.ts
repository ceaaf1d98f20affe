/** Who is signed in: what a viewer does not see, a session that ends, tabs that leave and come back together. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ConsoleBrowser, noBrowser, startConsoleBrowser } from './browser.ts';
import type { Mode } from './fixture.ts';
import { DB_HOST } from './fixtures/assets.ts';
import { fixedId } from './fixtures/world.ts';

/** The machine may be busy with other tests. */
vi.setConfig({ testTimeout: 45_000 });
const until = (check: () => unknown) => vi.waitFor(check, { timeout: 15_000, interval: 50 });
const INCIDENT = `/problems/${fixedId('prob', 1)}`;

describe.skipIf(noBrowser !== undefined)(
  `sessions of the console${noBrowser === undefined ? '' : ` (${noBrowser})`}`,
  () => {
    let browser: ConsoleBrowser;
    beforeAll(async () => {
      browser = await startConsoleBrowser();
    }, 90_000);
    afterAll(() => browser?.close());
    afterEach(async () => {
      await browser.page.unrouteAll();
      browser.server.takeChanges();
    });

    const address = () => new URL(browser.page.url());
    const button = (name: string | RegExp) => browser.page.getByRole('button', { name });
    const setMode = (value: Mode | 'out') =>
      browser.context.addCookies([{ name: 'fixture', value, url: browser.server.url }]);
    const signIn = async () => {
      await browser.page.getByLabel('Name').fill('ana');
      await browser.page.getByLabel('Password').fill('a long password');
      await browser.page.keyboard.press('Enter');
    };

    /** Reads everything but users; changes nothing. */
    const beViewer = async () => {
      const principal = {
        name: 'vera',
        entityId: 'v',
        tenant: 'default',
        owner: false,
        policies: ['default', 'viewer'],
      };
      await browser.page.route('**/platform/v1/session', (route) =>
        route.fulfill({ json: { principal: { ...principal, kind: 'session' }, csrf: 'c', totp: false } }),
      );
      await browser.page.route('**/identity/capabilities', (route) => {
        const { paths } = route.request().postDataJSON() as { readonly paths: readonly string[] };
        const items = paths.map((path) => ({
          path,
          capabilities: path.startsWith('sys/undercroft/identity/') ? ['deny'] : ['read', 'list'],
          owner: false,
          grants: [],
        }));
        return route.fulfill({ json: { items } });
      });
    };

    it.each([
      ['/', /^Acknowledge/],
      ['/problems', /^Acknowledge/],
      [INCIDENT, /^(Acknowledge|Downtime|Add comment)/],
      [`/assets/${DB_HOST}`, /^(Acknowledge|Downtime)/],
      ['/checks', /^Add a check/],
      [`/checks/${fixedId('check', 0)}`, /^(Run now|Change|Delete)/],
      ['/scans', /^New scan/],
      [`/scans/${fixedId('scan', 30)}`, /^Scan again/],
      ['/settings', /^Reload the file/],
      ['/settings/notifications', /^(Add|Remove|Send)/],
    ])('on %s a viewer finds no button that would be refused', async (path, name) => {
      await browser.open(path);
      await until(async () => expect(await button(name).count()).toBeGreaterThan(0));
      await beViewer();
      await browser.open(path);
      expect(await button(name).count()).toBe(0);
      for (const key of ['a', 'd', 'c', 'r', 'e', 'n']) await browser.page.keyboard.press(key);
      await browser.page.waitForTimeout(150);
      expect(await browser.page.getByRole('dialog', { name: /Downtime|Add|Change|Scan/ }).count()).toBe(0);
      const changes = browser.server.takeChanges().filter((change) => !change.endsWith('/query'));
      expect(changes).toEqual([]);
    });

    it('a viewer does not see what they may not read, and sees why', async () => {
      await beViewer();
      await browser.open('/settings');
      expect(await browser.page.getByRole('tab').allInnerTexts()).toEqual([
        'Configuration',
        'Account',
        'Notifications',
        'Backup',
        'About',
      ]);
      expect(await browser.page.getByRole('link', { name: /vera/ }).innerText()).toMatch(/viewer/);
    });

    it('a page one may not read is absent from rail, keys and palette', async () => {
      await beViewer();
      await browser.page.route('**/identity/capabilities', (route) => {
        const { paths } = route.request().postDataJSON() as { readonly paths: readonly string[] };
        const items = paths.map((path) => ({ path, capabilities: path.endsWith('/scans') ? ['deny'] : ['read'] }));
        return route.fulfill({ json: { items } });
      });
      await browser.open('/');
      expect(await browser.page.getByRole('link', { name: 'Scans', exact: true }).count()).toBe(0);
      await browser.page.keyboard.press('g');
      await browser.page.keyboard.press('s');
      await browser.page.keyboard.press('Control+k');
      await browser.page.keyboard.type('scans');
      await until(async () => expect(await browser.page.getByRole('combobox').inputValue()).toBe('scans'));
      expect(address().pathname).toBe('/app/');
      expect(await browser.page.getByRole('option', { name: /^Scans/ }).count()).toBe(0);
    });

    it('leaves in all tabs at once, and comes back in all of them to where each was', async () => {
      await browser.open('/assets?q=port:22');
      const second = await browser.context.newPage();
      await second.goto(`${browser.server.url}/app/settings/account`);
      await second.getByRole('button', { name: 'Sign out' }).waitFor();
      await setMode('out');
      await second.getByRole('button', { name: 'Sign out' }).click();
      await until(() => expect(new URL(second.url()).pathname).toBe('/app/sign-in'));
      await until(() => expect(address().pathname).toBe('/app/sign-in'));
      expect(address().searchParams.get('next')).toBe('/assets?q=port:22');
      await setMode('full');
      await second.getByLabel('Name').fill('ana');
      await second.getByLabel('Password').fill('a long password');
      await second.keyboard.press('Enter');
      await until(() =>
        expect([address().pathname, address().searchParams.get('q')]).toEqual(['/app/assets', 'port:22']),
      );
      await second.close();
    });

    it('a session that ends while nobody touches the page leads to the sign-in and back', async () => {
      await browser.open('/checks?q=state:critical');
      await until(() => expect(browser.server.openStreams()).toBe(1));
      await setMode('out');
      browser.server.refuseStreams(true);
      browser.server.refuseStreams(false);
      await until(() => expect(address().pathname).toBe('/app/sign-in'));
      await setMode('full');
      await signIn();
      await until(() =>
        expect([address().pathname, address().searchParams.get('q')]).toEqual(['/app/checks', 'state:critical']),
      );
      await until(async () => expect(await browser.page.locator('tbody tr[aria-rowindex]').count()).toBeGreaterThan(0));
    });

    it.each([
      ['the palette', '/', 'Control+k'],
      ['the keys', '/', '?'],
      ['the range', '/', 't'],
      ['a downtime', INCIDENT, 'd'],
      ['a hand-over note', INCIDENT, 'h'],
      ['a new check', '/checks', 'n'],
    ])('gives the focus back after %s', async (_, path, key) => {
      await browser.open(path);
      const link = browser.page.getByRole('link', { name: 'Help' });
      await link.focus();
      await browser.page.keyboard.press(key);
      await browser.page.getByRole('dialog').waitFor();
      await until(async () =>
        expect(await browser.page.evaluate(() => document.activeElement?.closest('[role="dialog"]') !== null)).toBe(
          true,
        ),
      );
      await browser.page.keyboard.press('Escape');
      await until(async () => expect(await browser.page.getByRole('dialog').count()).toBe(0));
      await until(async () => expect(await link.evaluate((element) => element === document.activeElement)).toBe(true));
    });
  },
);
