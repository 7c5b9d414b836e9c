/** Devices of the test bed, over SSH: asked about, deployed to, trained on, failing. */
import { accessOf } from '../testbed/access-files.ts';
import { startTestbed, whyNoTestbed } from '../testbed/testbed.ts';
import {
  addDevice,
  askedFingerprint,
  deviceState,
  ends,
  fillExperiment,
  goTo,
  openDevice,
  sees,
  startTraining,
  trustShownKey,
} from './person.ts';
import type { Scene } from './scenes.ts';

const DEPLOY_MS = 300_000;
const TRAINING_MS = 300_000;
/** In the order of the preset's speeds. */
const NAMES = ['pi-shelf', 'pi-attic', 'old-laptop', 'garage-nuc'];
const UNEQUAL = 'hermes-6';
/** Of all devices together: so few that what else runs here does not make them equal. */
const CORES = 1;

export const devices: Scene = async ({ page, camera }) => {
  const why = whyNoTestbed();
  if (why !== undefined) {
    console.log(`not taken: devices-*, run-devices-*, for ${why.message}`);
    return;
  }
  const bed = await startTestbed({ devices: NAMES.length, preset: UNEQUAL, cores: CORES });
  try {
    await goTo(page, 'Devices');
    const [one] = bed.devices;
    if (one === undefined) throw new Error('the bed has no device');
    await page.getByRole('button', { name: 'Add a device by address' }).click();
    await camera.take('devices-add', { small: true });
    await page.keyboard.press('Escape');
    for (const [index, device] of bed.devices.entries())
      await addDevice(page, { ...accessOf(device), name: NAMES[index] ?? device.name });
    await camera.take('devices-added');
    await page.getByLabel('Select all').check();
    await page.getByRole('button', { name: /^Deploy to / }).click();
    const [first = ''] = NAMES;
    await askedFingerprint(page, first);
    await camera.take('devices-trust', { small: true });
    for (const name of NAMES) {
      await askedFingerprint(page, name);
      await trustShownKey(page, name);
    }
    await openDevice(page, first);
    await page.waitForTimeout(6000);
    await camera.take('devices-deploying', { small: true });
    for (const name of NAMES) await deviceState(page, name, 'ready').waitFor({ timeout: DEPLOY_MS });
    await camera.take('devices', { small: true });
    const panel = await openDevice(page, first);
    await panel.getByRole('tab', { name: 'Facts' }).click();
    await camera.take('devices-facts');
    await panel.getByRole('button', { name: 'Close the panel' }).click();
    await camera.take('devices-table', { small: true });

    await fillExperiment(page, {
      'Name of the run': 'Shelf of four',
      'On this computer': '0',
      'Their relative speeds': '',
      'Learning rate η': '0.01',
      'Validation accuracy reaches': '',
      Devices: NAMES.join(),
    });
    await camera.take('experiment-devices', { tall: true });
    await startTraining(page);
    for (const name of NAMES) await sees(page, `${name} joined`, TRAINING_MS);
    await sees(page, /data set .* → /, TRAINING_MS);
    await page.waitForTimeout(60_000);
    await camera.take('run', { small: true, tall: true });
    await goTo(page, 'Devices');
    await camera.take('devices-training');
    await page.goBack();
    await one.root(['pkill', '-KILL', '-u', String(one.plan.uid), '-f', 'agent.cjs']);
    await sees(page, /lost|failed/i, TRAINING_MS);
    await page.waitForTimeout(5000);
    await camera.take('run-device-lost', { small: true });
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByRole('button', { name: 'Stop now' }).click();
    await ends(page, 'Interrupted', TRAINING_MS);

    await goTo(page, 'Devices');
    await addDevice(page, { ...accessOf(one), name: 'cellar-box', port: 2222 });
    await page.getByRole('button', { name: 'Deploy to 1 device' }).click();
    await deviceState(page, 'cellar-box', 'failed').waitFor({ timeout: DEPLOY_MS });
    await openDevice(page, 'cellar-box');
    await camera.take('devices-failed', { small: true });
  } finally {
    await bed.stop();
  }
};
