/**
 * The main job as its user goes through it, on devices: three of the test bed, over real SSH. Each test goes on where
 * the one before it stopped.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessOf } from '../scripts/testbed/access-files.ts';
import { startTestbed, type Testbed, whyNoTestbed } from '../scripts/testbed/testbed.ts';
import { launchChromium, openWindowIn, type OpenedWindow, whyNoBrowser } from '../scripts/window/browser.ts';
import {
  addDevice,
  askedFingerprint,
  deviceState,
  ends,
  events,
  fillExperiment,
  goTo,
  openDevice,
  sees,
  startTraining,
  trustShownKey,
} from '../scripts/window/person.ts';
import { type Program, startServing, temporary } from './cli-program.ts';
import { exportAndCheckReports } from './downloads.ts';

const NAME = 'Three devices';
const DEVICES = ['shelf-1', 'shelf-2', 'laptop'];
/** A runtime of some 30 MB goes to each, over slow links. */
const DEPLOY_MS = 300_000;
const TRAINING_MS = 180_000;

const why = whyNoBrowser() ?? whyNoTestbed()?.message;

describe.skipIf(why !== undefined)('the main job on devices (needs Chromium, Linux and root)', () => {
  let bed: Testbed;
  let program: Program;
  let browser: Browser;
  let opened: OpenedWindow;
  let page: Page;
  let run: string;

  beforeAll(async () => {
    bed = await startTestbed({ devices: DEVICES.length });
    program = await startServing({ home: temporary() });
    browser = await launchChromium();
    opened = await openWindowIn(browser, (JSON.parse(program.stdout) as { address: string }).address);
    ({ page } = opened);
  }, 300_000);
  afterAll(async () => {
    await browser.close();
    await bed.stop();
  }, 120_000);

  test('three devices are added by their addresses', async () => {
    await goTo(page, 'Devices');
    for (const [index, name] of DEVICES.entries()) await addDevice(page, { ...accessOf(bedDevice(index)), name });
    for (const name of DEVICES) await deviceState(page, name, 'not deployed').waitFor();
    expect(await page.getByRole('table', { name: 'Devices' }).getByRole('row').count()).toBe(1 + DEVICES.length);
  });

  test('each shows the fingerprint that it has, and is trusted', async () => {
    await page.getByLabel('Select all').check();
    await page.getByRole('button', { name: 'Deploy to 3 devices' }).click();
    for (const [index, name] of DEVICES.entries()) {
      expect(await askedFingerprint(page, name)).toBe(bedDevice(index).fingerprint);
      await trustShownKey(page, name);
    }
  });

  test('they are deployed to, and ready', async () => {
    for (const name of DEVICES) await deviceState(page, name, 'ready').waitFor({ timeout: DEPLOY_MS });
    for (const device of bed.devices) expect(await installed(device)).not.toBe('');
  });

  test('Hermes starts on them', async () => {
    await fillExperiment(page, {
      'Name of the run': NAME,
      'Training rows': '4000',
      'Test rows': '500',
      'Validation rows': '300',
      'On this computer': '0',
      'Their relative speeds': '',
      'Validation accuracy reaches': '',
      Devices: DEVICES.join(),
    });
    run = await startTraining(page);
    for (const name of DEVICES) await sees(page, `${name} joined`, TRAINING_MS);
  });

  test('the allocation changes, with its reason', async () => {
    await sees(page, /(shelf-\d|laptop): (batch|data set) .* → .*: \w+/, TRAINING_MS);
  });

  test('an agent that is killed on its device is reported', async () => {
    await bedDevice(0).root(['pkill', '-KILL', '-u', String(bedDevice(0).plan.uid), '-f', 'agent.cjs']);
    await events(page)
      .filter({ has: page.getByLabel(/^(Lost|Worker failed)$/) })
      .first()
      .waitFor({ timeout: TRAINING_MS });
  });

  test('it is stopped, and says so', async () => {
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByRole('button', { name: 'Stop now' }).click();
    await ends(page, 'Interrupted', TRAINING_MS);
  });

  test('every report is exported, opened and right, without addresses', async () => {
    const directory = temporary();
    await exportAndCheckReports(page, {
      run,
      name: NAME,
      // In reports devices have numbers.
      workers: DEVICES.map((_, index) => `device-${index + 1}`),
      directory,
      secrets: ['shelf-1', 'shelf-2', ...bed.devices.map(({ address }) => address)],
    });
  });

  test('the version before is asked for where there is none: the device says so, and keeps what it has', async () => {
    const [name = ''] = DEVICES;
    await goTo(page, 'Devices');
    await openDevice(page, name);
    await page.getByRole('button', { name: `More about ${name}` }).click();
    await page.getByRole('menuitem', { name: 'Back to its previous version' }).click();
    await page.getByText('has no version before the current one').first().waitFor({ timeout: DEPLOY_MS });
    expect(await installed(bedDevice(0))).not.toBe('');
  });

  test('they are uninstalled: no file and no process is left', async () => {
    await goTo(page, 'Devices');
    await page.getByLabel('Select all').check();
    await page.getByRole('toolbar').getByRole('button', { name: 'Uninstall…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Uninstall from 3 devices' }).click();
    for (const name of DEVICES) await deviceState(page, name, 'not deployed').waitFor({ timeout: DEPLOY_MS });
    for (const device of bed.devices) {
      expect(await installed(device)).toBe('');
      expect(await device.root(['sh', '-c', `pgrep -u ${device.plan.uid} -f agent.cjs || true`])).toBe('');
    }
    expect(opened.complaints).toEqual([]);
  });

  function bedDevice(index: number): Testbed['devices'][number] {
    const device = bed.devices[index];
    if (device === undefined) throw new RangeError(`the bed has no device ${index}`);
    return device;
  }
});

/** Files of ours in the user's home. */
function installed(device: Testbed['devices'][number]): Promise<string> {
  return device.root(['sh', '-c', `find ${device.home}/.caduceus -type f 2>/dev/null | head -3`]);
}
