/**
 * The main job as its user goes through it, on workers of this machine: the program as it is started, a browser, no
 * part replaced. Each test goes on where the one before it stopped.
 */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium, openWindowIn, type OpenedWindow, whyNoBrowser } from '../scripts/window/browser.ts';
import { ends, events, fillExperiment, goTo, PATIENCE_MS, sees, startTraining } from '../scripts/window/person.ts';
import { type Program, startServing, temporary } from './cli-program.ts';
import { exportAndCheckReports } from './downloads.ts';

const NAME = 'From door to report';
const CHANGE = /local-\d: (?:batch|data set) .* → /;

// On a busy host a page with moving charts answers a click late.
describe.skipIf(whyNoBrowser() !== undefined)(
  'the main job in a browser (needs Chromium)',
  { timeout: 180_000 },
  () => {
    let program: Program;
    let browser: Browser;
    let opened: OpenedWindow;
    let address: string;
    let run: string;

    beforeAll(async () => {
      program = await startServing({ home: temporary() });
      ({ address } = JSON.parse(program.stdout) as { address: string });
      browser = await launchChromium();
      opened = await openWindowIn(browser, address);
    }, 120_000);
    afterAll(() => browser.close());

    test('the address lets in one browser, and no second', async () => {
      const other = await browser.newContext();
      const page = await other.newPage();
      await page.goto(address);
      await page.getByRole('heading', { name: 'This window has not been let in' }).waitFor();
      expect(await page.getByRole('navigation').count()).toBe(0);
      await other.close();
      expect(opened.page.url()).not.toContain('token');
    });

    test('an empty inventory offers three doors', async () => {
      await goTo(opened.page, 'Devices');
      for (const door of ['Try it now', 'Find devices on my tailnet', 'Add a device by address'])
        await opened.page.getByRole('button', { name: door }).waitFor({ timeout: PATIENCE_MS });
    });

    test('Hermes starts on unequal local workers', async () => {
      const { page } = opened;
      await fillExperiment(page, {
        'Name of the run': NAME,
        'Training rows': '4000',
        'Test rows': '500',
        'Validation rows': '300',
        'On this computer': '4',
        'Their relative speeds': '1, 0.6, 0.35, 0.2',
        Engine: 'wasm',
        'Validation accuracy reaches': '',
      });
      run = await startTraining(page);
      await page.getByRole('heading', { level: 1, name: NAME }).waitFor({ timeout: PATIENCE_MS });
      expect(program.agents()).toHaveLength(4);
    });

    test('the allocation changes, with its reason', async () => {
      const { page } = opened;
      await sees(page, CHANGE);
      const change = await events(page).filter({ hasText: CHANGE }).last().innerText();
      expect(change).toMatch(/→ [\d,]+(?:, data set [\d,]+ → [\d,]+)?: \w+/);
    });

    test('a worker process that is killed is reported, and the others go on', async () => {
      const { page } = opened;
      const [victim = 0] = program.agents();
      process.kill(victim, 'SIGKILL');
      await events(page)
        .filter({ has: page.getByLabel(/^(Lost|Worker failed)$/) })
        .first()
        .waitFor({ timeout: PATIENCE_MS });
      expect(program.agents()).toHaveLength(3);
      await page.getByRole('button', { name: 'Stop', exact: true }).waitFor();
    });

    test('it is stopped, and says so', async () => {
      await opened.page.getByRole('button', { name: 'Stop', exact: true }).click();
      await opened.page.getByRole('button', { name: 'Stop now' }).click();
      await ends(opened.page, 'Interrupted', PATIENCE_MS);
      await expect.poll(() => program.agents(), { timeout: 20_000 }).toEqual([]);
    });

    test('every report is exported, opened and right', async () => {
      const workers = ['local-1', 'local-2', 'local-3', 'local-4'];
      await exportAndCheckReports(opened.page, { run, name: NAME, workers, directory: temporary() });
    });

    test('the window has not thrown, warned or asked anybody else; the program ends on Ctrl-C', async () => {
      expect(opened.complaints).toEqual([]);
      process.kill(program.pid, 'SIGINT');
      expect((await program.ended).code).toBe(0);
    });
  },
);
