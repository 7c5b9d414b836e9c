/** A run that trains on real workers is steered in the window: held, let go on, given and relieved of workers, its policy changed, ended. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ends, events, sees } from '../scripts/window/person.ts';
import { startedRun } from './window-jobs.ts';
import { HAS_CHROMIUM, openWindowSession, type WindowSession } from './window-session.ts';

const STEP_MS = 120_000;

describe.skipIf(!HAS_CHROMIUM)('a run that is steered (needs Chromium)', { timeout: 480_000 }, () => {
  let session: WindowSession;
  let page: Page;
  let complaints: string[];
  let run: string;

  beforeAll(async () => {
    session = await openWindowSession();
    run = await startedRun(session.desk, 'runs.start', {
      config: {
        ...{ name: 'Steered', policy: 'hermes', validationRows: 200 },
        dataset: { name: 'digits', trainRows: 2000, testRows: 200 },
        // Not more than the host has room for beside the page.
        workers: { local: 2, engine: 'wasm', speeds: [1, 0.2] },
        stop: { maxSeconds: 3600 },
      },
    });
    ({ page, complaints } = await session.open(`#/runs/${run}`));
    page.setDefaultTimeout(STEP_MS);
    await sees(page, 'local-2 joined', STEP_MS);
  }, 240_000);
  afterAll(async () => {
    await session?.close();
  }, 60_000);

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const pushes = async (): Promise<string> =>
    page.locator('.figure', { hasText: 'Pushes' }).locator('.figure-value').innerText();
  const iterations = async (): Promise<number> => {
    const said = await page.locator('.figure', { hasText: 'Pushes' }).innerText();
    return Number((/of ([\d,]+)\siteration/.exec(said)?.[1] ?? '0').replaceAll(',', ''));
  };
  const workers = () => page.getByRole('region', { name: 'Table of workers' });
  const strip = () => page.getByRole('banner', { name: 'State' });

  test('stands still while it is paused, says so on every screen, and goes on', async () => {
    await expect.poll(iterations, { timeout: STEP_MS }).toBeGreaterThan(0);
    await button('Pause').click();
    await page.getByText('Workers end the local iteration').waitFor();
    await strip().getByText('Paused', { exact: true }).waitFor();
    let before = -1;
    // What was under way when it was paused still ends.
    await expect
      .poll(async () => before === (before = await iterations()), { interval: 1500, timeout: STEP_MS })
      .toBe(true);
    expect(await pushes()).not.toBe('');
    await button('Continue').click();
    await strip().getByText('Training', { exact: true }).waitFor();
    await expect.poll(iterations, { timeout: STEP_MS }).toBeGreaterThan(before);
  });

  test('takes in a worker that is added while it trains', async () => {
    await button('Add worker').click();
    const dialog = page.getByRole('dialog', { name: 'Add a worker' });
    await dialog.getByLabel('Speed').fill('50');
    await dialog.getByRole('button', { name: 'Add a local worker' }).click();
    await sees(page, 'local-3 joined', STEP_MS);
    await workers().getByRole('button', { name: 'local-3' }).waitFor();
  });

  test('goes on without a worker that is dropped, after it was asked whether to', async () => {
    await workers().getByRole('button', { name: 'local-1' }).click();
    await button('Drop worker').click();
    const dialog = page.getByRole('dialog', { name: 'Drop local-1 from this run?' });
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Keep it');
    await dialog.getByRole('button', { name: 'Drop local-1' }).click();
    await events(page)
      .filter({ hasText: 'local-1', has: page.getByLabel('Left') })
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Look at all workers' }).click();
    const before = await iterations();
    await expect.poll(iterations, { timeout: STEP_MS }).toBeGreaterThan(before);
  });

  test('changes what its policy allows, and refuses what cannot be', async () => {
    await button('Options').click();
    const dialog = page.getByRole('dialog', { name: 'Hermes: options' });
    const alpha = dialog.getByLabel('alpha', { exact: true });
    // What a run cannot change is shown, not offered.
    await dialog.getByText('Fixed since the start').waitFor();
    expect(await dialog.getByLabel('epochs', { exact: true }).count()).toBe(0);
    await alpha.fill('-99');
    await dialog
      .getByText(/from -10 to 10/)
      .first()
      .waitFor();
    expect(await dialog.getByRole('button', { name: 'Change one option' }).isDisabled()).toBe(true);
    await alpha.fill('-0.7');
    await dialog.getByRole('button', { name: 'Change one option' }).click();
    await dialog.waitFor({ state: 'detached' });
    await events(page)
      .filter({ has: page.getByLabel('Options changed') })
      .first()
      .waitFor();
    expect(
      await events(page)
        .filter({ has: page.getByLabel('Options changed') })
        .first()
        .innerText(),
    ).toContain('-0.7');
  });

  test('is stopped with a checkpoint, and taken up again from it', async () => {
    await button('Stop').click();
    await button('Stop now').click();
    await ends(page, 'Interrupted', STEP_MS);
    await page.getByRole('button', { name: 'Resume from its checkpoint' }).first().click();
    await button('Pause').waitFor();
    await strip().getByText('Training', { exact: true }).waitFor();
  });

  test('is finished where it is: its model is judged, and it can be compared', async () => {
    await button('Stop').click();
    await button('Keep training').click();
    await button('Stop').click();
    await button('Finish now').click();
    await ends(page, 'Completed', STEP_MS);
    await page.getByText('was finished by its user').waitFor();
    expect((await session.desk.calls['comparisons.ofRuns']({ runs: [run] })).rows).toMatchObject([{ run }]);
    expect(complaints).toEqual([]);
  });
});
