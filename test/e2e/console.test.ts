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
const PAGES = ['/', '/problems', '/assets', '/metrics', '/events', '/checks', '/scans', '/settings', '/help'];

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
      for (const field of await page.locator('input[type=password]').all()) await field.fill('correct horse battery');
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

    it.each(PAGES)(
      'opens %s without a fault that axe, the browser or the policy would name',
      async (path) => {
        faults.length = 0;
        await page.goto(`${platform.url}/app${path}`);
        await until(async () => (await page.locator('h1').count()) === 1, 10_000);
        await page.waitForLoadState('load');
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map((violation) => `${violation.id}: ${violation.nodes[0]?.html}`)).toEqual([]);
        expect(faults).toEqual([]);
      },
      40_000,
    );

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
