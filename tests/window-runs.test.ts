/** Runs and comparisons in the real window: simulations, which end at once, and everything done with them. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { choose, chooseFormats, PATIENCE_MS } from '../scripts/window/person.ts';
import { simulatedRun } from './window-jobs.ts';
import { HAS_CHROMIUM, openWindowSession, type WindowSession } from './window-session.ts';

describe.skipIf(!HAS_CHROMIUM)('runs in the window (needs Chromium)', () => {
  let session: WindowSession;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    session = await openWindowSession();
    await simulatedRun(session.desk, 'Baseline', 'bsp');
    await simulatedRun(session.desk, 'Gated', 'hermes');
    ({ page, complaints } = await session.open('#/runs'));
    page.setDefaultTimeout(PATIENCE_MS);
  }, 180_000);
  afterAll(async () => {
    expect(complaints).toEqual([]);
    await session.close();
  });

  const row = (name: string) => page.getByRole('table', { name: 'Runs' }).getByRole('row').filter({ hasText: name });
  const rows = () => page.getByRole('table', { name: 'Runs' }).getByRole('row');
  const saved = async (menu: string, item: string): Promise<string> => {
    await page.getByRole('main').getByRole('button', { name: menu, exact: true }).click();
    const given = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: item }).click();
    return readFileSync(await (await given).path(), 'utf8');
  };

  test('are listed with how they went, and found by words and by kind', async () => {
    await row('Gated').getByText('completed').waitFor();
    expect(await row('Gated').innerText()).toMatch(/Hermes[\s\S]*%/);
    await page.getByLabel('Filter runs').fill('hermes');
    await row('Baseline').waitFor({ state: 'detached' });
    await page.getByLabel('Filter runs').fill('');
    await page.getByText('On workers', { exact: true }).click();
    await page.getByText('No run has these words.').waitFor();
    await page.getByText('All', { exact: true }).click();
    await row('Baseline').waitFor();
    await page.getByRole('button', { name: 'run', exact: true }).click();
    expect(await rows().nth(1).innerText()).toContain('Baseline');
  });

  test('are renamed', async () => {
    await page.getByRole('button', { name: 'Actions for Gated' }).click();
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    const dialog = page.getByRole('dialog', { name: 'Rename Gated' });
    await dialog.getByLabel('Name').fill('x'.repeat(81));
    await dialog.getByText('80 characters at most.').waitFor();
    await dialog.getByLabel('Name').fill('With a gate');
    await dialog.getByRole('button', { name: 'Rename' }).click();
    await row('With a gate').waitFor();
  });

  test('are deleted with a way back', async () => {
    await page.getByLabel('Select With a gate').check();
    await page.getByRole('button', { name: 'Delete run' }).click();
    await row('With a gate').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await row('With a gate').waitFor();
    expect(await rows().count()).toBe(3);
  });

  test('are compared: a table with speed-ups against the run of one’s choice, curves, and files of it', async () => {
    for (const name of ['Baseline', 'With a gate']) await page.getByLabel(`Select ${name}`).check();
    await page.getByRole('button', { name: 'Compare 2 runs' }).click();
    const table = page.getByRole('table', { name: 'Comparison' });
    await table.waitFor();
    expect(await table.innerText()).toMatch(/\d\.\d\d×/);
    const against = page.getByLabel('Speed-up against');
    const labels = await against.locator('option').allInnerTexts();
    expect(labels).toHaveLength(2);
    const chosen = await against.inputValue();
    const before = await table.innerText();
    await against.selectOption(labels.find((label) => label !== chosen) ?? '');
    await expect.poll(() => table.innerText()).not.toBe(before);
    expect(await page.getByRole('img', { name: /accuracy/i }).count()).toBeGreaterThan(0);

    expect(await saved('Export', 'Table as CSV')).toMatch(/^policy,[^]*^Baseline,/m);
    expect(await saved('Export', 'Table as Markdown')).toMatch(/^\|.*\|\n\| ?-/m);
    expect(await saved('Export', 'Table as LaTeX')).toContain('\\begin{tabular}');
    await choose(page, 'Export', 'Report of these runs…');
    const dialog = await chooseFormats(page, ['HTML']);
    expect(await dialog.getByRole('heading').innerText()).toBe('Report of 2 runs');
    const given = page.waitForEvent('download');
    await dialog.getByRole('button', { name: 'Write report' }).click();
    expect(readFileSync(await (await given).path(), 'utf8')).toContain('With a gate');
    await dialog.getByText('a copy is kept as').waitFor();
    await page.keyboard.press('Escape');
    await table
      .getByRole('button', { name: /hermes|gate/i })
      .first()
      .click();
    await page.getByRole('heading', { level: 1, name: /With a gate/ }).waitFor();
  });
});
