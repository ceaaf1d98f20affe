/** Flows of loopback in a real browser: seen live while they happen, then in the archive, then as packets. */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningPlatform, startPlatform, until } from './platform.ts';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'];
const why = !existsSync(CHROMIUM)
  ? `no Chromium at ${CHROMIUM}; set CHROMIUM to its path`
  : process.getuid?.() !== 0
    ? 'packet sockets need root'
    : undefined;
const CONFIG = `flow:
  interfaces: [lo]
  packets:
    enabled: true
    maxMiB: 64
`;
/** Bytes that the made-up server answers each time. */
const ANSWER_BYTES = 40_000;
const LIVE_MS = 60_000;
const PASSWORD = 'correct horse battery';

describe.skipIf(why !== undefined)(`flows in the console${why === undefined ? '' : ` (${why})`}`, () => {
  let platform: RunningPlatform;
  let browser: Browser;
  let page: Page;
  let peer: Server;
  let port = 0;
  let talking: ReturnType<typeof setInterval> | undefined;
  const faults: string[] = [];

  beforeAll(async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'undercroft-e2e-'));
    writeFileSync(join(dataDir, 'undercroft.yaml'), CONFIG);
    platform = await startPlatform({ dataDir, ownerToken: false });
    peer = createServer((socket) => {
      socket.on('error', () => {});
      socket.end(Buffer.alloc(ANSWER_BYTES));
    });
    await new Promise<void>((resolve) => peer.listen(0, '127.0.0.1', resolve));
    port = (peer.address() as AddressInfo).port;
    talking = setInterval(talk, 200, port);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
    });
    page = await context.newPage();
    await signIn();
    page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(`console: ${message.text()}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 500) faults.push(`${response.status()} ${response.url()}`);
    });
  }, 120_000);
  afterAll(async () => {
    clearInterval(talking);
    await browser?.close();
    peer?.close();
    await platform?.stop();
    platform?.remove();
  });

  /** By the link of the first run, as a person does. */
  async function signIn(): Promise<void> {
    await page.goto(/http:\S+\/app\/welcome#\S+/.exec(platform.output())?.[0] as string);
    await page.locator('input[autocomplete=username]').fill('ana');
    for (const field of await page.locator('input[type=password]').all()) await field.fill(PASSWORD);
    await page.keyboard.press('Enter');
    await until(async () => (await page.locator('nav').count()) > 0 && !page.url().includes('welcome'), 15_000);
  }

  const main = (): Promise<string> => page.locator('main').innerText();
  const clean = async () => {
    const { violations } = await new AxeBuilder({ page }).exclude('[data-base-ui-focus-guard]').analyze();
    return [...violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`), ...faults];
  };

  it('shows a conversation while it goes on, and what the sensor loses', async () => {
    await page.goto(`${platform.url}/app/flows?q=port:${port}`);
    await until(
      async () => (await main()).includes(`${port}/tcp`),
      LIVE_MS,
      () => platform.output().slice(-2000),
    );
    expect(await main()).toMatch(/Listening on lo: .* packets\/s/);
    await page.keyboard.press('f');
    await until(async () => /Paused/.test(await main()), 5_000);
    expect(await clean()).toEqual([]);
  }, 120_000);

  it('has it in the archive, with the reason of its direction', async () => {
    await page.goto(`${platform.url}/app/flows?view=records&q=port:${port}`);
    const rows = page.locator('tbody tr[aria-rowindex]');
    await until(async () => (await rows.count()) > 0, LIVE_MS);
    await rows.first().click({ position: { x: 20, y: 12 } });
    const panel = page.getByRole('dialog');
    await until(async () => /began: the handshake was seen/.test(await panel.innerText()), 10_000);
    expect(await panel.innerText()).toContain('127.0.0.1');
    expect(await clean()).toEqual([]);
  }, 120_000);

  it('gives its packets as a capture file', async () => {
    const panel = page.getByRole('dialog');
    const saved = page.waitForEvent('download');
    await panel.getByRole('button', { name: 'Save packets' }).click();
    const file = await (await saved).path();
    const bytes = readFileSync(file);
    expect(bytes.readUInt32LE(0)).toBe(0x0a0d0d0a);
    expect(bytes.length).toBeGreaterThan(1000);
  }, 60_000);

  it.each([
    ['/app/flows?view=who', /moved the most/],
    ['/app/flows?view=who&as=bands', /moved the most/],
    ['/app/flows?view=who&as=map', /moved the most/],
    ['/app/flows/host/127.0.0.1', /never met before.*Conversations over time.*\/tcp/s],
  ])(
    'draws %s of it',
    async (path, says) => {
      await page.goto(`${platform.url}${path}`);
      await until(
        async () => says.test(await main()),
        20_000,
        () => `nothing says ${says}`,
      );
      await until(async () => (await page.locator('[aria-busy="true"]').count()) === 0, 20_000);
      expect(await clean()).toEqual([]);
    },
    60_000,
  );
});

/** One connection to the made-up server and back. */
function talk(port: number): void {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.resume();
}
