/**
 * `npm run screenshots`: pictures of every screen of the window, taken from the real program while it is used as a
 * person uses it: real local workers, real simulations and, for root on Linux, devices of the test bed over SSH.
 *
 *     node scripts/screenshots.ts [--out FOLDER] [--only PART,…]
 *
 * Those that the README shows go to docs/images, the others to dist/screenshots. It needs a Chromium: CHROMIUM
 * names the program.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { ROOT } from './source-tree.ts';
import { accessOf } from './testbed/access-files.ts';
import { startTestbed, whyNoTestbed } from './testbed/testbed.ts';
import { launchChromium, openWindowIn, whyNoBrowser } from './window/browser.ts';
import { Camera } from './window/camera.ts';
import {
  addDevice,
  askedFingerprint,
  deviceState,
  ends,
  fillExperiment,
  goTo,
  openDevice,
  openPalette,
  PATIENCE_MS,
  sees,
  simulateFirst,
  startTraining,
  trustShownKey,
} from './window/person.ts';
import { ServedWindow } from './window/served-window.ts';

/** What the README shows. */
const KEPT = new Set(
  ['run-busy-light', 'run-busy-dark', 'devices-light', 'experiment-light'].map((name) => `window-${name}.png`),
);
/** A learnt digit or two is enough for a picture. */
const QUICK = {
  'Training rows': '6000',
  'Test rows': '500',
  'Validation rows': '500',
  'Validation accuracy reaches': '0.93',
  'Time has passed': '60',
};
const TRAINING_MS = 300_000;
const DEPLOY_MS = 180_000;
const RACE_MS = 120_000;

interface Stage {
  page: Page;
  camera: Camera;
}

const PARTS: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  async empty({ page, camera }) {
    await camera.take('devices-empty', { small: true });
    await goTo(page, 'Runs');
    await camera.take('runs-empty');
    await goTo(page, 'Compare');
    await camera.take('compare-empty');
    await goTo(page, 'Simulate');
    await page.getByRole('region', { name: 'Devices of the cluster' }).waitFor({ timeout: PATIENCE_MS });
    await camera.take('simulate', { small: true, tall: true });
    await goTo(page, 'Settings');
    await page.getByLabel('Folder').waitFor({ timeout: PATIENCE_MS });
    await camera.take('settings', { small: true, tall: true });
    const palette = await openPalette(page);
    await palette.getByRole('combobox').fill('go');
    await camera.take('palette', { small: true });
    await page.keyboard.press('Escape');
    await goTo(page, 'Experiment');
    await page.getByText('Ready to start').waitFor({ timeout: PATIENCE_MS });
    await page.getByText('Who gets which rows').waitFor({ timeout: PATIENCE_MS });
    await camera.take('experiment', { small: true, tall: true });
    await page.getByLabel('Mini-batch', { exact: true }).fill('a few');
    await page.getByRole('img', { name: 'Error' }).first().waitFor({ timeout: PATIENCE_MS });
    await camera.take('experiment-error');
    await page.getByLabel('Mini-batch', { exact: true }).fill('');
  },

  async simulated({ page, camera }) {
    await goTo(page, 'Devices');
    await page.getByRole('button', { name: 'Describe simulated devices' }).click();
    await page.getByRole('dialog', { name: 'Add simulated devices' }).waitFor();
    await camera.take('simulated-dialog', { small: true });
    await page.getByRole('button', { name: 'Add 4 simulated devices' }).click();
    await page.getByRole('table', { name: 'Simulated devices' }).waitFor({ timeout: PATIENCE_MS });
    await camera.take('devices-simulated', { small: true });
    await page.getByRole('button', { name: 'Simulate with them' }).click();
    await page.getByRole('region', { name: 'Devices of the cluster' }).waitFor({ timeout: PATIENCE_MS });
    await camera.take('simulate-own');
    await page.getByText('Options: defaults').last().click();
    await camera.take('simulate-options', { tall: true });
    await goTo(page, 'Devices');
    await page.getByRole('button', { name: 'Remove all' }).click();
    await page.getByRole('button', { name: 'Undo' }).waitFor({ timeout: PATIENCE_MS });
    await camera.take('devices-undo', { small: true });
  },

  async run({ page, camera }) {
    await fillExperiment(page, { 'Name of the run': 'Four workers', 'Validation accuracy reaches': '' });
    await startTraining(page);
    await sees(page, /data set .* → /, TRAINING_MS);
    await page.waitForTimeout(15_000);
    await camera.take('run-busy', { small: true, tall: true });
    await page.getByRole('region', { name: 'Workers' }).getByRole('button').first().click();
    await camera.take('run-one-worker');
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Workers end the local iteration').waitFor({ timeout: PATIENCE_MS });
    await camera.take('run-paused');
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await ends(page, 'Interrupted', PATIENCE_MS);
    await camera.take('run-interrupted');
  },

  async ended({ page, camera }) {
    for (const policy of ['BSP', 'Hermes']) {
      await fillExperiment(page, { ...QUICK, 'Name of the run': `${policy} on four workers`, Policy: policy });
      await startTraining(page);
      await ends(page, 'Completed', TRAINING_MS);
    }
    await camera.take('run-completed', { small: true, tall: true });
    await fillExperiment(page, { ...QUICK, 'Name of the run': 'Hermes simulated' });
    await simulateFirst(page, 'hermes-12', { timingOnly: true });
    await ends(page, 'Completed', TRAINING_MS);
    await camera.take('run-simulated');
    await fillExperiment(page, { 'Name of the run': 'Too fast a rate', Policy: 'ASP', 'Learning rate η': '900' });
    await startTraining(page);
    await ends(page, 'The run failed', TRAINING_MS);
    await camera.take('run-failed', { small: true });
    await goTo(page, 'Runs');
    await camera.take('runs', { small: true });
    for (const name of ['Hermes', 'BSP']) await page.getByLabel(`Select ${name} on four workers`).check();
    await page.getByRole('button', { name: 'Compare 2 runs' }).click();
    await page.getByRole('table', { name: 'Comparison' }).waitFor({ timeout: PATIENCE_MS });
    await camera.take('compare', { small: true, tall: true });
  },

  async race({ page, camera }) {
    await goTo(page, 'Simulate');
    await page.getByLabel('Timing only').uncheck();
    await page.getByRole('button', { name: /^Race \d policies/ }).click();
    await page.getByText('Simulating:').waitFor({ timeout: RACE_MS });
    await camera.take('simulate-busy', { small: true });
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('The race was cancelled').waitFor({ timeout: RACE_MS });
    await page.getByLabel('Timing only').check();
    await page.getByRole('button', { name: /^Race \d policies/ }).click();
    await page.getByRole('region', { name: 'Result of the race' }).waitFor({ timeout: RACE_MS });
    await camera.take('simulate-done', { small: true, tall: true });
  },

  async devices({ page, camera }) {
    const why = whyNoTestbed();
    if (why !== undefined) {
      console.log(`not taken: devices-trust, devices-deploying, devices, devices-failed, for ${why.message}`);
      return;
    }
    const bed = await startTestbed({ devices: 4 });
    try {
      await goTo(page, 'Devices');
      const names = ['pi-shelf-1', 'pi-shelf-2', 'old-laptop', 'garage-box'];
      const [one] = bed.devices;
      if (one === undefined) throw new Error('the bed has no device');
      for (const [index, device] of bed.devices.entries())
        await addDevice(page, { ...accessOf(device), name: names[index] ?? device.name });
      await page.getByLabel('Select all').check();
      await page.getByRole('button', { name: /^Deploy to / }).click();
      const [first = ''] = names;
      await askedFingerprint(page, first);
      await camera.take('devices-trust', { small: true });
      for (const name of names) {
        await askedFingerprint(page, name);
        await trustShownKey(page, name);
      }
      await openDevice(page, first);
      await camera.take('devices-deploying', { small: true });
      for (const name of names) await deviceState(page, name, 'ready').waitFor({ timeout: DEPLOY_MS });
      await camera.take('devices', { small: true });
      await addDevice(page, { ...accessOf(one), name: 'attic-box', port: 2222 });
      await page.getByRole('button', { name: 'Deploy to 1 device' }).click();
      await deviceState(page, 'attic-box', 'failed').waitFor({ timeout: DEPLOY_MS });
      await openDevice(page, 'attic-box');
      await camera.take('devices-failed', { small: true });
    } finally {
      await bed.stop();
    }
  },
};

const { values } = parseArgs({ options: { out: { type: 'string' }, only: { type: 'string' } } });
const unable = whyNoBrowser();
if (unable !== undefined) throw new Error(unable);
const others = resolve(values.out ?? join(ROOT, 'dist', 'screenshots'));
const wanted = values.only?.split(',') ?? Object.keys(PARTS);
const home = mkdtempSync(join(tmpdir(), 'caduceus-screenshots-'));
const served = await ServedWindow.start(home);
const browser = await launchChromium();
try {
  const { page, complaints } = await openWindowIn(browser, served.address);
  const camera = new Camera(page, { kept: KEPT, keptIn: join(ROOT, 'docs', 'images'), othersIn: others });
  for (const name of wanted) {
    const part = PARTS[name];
    if (part === undefined) throw new Error(`there is no part ${name}: ${Object.keys(PARTS).join(', ')}`);
    await part({ page, camera }).catch(async (error: unknown) => {
      await page.screenshot({ path: join(others, `stuck-at-${name}.png`) });
      throw error;
    });
  }
  console.log(`${camera.taken.length} pictures`);
  for (const complaint of complaints) console.error(`the window complained: ${complaint}`);
} finally {
  await browser.close();
  await served.stop();
  rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
