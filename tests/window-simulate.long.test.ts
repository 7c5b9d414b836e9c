/** A race of policies on a cluster of one's own, in the real window. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { goTo, PATIENCE_MS } from '../scripts/window/person.ts';
import { HAS_CHROMIUM, openWindowSession, type WindowSession } from './window-session.ts';

describe.skipIf(!HAS_CHROMIUM)('a cluster in the window (needs Chromium)', () => {
  let session: WindowSession;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    session = await openWindowSession();
    ({ page, complaints } = await session.open('#/simulate'));
    page.setDefaultTimeout(PATIENCE_MS);
  }, 180_000);
  afterAll(async () => {
    await session.close();
    expect(complaints).toEqual([]);
  });

  const saved = async (menu: string, item: string): Promise<string> => {
    await page.getByRole('main').getByRole('button', { name: menu, exact: true }).click();
    const given = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: item }).click();
    return readFileSync(await (await given).path(), 'utf8');
  };

  test('is changed, raced on, cancelled, and raced on to the end', async () => {
    await goTo(page, 'Simulate');
    const cluster = page.getByRole('region', { name: 'Devices of the cluster' });
    const speed = cluster.getByRole('slider', { name: /^Speed of/ }).first();
    const before = await speed.getAttribute('aria-valuetext');
    await speed.focus();
    for (let step = 0; step < 10; step++) await page.keyboard.press('ArrowRight');
    expect(await speed.getAttribute('aria-valuetext')).not.toBe(before);
    expect(await page.getByLabel('Cluster', { exact: true }).inputValue()).toBe('');

    const upload = cluster.getByRole('textbox', { name: /^Upload of .+, as a figure$/ }).first();
    await upload.fill('25M');
    await upload.press('Enter');
    expect(await upload.inputValue()).toMatch(/^25\sMbit\/s$/);
    expect(
      await cluster
        .getByRole('slider', { name: /^Upload of/ })
        .first()
        .getAttribute('aria-valuetext'),
    ).toMatch(/^25\sMbit\/s$/);
    await upload.fill('fast');
    await upload.press('Tab');
    expect(await upload.inputValue()).toMatch(/^25\sMbit\/s$/);

    await page.getByLabel('Timing only').uncheck();
    await page.getByRole('button', { name: /^Race \d+ policies/ }).click();
    await page.getByRole('region', { name: 'Racing' }).getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('The race was cancelled').waitFor();

    await page.getByLabel('Timing only').check();
    await page.getByLabel('Seeds').fill('1');
    await page.getByRole('button', { name: /^Race \d+ policies/ }).click();
    const result = page.getByRole('region', { name: 'Result of the race' });
    await result.waitFor();
    const said = await result.getByRole('table', { name: 'Comparison' }).innerText();
    expect(said).toContain('fastest device alone');
    expect(said).toMatch(/\d+\.\d\d×/);
    expect(await saved('Export', 'Table as CSV')).toMatch(/solo/);
  }, 240_000);
});
