/** The console on the real server, in a real browser: from the link on the terminal to live figures. */
import { existsSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningPlatform, startPlatform, until } from './platform.ts';

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
const PAGES = [
  '/',
  '/problems',
  '/assets',
  '/assets/{asset}',
  '/metrics',
  '/metrics?view=processes',
  '/events',
  '/checks',
  '/checks/{check}',
  '/scans',
  '/scans/{scan}',
  '/settings',
  '/settings/account',
  '/settings/access',
  '/settings/notifications',
  '/help',
];
/** Both themes and both widths; `CONSOLE_MATRIX=full` takes each with each. */
const LOOKS = [
  ['dark', 1440],
  ['light', 390],
  ...(process.env['CONSOLE_MATRIX'] === 'full'
    ? ([
        ['light', 1440],
        ['dark', 390],
      ] as const)
    : []),
] as const;
/** Ends of a popup that hand the focus on as soon as they get it. */
const FOCUS_GUARDS = '[data-base-ui-focus-guard]';
const PASSWORD = 'correct horse battery';

describe.skipIf(!existsSync(CHROMIUM))(
  'the console on the real server (skipped without Chromium; CHROMIUM names it)',
  () => {
    let platform: RunningPlatform;
    let browser: Browser;
    let page: Page;
    const faults: string[] = [];

    beforeAll(async () => {
      platform = await startPlatform({ ownerToken: false });
      browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
      page = await context.newPage();
      await context.exposeFunction('tellViolation', (text: string) => faults.push(`policy: ${text}`));
      await context.addInitScript(() => {
        document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sample }) => {
          const tell = (globalThis as unknown as { tellViolation(text: string): void }).tellViolation;
          tell(`${effectiveDirective} ${blockedURI} ${sample}`);
        });
      });
      page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
      page.on('console', (message) => {
        if (message.type() === 'error') faults.push(`console: ${message.text()}`);
      });
      page.on('request', (request) => {
        if (!request.url().startsWith(platform.url)) faults.push(`reached out to ${request.url()}`);
      });
      page.on('response', (response) => {
        if (response.status() >= 500) faults.push(`${response.status()} ${response.url()}`);
      });
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await platform?.stop();
      platform?.remove();
    });

    it('takes the link on the terminal, makes the owner, and shows this host', async () => {
      const link = /http:\S+\/app\/welcome#\S+/.exec(platform.output())?.[0] as string;
      await page.goto(link);
      await page.locator('input[autocomplete=username]').fill('ana');
      for (const field of await page.locator('input[type=password]').all()) await field.fill(PASSWORD);
      await page.keyboard.press('Enter');
      await until(async () => (await page.locator('nav').count()) > 0 && !page.url().includes('welcome'), 15_000);
      await until(async () => (await page.locator('h1').innerText()).length > 0, 10_000);
      await until(async () => (await page.locator('main').innerText()).includes('Processor'), 10_000);
    }, 60_000);

    it('shows figures that move with the second', async () => {
      await page.goto(`${platform.url}/app/metrics?range=5m`);
      const figures = (): Promise<string> => page.locator('main').innerText();
      await until(async () => /Total CPU/.test(await figures()), 15_000);
      const first = await figures();
      await until(
        async () => (await figures()) !== first,
        5_000,
        () => 'no figure moved within 5 s',
      );
    }, 40_000);

    const first = (path: string): Promise<string> =>
      page.evaluate(async (from) => {
        const response = await fetch(`/platform/v1${from}`);
        return ((await response.json()) as { items: { id: string }[] }).items[0]?.id ?? '';
      }, path);
    const axe = async (): Promise<readonly string[]> => {
      const { violations } = await new AxeBuilder({ page }).exclude(FOCUS_GUARDS).analyze();
      return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
    };

    it.each(PAGES)(
      'opens %s without a fault that axe, the browser or the policy would name',
      async (path) => {
        await until(async () => (await first('/scans')) !== '', 30_000);
        const address = path
          .replace('{asset}', await first('/assets?q=type:host'))
          .replace('{check}', await first('/checks'))
          .replace('{scan}', await first('/scans'));
        for (const [theme, width] of LOOKS) {
          faults.length = 0;
          await page.emulateMedia({ colorScheme: theme });
          await page.setViewportSize({ width, height: 900 });
          await page.goto(`${platform.url}/app${address}`);
          await until(async () => (await page.locator('h1').count()) === 1, 10_000);
          await page.waitForLoadState('load');
          await new Promise((resolve) => setTimeout(resolve, 1_000));
          const overflowPx = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          expect([theme, width, await axe(), [...faults], Math.max(0, overflowPx)]).toEqual([theme, width, [], [], 0]);
        }
      },
      90_000,
    );

    it.each([
      ['the palette', '/', 'Control+k', '[role="dialog"]'],
      ['the keys', '/metrics', '?', '[role="dialog"]'],
      ['the range', '/', 't', '[role="dialog"]'],
      ['a new check', '/checks', 'n', '[role="dialog"]'],
      ['a new scan', '/scans', 'n', '[role="dialog"]'],
    ])('opens %s without a fault', async (_, path, key, shown) => {
      faults.length = 0;
      await page.setViewportSize({ width: 1440, height: 900 });
      await page.goto(`${platform.url}/app${path}`);
      await until(async () => (await page.locator('h1').count()) === 1, 10_000);
      await page.keyboard.press(key);
      await page.locator(shown).waitFor();
      await new Promise((resolve) => setTimeout(resolve, 400));
      expect([await axe(), faults]).toEqual([[], []]);
    });

    it('follows events over a restart of the server and shows each once', async () => {
      await page.goto(`${platform.url}/app/events?tail=1&range=15m&q=class:authentication`);
      await until(async () => (await page.locator('header').first().innerText()).includes('Live'), 10_000);
      const refuse = (name: string) =>
        page.evaluate(async (who) => {
          await fetch('/platform/v1/session', {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ name: who, password: 'not this one' }),
          });
        }, name);
      const said = async (name: string) => {
        const texts = await page.locator('tbody tr[aria-rowindex]').allInnerTexts();
        return texts.filter((text) => text.includes(name)).length;
      };
      for (const name of ['before-1', 'before-2']) await refuse(name);
      await until(async () => (await said('before-2')) === 1, 10_000);
      const port = Number(new URL(platform.url).port);
      await platform.stop();
      await until(async () => /Offline/.test(await page.locator('body').innerText()), 20_000);
      platform = await startPlatform({ ownerToken: false, dataDir: platform.dataDir, port });
      await refuse('early-1');
      await until(async () => !/Offline/.test(await page.locator('body').innerText()), 30_000);
      for (const name of ['after-1', 'after-2']) await refuse(name);
      await until(async () => (await said('after-2')) === 1, 15_000);
      await until(async () => (await said('early-1')) === 1, 15_000);
      const names = ['before-1', 'before-2', 'early-1', 'after-1', 'after-2'];
      expect(await Promise.all(names.map(said))).toEqual([1, 1, 1, 1, 1]);
    }, 120_000);

    it('signs out of all tabs at once, and comes back to where it was', async () => {
      await page.goto(`${platform.url}/app/checks?q=state:ok`);
      await until(async () => (await page.locator('header').first().innerText()).includes('Live'), 10_000);
      const second = await page.context().newPage();
      await second.goto(`${platform.url}/app/settings/account`);
      await second.getByRole('button', { name: 'Sign out' }).click();
      await until(() => page.url().includes('/app/sign-in'), 10_000);
      await page.bringToFront();
      await page.getByLabel('Name').fill('ana');
      await page.getByLabel('Password').fill(PASSWORD);
      await page.keyboard.press('Enter');
      await until(() => page.url().endsWith('/app/checks?q=state:ok'), 10_000);
      await until(() => !second.url().includes('sign-in'), 10_000);
      await second.close();
    }, 60_000);

    it('notices that its session was ended elsewhere, though nobody touches it', async () => {
      await page.goto(`${platform.url}/app/problems`);
      await until(async () => (await page.locator('header').first().innerText()).includes('Live'), 10_000);
      const cookies = await page.context().cookies();
      const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
      const session = await fetch(`${platform.url}/platform/v1/session`, { headers: { cookie } });
      const { csrf } = (await session.json()) as { csrf: string };
      const ended = await fetch(`${platform.url}/platform/v1/session`, {
        method: 'DELETE',
        headers: { cookie, 'x-undercroft-csrf': csrf, origin: platform.url },
      });
      expect(ended.status).toBe(204);
      await until(
        () => page.url().includes('/app/sign-in?next=/problems'),
        20_000,
        () => page.url(),
      );
      await page.getByLabel('Name').fill('ana');
      await page.getByLabel('Password').fill(PASSWORD);
      await page.keyboard.press('Enter');
      await until(() => page.url().endsWith('/app/problems'), 10_000);
    }, 60_000);

    it('says when the server is away, and goes on when it is back', async () => {
      await page.goto(`${platform.url}/app/`);
      await until(async () => (await page.locator('header').first().innerText()).includes('Live'), 10_000);
      const port = Number(new URL(platform.url).port);
      await platform.stop();
      await until(async () => /Offline/.test(await page.locator('body').innerText()), 20_000);
      platform = await startPlatform({ ownerToken: false, dataDir: platform.dataDir, port });
      await until(async () => !/Offline/.test(await page.locator('body').innerText()), 30_000);
    }, 120_000);
  },
);
