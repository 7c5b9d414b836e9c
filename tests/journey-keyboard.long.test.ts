/**
 * The main job without a mouse: a device is added, trusted and deployed to, an experiment trains on it, the run is held,
 * goes on and is ended, reported, and two are compared. Each test goes on where the one before it stopped.
 */
import { readFileSync } from 'node:fs';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { whyNoSshd } from '../main/provision/ssh/sshd.fixture.ts';
import { launchChromium, openWindowIn, type OpenedWindow, whyNoBrowser } from '../scripts/window/browser.ts';
import { pressAt, tabTo, typeAt } from '../scripts/window/keyboard.ts';
import { deviceState, ends, PATIENCE_MS, sees, shownRun } from '../scripts/window/person.ts';
import { startServing, temporary } from './cli-program.ts';
import { type SshDevice, startDevice } from './ssh-device.ts';

const missing = whyNoBrowser() ?? whyNoSshd();
const DEPLOY_MS = 180_000;
const TRAINING_MS = 180_000;

describe.skipIf(missing !== undefined)(`the main job by keyboard${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let device: SshDevice;
  let browser: Browser;
  let opened: OpenedWindow;
  let page: Page;

  beforeAll(async () => {
    device = await startDevice();
    const program = await startServing({ home: temporary() });
    browser = await launchChromium();
    opened = await openWindowIn(browser, (JSON.parse(program.stdout) as { address: string }).address);
    ({ page } = opened);
    // A mouse that is used all the same is a mistake of this test.
    await page.evaluate(
      `addEventListener('pointerdown', (event) => event.isTrusted && console.error('a pointer was used'), true)`,
    );
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await device?.stop();
  });

  const button = (name: string | RegExp): Locator =>
    page.getByRole('button', { name, exact: typeof name === 'string' });
  const screen = async (name: string): Promise<void> => {
    await pressAt(page, page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name }));
    await page.getByRole('heading', { level: 1, name }).waitFor({ timeout: PATIENCE_MS });
  };
  const field = (name: string): Locator => page.getByLabel(name, { exact: true });

  test('a device is added', async () => {
    await pressAt(page, button(/^Add a device by address/));
    const dialog = page.getByRole('dialog', { name: 'Add a device by address' });
    await typeAt(page, dialog.getByLabel('Address', { exact: true }), `worker@127.0.0.1:${device.sshd.port}`);
    await typeAt(page, dialog.getByLabel('Name', { exact: true }), 'pi');
    await pressAt(page, dialog.locator('summary'));
    await typeAt(page, dialog.getByLabel('Private key', { exact: true }), device.sshd.keyFile);
    await page.keyboard.press('Enter');
    await deviceState(page, 'pi', 'not deployed').waitFor({ timeout: PATIENCE_MS });
  });

  test('its key is compared and trusted, and it is deployed to', async () => {
    // Deployed to by itself, a device is opened, and asks there.
    await pressAt(page, button('Deploy to 1 device'));
    const panel = page.getByRole('complementary', { name: 'pi' });
    await typeAt(page, panel.getByLabel('Paste what it prints to compare'), device.sshd.fingerprint('ed25519'));
    await panel.getByText('The same key.').waitFor();
    await pressAt(page, panel.getByRole('button', { name: 'Trust this key' }));
    await deviceState(page, 'pi', 'ready').waitFor({ timeout: DEPLOY_MS });
  });

  test('an experiment is filled in and started', async () => {
    await screen('Experiment');
    await typeAt(page, field('Name of the run'), 'By keyboard');
    await typeAt(page, field('Training rows'), '2000');
    await typeAt(page, field('Test rows'), '200');
    await typeAt(page, field('Validation rows'), '200');
    await typeAt(page, field('On this computer'), '0');
    await typeAt(page, field('Their relative speeds'), '');
    await pressAt(page, field('pi'), 'Space');
    await typeAt(page, field('Validation accuracy reaches'), '');
    await page.getByText('Ready to start').waitFor({ timeout: PATIENCE_MS });
    await pressAt(page, button('Start training'));
    await shownRun(page);
    await sees(page, 'pi joined', TRAINING_MS);
  }, 240_000);

  test('the run is held, goes on, and is ended', async () => {
    await pressAt(page, button('Pause'));
    await page.getByText('Workers end the local iteration').waitFor({ timeout: PATIENCE_MS });
    await pressAt(page, button('Continue'));
    await page.getByText('Workers end the local iteration').waitFor({ state: 'detached', timeout: PATIENCE_MS });
    await tabTo(page, page.getByRole('region', { name: 'Table of workers' }).getByRole('button', { name: 'pi' }));
    await page.keyboard.press('Enter');
    await page.getByText('of pi and of the run').waitFor({ timeout: PATIENCE_MS });
    await pressAt(page, button('Stop'));
    await pressAt(page, button('Stop now'));
    await ends(page, 'Interrupted', TRAINING_MS);
  }, 480_000);

  test('it is reported', async () => {
    const given = page.waitForEvent('download', { timeout: PATIENCE_MS });
    await pressAt(page, page.getByRole('main').getByRole('button', { name: 'Report', exact: true }));
    const dialog = page.getByRole('dialog', { name: /^Report of / });
    const csv = dialog.getByLabel('CSV', { exact: true });
    for (const isChosen of [true, false]) {
      await pressAt(page, csv, 'Space');
      expect(await csv.isChecked()).toBe(isChosen);
    }
    await pressAt(page, dialog.getByRole('button', { name: 'Write report' }));
    expect(readFileSync(await (await given).path(), 'utf8')).toContain('By keyboard');
    // What had the focus is what closes it now.
    await dialog.getByText('a copy is kept as').waitFor({ timeout: PATIENCE_MS });
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
  });

  test('two runs are compared', async () => {
    for (const policy of ['ASP', 'BSP']) {
      await screen('Experiment');
      await tabTo(page, field('Policy'));
      await page.keyboard.type(policy);
      await typeAt(page, field('Name of the run'), `${policy} by keyboard`);
      await typeAt(page, field('Time has passed'), '6');
      // What was typed last is being looked at; until then the key does no more than the button would.
      await expect.poll(() => button('Start training').isEnabled(), { timeout: PATIENCE_MS }).toBe(true);
      await page.keyboard.press('ControlOrMeta+Enter');
      await page.waitForURL(/#\/runs\//, { timeout: TRAINING_MS });
      await ends(page, 'Completed', TRAINING_MS);
    }
    await screen('Runs');
    for (const policy of ['ASP', 'BSP']) await pressAt(page, field(`Select ${policy} by keyboard`), 'Space');
    await pressAt(page, button('Compare 2 runs'));
    const table = page.getByRole('table', { name: 'Comparison' });
    await table.waitFor({ timeout: PATIENCE_MS });
    expect(await table.getByRole('row').count()).toBe(3);
    expect(opened.complaints).toEqual([]);
  }, 420_000);
});
