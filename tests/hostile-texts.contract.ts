/**
 * Hostile texts wherever something from elsewhere is shown — names of devices and runs, what devices say, log lines,
 * data sets, errors — stay text in every screen.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Desk } from '../main/control-plane/desk/desk.ts';
import { sourcePrograms } from '../main/control-plane/programs.ts';
import { createControlPlane } from '../main/control-plane.ts';
import { openStore } from '../main/store/runs.ts';
import { watched } from '../scripts/window/browser.ts';
import { PATIENCE_MS } from '../scripts/window/person.ts';
import { hostileDevices, keepHostileRuns, keepHostileWorkers } from './hostile-home.ts';
import {
  axeViolations,
  HAS_CHROMIUM,
  type OpenedPage,
  openWindowSession,
  type WindowSession,
} from './window-session.ts';

/** Workers of one run; the rest of the texts are workers of the next. */
const TOGETHER = 50;

/** What text has become on a page, in words: elements that load or run something, code in attributes, signs that steer. */
export const INTRUDERS = `(() => {
  const found = [];
  const own = (url) => new URL(url, location.href).origin === location.origin;
  for (const element of document.querySelectorAll('*')) {
    const name = element.localName;
    if (['iframe', 'object', 'embed', 'base', 'audio', 'video', 'marquee', 'math', 'template', 'animate', 'use', 'image'].includes(name)) found.push(name);
    if (name === 'script' && !(element.src && own(element.src))) found.push('script');
    if (name === 'img' && !/^(data|blob):/.test(element.src) && !own(element.src)) found.push('img ' + element.src);
    for (const { name: attribute, value } of element.attributes) {
      if (attribute.startsWith('on')) found.push(name + ' ' + attribute);
      if (['href', 'src', 'action', 'data'].includes(attribute) && (/^\\s*(javascript|vbscript):/i.test(value) || value.includes('caduceus.invalid'))) found.push(name + ' ' + attribute + ' ' + value.slice(0, 80));
    }
  }
  if (Object.keys(Object.prototype).length > 0) found.push('a prototype that is not what it was');
  return [...new Set(found)];
})()`;

/** @param told How long looking at all of them may take. */
export function hostileTexts(payloads: readonly string[], told: { lookMs: number; axe: boolean }): void {
  const groups = Array.from({ length: Math.ceil(payloads.length / TOGETHER) }, (_, group) =>
    payloads.slice(group * TOGETHER, (group + 1) * TOGETHER),
  );
  const shownFirst = payloads[0] ?? '';

  describe.skipIf(!HAS_CHROMIUM)(`${payloads.length} hostile texts (needs Chromium)`, () => {
    const home = mkdtempSync(join(tmpdir(), 'caduceus-hostile-'));
    let session: WindowSession;
    let opened: OpenedPage;
    let runs: string[];
    let named: string[];
    let complaints: string[];

    beforeAll(async () => {
      named = keepHostileRuns(home, payloads);
      runs = groups.map((texts, group) => keepHostileWorkers(home, texts[0] ?? `group ${group}`, texts));
      const environment = { ...process.env, CADUCEUS_HOME: home };
      session = await openWindowSession({
        desk: new Desk({
          ...{ host: 'browser', datasetProgram: sourcePrograms().datasets },
          ...{ controlPlane: createControlPlane(environment), store: openStore(home) },
          devices: hostileDevices(payloads),
          capabilities: {
            ...{ choosesPaths: false, keepsSecrets: true },
            ...{ writesPdf: false, pdfObstacle: null },
          },
        }),
      });
      opened = await session.open('#/devices');
      complaints = watched(opened.page, new URL(opened.page.url()).origin);
    }, 120_000);
    afterAll(async () => {
      await session.close();
      rmSync(home, { recursive: true, force: true });
    });

    /** Shows a screen, waits for what proves that it is all there, and looks for what is not text. */
    async function look(hash: string, proof: string): Promise<void> {
      await opened.page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
      await opened.page.getByText(proof).first().waitFor({ timeout: PATIENCE_MS });
      await nothingButText(hash);
    }

    async function nothingButText(where: string): Promise<void> {
      expect(await opened.page.evaluate(INTRUDERS), where).toEqual([]);
      expect([...complaints, ...opened.complaints], where).toEqual([]);
    }

    test('are text in the list of devices', () => look('#/devices', shownFirst), 120_000);

    test(
      'are text in the particulars of every device: what it is, its steps, their logs, its question, its error',
      async () => {
        const panel = opened.page.getByRole('complementary');
        for (const [index, text] of payloads.entries()) {
          await opened.page.evaluate(`location.hash = '#/devices/device-${index}'`);
          await panel.waitFor({ timeout: PATIENCE_MS });
          await nothingButText(text);
          if (index % 10 !== 0) continue;
          for (const tab of ['Facts', 'Agent log']) {
            await panel.getByRole('tab', { name: tab }).click();
            await nothingButText(`${tab}: ${text}`);
          }
        }
      },
      told.lookMs,
    );

    test('are text among what the tailnet lists', async () => {
      await look('#/devices', shownFirst);
      await opened.page.getByRole('main').getByRole('button', { name: 'Add devices' }).click();
      await opened.page.getByRole('menuitem', { name: 'From my tailnet' }).click();
      const dialog = opened.page.getByRole('dialog').first();
      await dialog.getByText(shownFirst).first().waitFor({ timeout: PATIENCE_MS });
      await nothingButText('what the tailnet lists');
      await opened.page.keyboard.press('Escape');
    }, 120_000);

    test('are text in the list of runs', async () => {
      await opened.page.evaluate(`location.hash = '#/runs'`);
      const table = opened.page.getByRole('table', { name: 'Runs' });
      await table.waitFor({ timeout: PATIENCE_MS });
      // The newest first, a hundred at a time.
      const older = opened.page.getByRole('button', { name: 'Show older runs' });
      while (await older.isVisible()) {
        const rows = await table.getByRole('row').count();
        await older.click();
        await expect.poll(() => table.getByRole('row').count(), { timeout: PATIENCE_MS }).toBeGreaterThan(rows);
      }
      expect(await table.getByRole('row').count()).toBe(1 + payloads.length + runs.length);
      await nothingButText('the list of runs');
    }, 120_000);

    test('are text as workers of runs, in their charts, tables and events', async () => {
      for (const run of runs) {
        await look(`#/runs/${run}`, 'Interrupted');
        const workers = opened.page.getByRole('region', { name: 'Table of workers' });
        // A name of nothing but marks of direction cannot be seen, and so not clicked.
        await workers.getByRole('button').first().dispatchEvent('click');
        await nothingButText(`workers of ${run}`);
        for (const menu of await opened.page.getByRole('button', { name: /: table and files$/ }).all()) {
          await menu.click();
          await opened.page.getByRole('menuitem', { name: 'Show the values as a table' }).click();
        }
        await nothingButText(`tables of ${run}`);
      }
    }, 120_000);

    test('are text as names, data sets, models, options and errors of runs', async () => {
      for (const [index, run] of named.entries()) {
        if (index % 10 === 0) await look(`#/runs/${run}`, 'The run failed');
        if (index % 10 === 1) await look(`#/runs/${run}`, 'Completed');
      }
    }, 120_000);

    test('are text in a comparison and in the settings that an experiment takes over', async () => {
      const completed = named.filter((_, index) => index % 2 === 1);
      await look(`#/compare?runs=${completed.slice(0, 32).join(',')}`, 'Choose others');
      await opened.page.getByRole('table', { name: 'Comparison' }).waitFor({ timeout: PATIENCE_MS });
      await nothingButText('a comparison');
      await look(`#/experiment?run=${named[0] ?? ''}`, 'Check');
      await opened.page.getByText(shownFirst).first().waitFor({ timeout: PATIENCE_MS });
      await nothingButText('an experiment');
      await look('#/settings', 'About');
    }, 120_000);

    if (told.axe) {
      test('give axe nothing to say', async () => {
        // Its own script would break the page's policy.
        const { page } = await session.open('#/devices', { bypassCSP: true });
        for (const [hash, proof] of [
          ['#/devices', shownFirst],
          // The last: no name in it is blank, which no device can be called.
          [`#/runs/${runs.at(-1) ?? ''}`, 'Interrupted'],
        ] as const) {
          await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
          await page.getByText(proof).first().waitFor({ timeout: PATIENCE_MS });
          expect(await axeViolations(page), hash).toEqual([]);
        }
      }, 120_000);
    }
  });
}
