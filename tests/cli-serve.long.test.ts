/** `serve` from its start to Ctrl-C: builds the window, lets one browser in, and shows a run that it simulates. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Program } from './cli-program.ts';
import { openWindow } from './web-client.ts';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--disable-quic'],
];

describe('serve', () => {
  let home: string;
  let program: Program;
  let address: string;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'caduceus-serve-'));
    program = new Program(['serve', '--no-open', '--json'], { home });
    await program.until(() => program.stdout.includes('\n'), 'the address');
    ({ address } = JSON.parse(program.stdout) as { address: string });
  }, 120_000);
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  test.skipIf(!existsSync(CHROMIUM))(
    'shows the window without a breach of its own policy (needs Chromium)',
    async () => {
      const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
      try {
        const context = await browser.newContext();
        const page = await context.newPage();
        const complaints: string[] = [];
        page.on('console', (message) => {
          if (message.type() === 'error') complaints.push(message.text());
        });
        page.on('pageerror', (error) => complaints.push(error.message));
        await page.goto(address);
        await page.getByRole('navigation').getByText('Devices').waitFor();
        expect(page.url()).not.toContain('token');
        await page.reload();
        await page.getByRole('navigation').getByText('Devices').waitFor();
        expect(complaints).toEqual([]);
        // The address is used up.
        const other = await (await browser.newContext()).newPage();
        await other.goto(address);
        await other.getByText('has not been let in').waitFor();
      } finally {
        await browser.close();
      }
    },
    60_000,
  );

  test('stops what it trains at Ctrl-C, closes its windows, and leaves with 0', async () => {
    // Its address was used by the browser, or not at all where there is none.
    const again = new Program(['serve', '--no-open', '--json', '--port', '0'], { home });
    await again.until(() => again.stdout.includes('\n'), 'the address');
    const opened = JSON.parse(again.stdout) as { address: string };
    const { bridge, socket } = await openWindow(opened.address);
    const config = {
      policy: 'asp',
      stop: { maxSeconds: 1e6 },
      dataset: { name: 'digits', trainRows: 500, testRows: 50 },
      validationRows: 100,
    };
    const started = await bridge.call('runs.simulate', { cluster: 'hermes-6', timingOnly: true, config });
    expect(started.ok).toBe(true);
    for (;;) {
      const list = await bridge.call('runs.list', {});
      if (list.ok && list.value.runs.some(({ live }) => live)) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const closed = new Promise<number>((resolve) => socket.on('close', resolve));
    again.child.kill('SIGINT');
    expect(await closed).toBe(1001);
    expect(await again.ended).toMatchObject({ code: 0 });
    program.child.kill('SIGINT');
    expect(await program.ended).toMatchObject({ code: 0 });
  }, 60_000);
});
