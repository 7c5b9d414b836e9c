/** The dialog of reports in the real window: what it starts from, what it hands over, where that is, and how it is left. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tabTo } from '../scripts/window/keyboard.ts';
import { askForReport, openPalette, PATIENCE_MS } from '../scripts/window/person.ts';
import { simulatedRun } from './window-jobs.ts';
import { axeViolations, HAS_CHROMIUM, openWindowSession, stillness, type WindowSession } from './window-session.ts';

const PATIENT = { timeout: PATIENCE_MS };

describe.skipIf(!HAS_CHROMIUM)('the dialog of reports (needs Chromium)', () => {
  let session: WindowSession;
  let run: string;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    session = await openWindowSession();
    run = await simulatedRun(session.desk, 'Reported', 'hermes');
    ({ page, complaints } = await session.open(`#/runs/${run}`, { bypassCSP: true }));
    page.setDefaultTimeout(PATIENCE_MS);
    await button().waitFor();
  }, 180_000);
  afterAll(async () => {
    expect(complaints).toEqual([]);
    await session.close();
  });

  const button = (): Locator => page.getByRole('main').getByRole('button', { name: 'Report', exact: true });
  const dialog = (): Locator => page.getByRole('dialog', { name: 'Report of Reported' });
  const hosts = (): Locator => dialog().getByLabel('Names and addresses of hosts');
  const chosen = async (): Promise<string[]> => {
    const boxes = await dialog().getByRole('group', { name: 'Formats' }).getByRole('checkbox', { checked: true }).all();
    return Promise.all(
      boxes.map((box) =>
        box.evaluate((element: { labels: { textContent: string }[] }) => element.labels[0]?.textContent ?? ''),
      ),
    );
  };
  const written = async (): Promise<{ name: string; path: string }> => {
    const given = page.waitForEvent('download');
    await dialog().getByRole('button', { name: 'Write report' }).click();
    const download = await given;
    await dialog().getByText('a copy is kept as').waitFor();
    return { name: download.suggestedFilename(), path: await download.path() };
  };
  const leave = async (): Promise<void> => {
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
  };

  test('starts from the settings, formats and hosts, and leaves them as they are', async () => {
    await session.desk.calls['settings.update']({ change: { reportFormats: ['md', 'json'], reportHosts: true } });
    await expect
      .poll(async () => {
        await button().click();
        const found = [await chosen(), await hosts().isChecked()];
        await leave();
        return found;
      }, PATIENT)
      .toEqual([['JSON', 'Markdown'], true]);
    await session.desk.calls['settings.update']({ change: { reportFormats: ['html'], reportHosts: false } });
    await button().click();
    await hosts().check();
    await leave();
    expect((await session.desk.calls['settings.get']({})).settings.reportHosts).toBe(false);
  });

  test('hands over one file, says where it is, and that it stays', async () => {
    await askForReport(page, ['Markdown']);
    await dialog().getByText('It comes as one file.').waitFor();
    const { name, path } = await written();
    expect(name).toBe(`report-${run}.md`);
    expect(readFileSync(path, 'utf8')).toContain(run);
    const text = await dialog().getByRole('status').innerText();
    expect(text).toContain(join(session.desk.home, 'exports', `report-${run}.md`));
    expect(text).toContain('It stays there when the run is deleted.');
    await leave();
  });

  test('hands over one ZIP where there is more than a file, CSV and two formats alike', async () => {
    for (const formats of [['CSV'], ['HTML', 'JSON']]) {
      await askForReport(page, formats);
      await dialog().getByText('They come together, as one ZIP file.').waitFor();
      const downloads: string[] = [];
      page.on('download', (given) => downloads.push(given.suggestedFilename()));
      const { name, path } = await written();
      page.removeAllListeners('download');
      expect(name).toMatch(/^report-.*\.zip$/);
      expect(downloads).toEqual([name]);
      // Names stand in a ZIP as they are.
      expect(readFileSync(path).toString('latin1')).toContain(
        formats[0] === 'CSV' ? `report-${run}-csv/devices.csv` : `report-${run}.json`,
      );
      await leave();
    }
  });

  test('cannot be sent without a format, and can be asked again after it was written', async () => {
    await askForReport(page, []);
    await dialog().getByText('Choose a format at least.').waitFor();
    expect(await dialog().getByRole('button', { name: 'Write report' }).isDisabled()).toBe(true);
    await dialog().getByLabel('LaTeX').check();
    await written();
    await dialog().getByRole('button', { name: 'Write another' }).click();
    expect(await chosen()).toEqual(['LaTeX']);
    await leave();
  });

  test('can be cancelled, and then nothing is handed over', async () => {
    const before = readdirSync(join(session.desk.home, 'exports'));
    await askForReport(page, ['PDF', 'JSON']);
    await dialog().getByRole('button', { name: 'Write report' }).click();
    await dialog().getByRole('button', { name: 'Cancel' }).click();
    await dialog().getByText('The report was cancelled; nothing was written.').waitFor();
    expect(readdirSync(join(session.desk.home, 'exports'))).toEqual(before);
    await leave();
  });

  test('is gone through by keyboard, and the focus goes back to what opened it', async () => {
    await button().focus();
    await page.keyboard.press('Enter');
    await tabTo(page, dialog().getByLabel('PDF'));
    await tabTo(page, hosts());
    await tabTo(page, dialog().getByRole('button', { name: 'Write report' }));
    await leave();
    expect(
      await button().evaluate(
        (element: { ownerDocument: { activeElement: unknown } }) => element.ownerDocument.activeElement === element,
      ),
    ).toBe(true);
  });

  test.each(['light', 'dark'] as const)(
    'breaks no rule that axe knows, asking and answered, %s',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      await askForReport(page, ['Markdown']);
      await stillness(page);
      expect(await axeViolations(page)).toEqual([]);
      await written();
      expect(await axeViolations(page)).toEqual([]);
      await leave();
    },
  );

  test('has the trained model beside it, where there is one; it is kept like a report', async () => {
    expect(await page.getByRole('button', { name: 'Export model' }).count()).toBe(0);
    writeFileSync(join(session.desk.home, 'runs', run, 'model.safetensors'), 'weights');
    await page.reload();
    const given = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export model' }).click();
    const download = await given;
    expect(download.suggestedFilename()).toBe(`${run}.safetensors`);
    expect(readFileSync(await download.path(), 'utf8')).toBe('weights');
    await page.getByText(join(session.desk.home, 'exports', `${run}.safetensors`)).waitFor();
  });

  test('is not needed for the short way: the palette writes HTML', async () => {
    const palette = await openPalette(page);
    await palette.getByRole('combobox').fill('write the report');
    const given = page.waitForEvent('download');
    await page.keyboard.press('Enter');
    expect((await given).suggestedFilename()).toMatch(/\.html$/);
    await page.getByText(/\.html written\. Your browser has downloaded it/).waitFor();
  });
});
