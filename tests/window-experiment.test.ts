/** Putting an experiment together in the real window: checked as it is typed, by the real control plane. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import type { CallHandlers } from '../main/control-plane/bridge-host.ts';
import { HAS_CHROMIUM, openWindowSession, type WindowSession } from './window-session.ts';

const PATIENT = { timeout: 20_000 };

describe.skipIf(!HAS_CHROMIUM)('an experiment (needs Chromium)', () => {
  let session: WindowSession;
  let page: Page;
  beforeAll(async () => {
    session = await openWindowSession();
  }, 120_000);
  beforeEach(async () => {
    ({ page } = await session.open('#/experiment'));
    await page.getByText('Ready to start').waitFor();
    return () => page.context().close();
  });
  afterAll(() => session.close());

  const field = (name: string | RegExp) => page.getByRole('textbox', { name, exact: typeof name === 'string' });
  const start = () => page.getByRole('button', { name: 'Start training' });

  it('names the field that is wrong, with its range, and does not start before it is right', async () => {
    await field('Momentum').fill('2');
    await page.getByText('at most 0.9999').first().waitFor();
    expect(await field('Momentum').getAttribute('aria-invalid')).toBe('true');
    await expect.poll(() => start().isDisabled(), PATIENT).toBe(true);
    await field('Momentum').fill('0.5');
    await page.getByText('Ready to start').waitFor();
    expect(await start().isEnabled()).toBe(true);
    // Two things are wrong with such a number: it is one mistake, and it goes when it is mended.
    await field('Seed').fill('1e99');
    await page.getByText('1 setting to mend').waitFor();
    await page.getByText('Its rows are shown once Seed is right.').waitFor();
    expect(await page.locator('.issues li').filter({ hasText: 'Seed' }).count()).toBe(1);
    await field('Seed').fill('7');
    await page.getByText('drawn with seed 7').waitFor();
    await page.getByText('Ready to start').waitFor();
    expect(await page.locator('.issues').getByText('Seed').count()).toBe(0);
  });

  it('says nothing of settings that are still being checked, and starts none of them', async () => {
    const calls = session.desk.calls as { -readonly [Name in keyof CallHandlers]: CallHandlers[Name] };
    const validate = calls['experiment.validate'];
    let answer = (): void => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    calls['experiment.validate'] = async (draft) => {
      await held;
      return validate(draft);
    };
    try {
      await field('Momentum').fill('2');
      await page.getByText('Checking…').waitFor();
      expect(await page.getByText('Ready to start').count()).toBe(0);
      // The button does not come and go with every keystroke; what it does waits for the answer.
      expect(await start().isEnabled()).toBe(true);
      await start().click();
      await start().and(page.locator('[aria-busy=true]')).waitFor();
      answer();
      await page.getByText('Not started: see what the check says.').waitFor();
      await page.getByText('1 setting to mend').waitFor();
      await expect.poll(() => start().isDisabled(), PATIENT).toBe(true);
      expect(await calls['runs.list']({ limit: 1 })).toMatchObject({ runs: [] });
    } finally {
      answer();
      calls['experiment.validate'] = validate;
    }
  });

  it('makes the form of a policy from its schema, with its formula and source', async () => {
    await page.getByRole('combobox', { name: 'Policy' }).selectOption({ label: 'SSP' });
    await page.getByText('Ho et al., NIPS 2013').waitFor();
    await page.getByRole('combobox', { name: 'Policy' }).selectOption({ label: 'Hermes' });
    await field(/^alpha/).fill('-99');
    await page
      .getByText(/from -10 to 10/)
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Back to defaults' }).click();
    await page.getByText('Ready to start').waitFor();
    expect(await field(/^alpha/).inputValue()).toBe('');
  });

  it('shows the data set and who would get which rows', async () => {
    const pictures = page.getByRole('img', { name: /^Row \d+, class \d$/ });
    await pictures.first().waitFor({ timeout: 40_000 });
    expect(await pictures.count()).toBe(20);
    expect(await page.getByRole('row', { name: /^local-\d/ }).count()).toBe(4);
  });

  it('builds a model layer by layer, with shapes and counts, and says where it does not fit', async () => {
    await page.getByRole('combobox', { name: 'Model', exact: true }).selectOption('custom');
    await page.getByRole('textbox', { name: 'Layer 2, Dense: units' }).fill('32');
    await page.getByText('25,120').waitFor();
    await page.getByRole('button', { name: 'Remove: Layer 1, Flatten' }).click();
    await page
      .getByText(/put flatten before it/i)
      .first()
      .waitFor();
    // The model says so before the settings as a whole have been checked.
    await expect.poll(() => start().isDisabled(), PATIENT).toBe(true);
  });

  it('is saved as JSON and opened from it', async () => {
    await field('Mini-batch').fill('64');
    const allocation = page.getByRole('combobox', { name: 'Rows are shared out' });
    await allocation.selectOption({ label: 'uniform' });
    await page.getByText('What Hermes brings, dual binary search, is off').waitFor();
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'File' }).click();
    await page.getByRole('menuitem', { name: 'Save as JSON' }).click();
    const saved = JSON.parse(readFileSync(await (await saving).path(), 'utf8')) as Record<string, unknown>;
    expect(saved).toMatchObject({ policy: 'hermes', batch: 64, allocation: 'uniform' });

    const choosing = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'File' }).click();
    await page.getByRole('menuitem', { name: 'Open a JSON file…' }).click();
    const text = JSON.stringify({ ...saved, policy: 'bsp', options: {}, batch: 8, allocation: 'proportional' });
    await (await choosing).setFiles({ name: 'mine.json', mimeType: 'application/json', buffer: Buffer.from(text) });
    await page.getByText('mine.json opened.').waitFor();
    expect(await field('Mini-batch').inputValue()).toBe('8');
    expect(await allocation.inputValue()).toBe('proportional');
    await page.getByRole('button', { name: 'Undo' }).click();
    expect(await field('Mini-batch').inputValue()).toBe('64');
  });

  it('is kept by the control plane, and found again', async () => {
    await page.getByRole('button', { name: 'File' }).click();
    await page.getByRole('menuitem', { name: 'Save…' }).click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Baseline');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Baseline saved.').waitFor();
    await page.getByRole('button', { name: 'File' }).click();
    await page.getByRole('menuitem', { name: 'Open…', exact: true }).click();
    await page.getByRole('button', { name: /^Baseline/ }).waitFor();
    await page.keyboard.press('Escape');
  });
});
