/** The window over a data directory in which everything has happened: for what must hold of full screens. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Desk } from '../main/control-plane/desk/desk.ts';
import { keepStory } from '../main/control-plane/kept-story.fixture.ts';
import { createDesk } from '../main/control-plane.ts';
import { syntheticStory } from '../main/report/synthetic-run.fixture.ts';
import { choose, goTo, openDevice, openPalette, PATIENCE_MS } from '../scripts/window/person.ts';
import { type SshDevice, startDevice } from './ssh-device.ts';
import { simulatedRun, startedRun, until } from './window-jobs.ts';
import { openWindowSession, type WindowSession } from './window-session.ts';

const DIGITS = { name: 'digits', trainRows: 2000, testRows: 200 };

export interface FilledWindow {
  session: WindowSession;
  desk: Desk;
  /** Trains on. */
  busy: string;
  /** A run that has diverged. */
  failed: string;
  /** Two simulated runs that have completed. */
  ended: readonly string[];
  close(): Promise<void>;
}

export async function openFilledWindow(): Promise<FilledWindow> {
  const home = mkdtempSync(join(tmpdir(), 'caduceus-filled-'));
  const devices: SshDevice[] = [];
  const failed = keepFailedRun(home);
  const capabilities = { choosesPaths: false, keepsSecrets: false };
  const desk = createDesk({ ...process.env, CADUCEUS_HOME: home }, { host: 'browser', capabilities });
  const session = await openWindowSession({ desk });
  const close = async (): Promise<void> => {
    await session.close();
    for (const device of devices) await device.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    devices.push(await startDevice(), await startDevice());
    await addDevices(desk, devices);
    const ended: string[] = [];
    for (const policy of ['bsp', 'hermes']) ended.push(await simulatedRun(desk, `${policy} on twelve`, policy));
    const busy = await startedRun(desk, 'runs.start', {
      config: {
        ...{ name: 'Two unequal workers', policy: 'hermes', dataset: DIGITS, validationRows: 200 },
        // Slow ones: the host is to have time for the browser.
        ...{ workers: { local: 2, engine: 'wasm', speeds: [0.2, 0.05] }, stop: { maxSeconds: 3600 } },
      },
    });
    return { session, desk, busy, failed, ended, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** When a run diverges is chance: this one is made up. */
function keepFailedRun(home: string): string {
  const story = syntheticStory({ policy: 'asp', status: 'failed', lost: 'nuc' });
  const error = {
    code: 'CAD-DIVERGED',
    message: 'The model stopped being finite; try a smaller learning rate',
    remedy: 'Start again with a smaller learning rate (--learning-rate).',
  } as const;
  return keepStory(home, { ...story, run: { ...story.run, name: 'Too fast a rate', error } });
}

/** Ready, failed, waiting for an answer, not deployed to. */
async function addDevices(desk: Desk, [first, second]: readonly SshDevice[]): Promise<void> {
  if (first === undefined || second === undefined) throw new RangeError('two devices are needed');
  const way = ({ sshd }: SshDevice) => ({
    address: '127.0.0.1',
    port: sshd.port,
    user: 'worker',
    keyFile: sshd.keyFile,
  });
  await desk.calls['devices.add']({
    devices: [
      { ...way(first), name: 'bench-pi', tags: ['shelf'] },
      { ...way(second), name: 'cellar' },
      { address: '127.0.0.1', port: 1, name: 'attic-box', tags: ['shelf'] },
      { address: 'laptop.example', user: 'somebody', name: 'laptop' },
    ],
  });
  await desk.calls['devices.deploy']({ devices: ['bench-pi'], acceptNew: true });
  await desk.calls['devices.deploy']({ devices: ['attic-box', 'cellar'] });
  const states = { 'bench-pi': 'ready', 'attic-box': 'failed', cellar: 'needs-you' };
  for (const [name, state] of Object.entries(states)) {
    await until(`${name} is ${state}`, async () =>
      (await desk.calls['devices.list']({})).some((device) => device.name === name && device.state === state),
    );
  }
}

/** A question is taken back when nobody answers it for long. */
async function ask(desk: Desk, name: string): Promise<void> {
  const isAsked = async () =>
    (await desk.calls['devices.list']({})).some((device) => device.name === name && device.state === 'needs-you');
  if (await isAsked()) return;
  await desk.calls['devices.deploy']({ devices: [name] });
  await until(`${name} asks`, isAsked);
}

export interface View {
  name: string;
  show(page: Page, filled: FilledWindow): Promise<void>;
  /** Whether something lies over the screen that Escape takes away. */
  closes?: boolean;
}

async function at(page: Page, hash: string, proof: string | RegExp): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
  await page.getByRole('main').getByText(proof).first().waitFor({ timeout: PATIENCE_MS });
}

async function dialogIn(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole('dialog', { name }).waitFor({ timeout: PATIENCE_MS });
}

/** Every screen with something in it, and everything that opens over one. */
export const VIEWS: readonly View[] = [
  { name: 'devices', show: (page) => at(page, '#/devices', 'attic-box') },
  {
    name: 'a ready device',
    async show(page) {
      await at(page, '#/devices', 'bench-pi');
      const panel = await openDevice(page, 'bench-pi');
      await panel.getByRole('tab', { name: 'Facts' }).click();
      await panel.getByText('samples/s').first().waitFor();
    },
  },
  {
    name: 'a failed device with its steps',
    async show(page) {
      await at(page, '#/devices', 'attic-box');
      await (await openDevice(page, 'attic-box')).getByText('CAD-SSH-REACH').waitFor();
    },
  },
  {
    name: 'the question whether to trust',
    async show(page, { desk }) {
      await ask(desk, 'cellar');
      await at(page, '#/devices', 'cellar');
      await (await openDevice(page, 'cellar')).getByRole('button', { name: 'Trust this key' }).waitFor();
    },
  },
  {
    name: 'devices selected',
    async show(page) {
      await at(page, '#/devices', 'attic-box');
      await page.getByLabel('Select all').check();
      await page.getByRole('toolbar').waitFor();
    },
  },
  {
    name: 'the dialog that adds a device',
    closes: true,
    async show(page) {
      await at(page, '#/devices', 'attic-box');
      await choose(page, 'Add devices', 'By address');
      await dialogIn(page, 'Add a device by address');
      await page.getByText('Key, jump hosts, folder and limits').click();
      await page.getByRole('button', { name: 'Add device', exact: true }).click();
      await page.getByText('A host name or an address is needed.').waitFor();
    },
  },
  {
    name: 'the dialog that uninstalls',
    closes: true,
    async show(page) {
      await at(page, '#/devices', 'bench-pi');
      await page.getByLabel('Select bench-pi').check();
      await page.getByRole('toolbar').getByRole('button', { name: 'Uninstall…' }).click();
      await dialogIn(page, /Uninstall/);
    },
  },
  {
    name: 'the palette',
    closes: true,
    async show(page) {
      await at(page, '#/devices', 'attic-box');
      await (await openPalette(page)).getByRole('combobox').fill('a');
    },
  },
  {
    name: 'an experiment',
    async show(page) {
      await at(page, '#/experiment', 'Ready to start');
      await page
        .getByRole('img', { name: /^Row \d+, class \d$/ })
        .first()
        .waitFor({ timeout: PATIENCE_MS });
    },
  },
  {
    name: 'an experiment with errors',
    async show(page) {
      await at(page, '#/experiment', 'What it would be');
      await page.getByRole('combobox', { name: 'Model', exact: true }).selectOption('custom');
      await page.getByLabel('Mini-batch', { exact: true }).fill('a few');
      await page.getByLabel('Momentum', { exact: true }).fill('2');
      await page.getByText('at most 0.9999').first().waitFor({ timeout: PATIENCE_MS });
    },
  },
  { name: 'the runs', show: (page) => at(page, '#/runs', 'Too fast a rate') },
  {
    name: 'runs selected',
    async show(page, { ended }) {
      await at(page, '#/runs', 'Too fast a rate');
      for (const policy of ['bsp', 'hermes']) await page.getByLabel(`Select ${policy} on twelve`).check();
      await page.getByRole('button', { name: `Compare ${ended.length} runs` }).waitFor();
    },
  },
  {
    name: 'the dialog of reports',
    closes: true,
    async show(page, { ended }) {
      await at(page, `#/runs/${ended[1] ?? ''}`, 'Completed');
      await page.getByRole('main').getByRole('button', { name: 'Report', exact: true }).click();
      await dialogIn(page, 'Report of');
    },
  },
  {
    name: 'a run that trains',
    async show(page, { busy }) {
      await at(page, `#/runs/${busy}`, 'Where the time goes');
      await page.getByRole('row', { name: /local-2/ }).waitFor({ timeout: PATIENCE_MS });
    },
  },
  {
    name: 'a run that trains, one worker looked at',
    async show(page, { busy }) {
      await at(page, `#/runs/${busy}`, 'Where the time goes');
      const worker = page.getByRole('region', { name: 'Table of workers' }).getByRole('button').first();
      await worker.waitFor({ timeout: PATIENCE_MS });
      if ((await worker.getAttribute('aria-pressed')) !== 'true') await worker.click();
    },
  },
  {
    name: 'the dialog that adds a worker',
    closes: true,
    async show(page, { busy }) {
      await at(page, `#/runs/${busy}`, 'Where the time goes');
      await page.getByRole('button', { name: 'Add worker' }).click();
      await dialogIn(page, 'Add a worker');
    },
  },
  {
    name: 'the dialog of the policy’s options',
    closes: true,
    async show(page, { busy }) {
      await at(page, `#/runs/${busy}`, 'Where the time goes');
      await page.getByRole('button', { name: 'Options', exact: true }).click();
      await dialogIn(page, /options$/);
    },
  },
  { name: 'a run that has failed', show: (page, { failed }) => at(page, `#/runs/${failed}`, 'The run failed') },
  { name: 'a run that has completed', show: (page, { ended }) => at(page, `#/runs/${ended[0] ?? ''}`, 'Completed') },
  {
    name: 'a comparison',
    async show(page, { ended }) {
      await at(page, `#/compare?runs=${ended.join(',')}`, 'Side by side');
      await page.getByRole('table', { name: 'Comparison' }).waitFor();
    },
  },
  {
    name: 'a race and its result',
    async show(page) {
      await goTo(page, 'Simulate');
      const result = page.getByRole('region', { name: 'Result of the race' });
      if (await result.isVisible()) return;
      await page.getByLabel('Timing only').check();
      await page.getByRole('button', { name: /^Race \d+ policies/ }).click();
      await result.waitFor({ timeout: 3 * PATIENCE_MS });
    },
  },
  { name: 'settings', show: (page) => at(page, '#/settings', 'Diagnostics') },
];
