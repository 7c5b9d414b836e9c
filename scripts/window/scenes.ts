/** What `npm run screenshots` shows: every screen empty, busy, done and failed, on workers of this machine and simulated. */
import type { Page } from 'playwright-core';
import type { Camera } from './camera.ts';
import {
  askForReport,
  choose,
  ends,
  fillExperiment,
  goTo,
  openPalette,
  PATIENCE_MS,
  sees,
  simulateFirst,
  startTraining,
} from './person.ts';
import type { ServedWindow } from './served-window.ts';

export interface Stage {
  page: Page;
  camera: Camera;
  served: ServedWindow;
}

export type Scene = (stage: Stage) => Promise<void>;

/** Slow enough that a curve is one. */
const SLOW = { 'Learning rate η': '0.01', 'Validation accuracy reaches': '', 'Evaluate at most every': '250' };
/** Ends by itself, after a curve. */
const RACED = { 'Learning rate η': '0.03', 'Validation accuracy reaches': '0.9', 'Time has passed': '90' };
const TRAINING_MS = 300_000;
const RACE_MS = 180_000;

const empty: Scene = async ({ page, camera }) => {
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
};

const experiment: Scene = async ({ page, camera }) => {
  await goTo(page, 'Experiment');
  await page.getByText('Ready to start').waitFor({ timeout: PATIENCE_MS });
  await page.getByText('Who gets which rows').waitFor({ timeout: PATIENCE_MS });
  await camera.take('experiment', { small: true, tall: true });
  await page.getByRole('combobox', { name: 'Model', exact: true }).selectOption('custom');
  await page.getByRole('textbox', { name: 'Layer 2, Dense: units' }).waitFor();
  await page.getByRole('combobox', { name: 'Model', exact: true }).scrollIntoViewIfNeeded();
  await camera.take('experiment-layers');
  await page.getByRole('combobox', { name: 'Model', exact: true }).selectOption('mlp-109k');
  await page.getByLabel('Mini-batch', { exact: true }).fill('a few');
  await page.getByRole('img', { name: 'Error' }).first().waitFor({ timeout: PATIENCE_MS });
  await camera.take('experiment-error');
  await page.getByLabel('Mini-batch', { exact: true }).fill('');
  await page.getByRole('button', { name: 'Simulate first' }).click();
  await page.getByRole('dialog', { name: 'Simulate first' }).waitFor();
  await camera.take('simulate-first', { small: true });
  await page.keyboard.press('Escape');
};

const simulated: Scene = async ({ page, camera }) => {
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
};

/** A run from its first second to its last worker. */
const run: Scene = async ({ page, camera, served }) => {
  await fillExperiment(page, { ...SLOW, 'Name of the run': 'Four workers' });
  await startTraining(page);
  await camera.take('run-starting');
  await sees(page, /data set .* → /, TRAINING_MS);
  await page.waitForTimeout(45_000);
  await camera.take('run-busy', { small: true, tall: true });
  const workers = page.getByRole('region', { name: 'Workers', exact: true });
  await workers.getByRole('button').first().click();
  await camera.take('run-one-worker', { small: true, tall: true });
  await workers.getByRole('button', { name: 'Drop worker' }).click();
  await camera.take('run-drop', { small: true });
  await page.keyboard.press('Escape');
  await workers.getByRole('button', { name: 'Look at all workers' }).click();
  await page.getByRole('button', { name: 'Options' }).click();
  await camera.take('run-options', { small: true });
  await page.keyboard.press('Escape');
  const report = await askForReport(page, ['HTML', 'CSV']);
  await camera.take('run-report', { small: true });
  await report.getByRole('button', { name: 'Write report' }).click();
  await report.getByText('a copy is kept as').waitFor({ timeout: PATIENCE_MS });
  await camera.take('run-report-written', { small: true });
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('Workers end the local iteration').waitFor({ timeout: PATIENCE_MS });
  await camera.take('run-paused', { small: true });
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Pause' }).waitFor({ timeout: PATIENCE_MS });
  const [victim] = served.agents();
  if (victim !== undefined) process.kill(victim, 'SIGKILL');
  await sees(page, /lost|failed/i, TRAINING_MS);
  await page.waitForTimeout(8000);
  await camera.take('run-lost', { small: true });
  for (const agent of served.agents()) process.kill(agent, 'SIGKILL');
  await ends(page, 'The run failed', TRAINING_MS);
  await camera.take('run-failed', { small: true, tall: true });
};

/** Four policies on the same workers, one after the other; then side by side. */
const ended: Scene = async ({ page, camera }) => {
  const policies = ['BSP', 'SSP', 'ADSP', 'Hermes'];
  for (const policy of policies) {
    await fillExperiment(page, { ...RACED, 'Name of the run': `${policy} on four workers`, Policy: policy });
    await startTraining(page);
    await ends(page, 'Completed', TRAINING_MS);
  }
  await camera.take('run-completed', { small: true, tall: true });
  await fillExperiment(page, { ...RACED, 'Name of the run': 'Hermes simulated' });
  await simulateFirst(page, 'hermes-12', { timingOnly: true });
  await ends(page, 'Completed', TRAINING_MS);
  await camera.take('run-simulated', { tall: true });
  await fillExperiment(page, { ...RACED, 'Name of the run': 'Stopped early', 'Validation accuracy reaches': '' });
  await startTraining(page);
  await sees(page, /joined/, TRAINING_MS);
  await page.waitForTimeout(5000);
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await camera.take('run-stop', { small: true });
  await page.getByRole('button', { name: 'Stop now' }).click();
  await ends(page, 'Interrupted', PATIENCE_MS);
  await camera.take('run-interrupted', { small: true });
  await goTo(page, 'Runs');
  await camera.take('runs', { small: true });
  for (const policy of policies) await page.getByLabel(`Select ${policy} on four workers`).check();
  await camera.take('runs-selected');
  await page.getByRole('button', { name: `Compare ${policies.length} runs` }).click();
  await page.getByRole('table', { name: 'Comparison' }).waitFor({ timeout: PATIENCE_MS });
  await camera.take('compare', { small: true, tall: true });
  await choose(page, 'Export', 'Table as CSV');
};

const race: Scene = async ({ page, camera }) => {
  await goTo(page, 'Simulate');
  await page.getByLabel('Timing only').uncheck();
  await page.getByRole('button', { name: /^Race \d policies/ }).click();
  await page.getByText('Simulating:').waitFor({ timeout: RACE_MS });
  await page.waitForTimeout(20_000);
  await camera.take('simulate-busy', { small: true });
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('The race was cancelled').waitFor({ timeout: RACE_MS });
  await camera.take('simulate-cancelled');
  await page.getByLabel('Timing only').check();
  await page.getByRole('button', { name: /^Race \d policies/ }).click();
  await page.getByRole('region', { name: 'Result of the race' }).waitFor({ timeout: RACE_MS });
  await camera.take('simulate-done', { small: true, tall: true });
};

/** The last one: the program behind the window ends. */
const lost: Scene = async ({ page, camera, served }) => {
  await goTo(page, 'Runs');
  await served.stop();
  await page.getByText(/Connection lost|Not connected/).waitFor({ timeout: PATIENCE_MS });
  await camera.take('connection-lost', { small: true });
};

export const SCENES = { empty, experiment, simulated, run, ended, race } as const;
export const LAST_SCENES = { lost } as const;
