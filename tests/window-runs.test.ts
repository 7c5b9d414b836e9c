/** Runs and comparisons in the real window: simulations, which end at once, and everything done with them. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { choose, chooseFormats, PATIENCE_MS } from '../scripts/window/person.ts';
import { endedRun, simulatedRun, startedRun } from './window-jobs.ts';
import { HAS_CHROMIUM, openWindowSession, stillness, type WindowSession } from './window-session.ts';

/** The last is 200 % of 1280 × 900. */
const WIDTHS = [
  [900, 600],
  [1280, 900],
  [1920, 1080],
  [640, 450],
] as const;

/** Workers with long names come and go, two of them where the run ends, under a target near the top of the plot. */
const EVENTFUL = {
  cluster: {
    ...{ name: 'eventful', source: 'made up', reference: { batch: 16, model: 'mlp-109k' } },
    link: { upBitsPerSecond: 2e7, downBitsPerSecond: 2e7, latencyMs: 10 },
    devices: ['attic-raspberry', 'shelf', 'garage-nuc'].map((name) => ({ name, samplesPerSecond: 900 })),
    faults: [
      { kind: 'crash', device: 'attic-raspberry', atSeconds: 1, backAfterSeconds: 2 },
      { kind: 'crash', device: 'attic-raspberry', atSeconds: 19.6 },
      { kind: 'crash', device: 'garage-nuc', atSeconds: 19 },
    ],
  },
  config: {
    ...{ name: 'Eventful', policy: 'asp', dataset: { name: 'digits' } },
    stop: { maxSeconds: 20, targetAccuracy: 0.97 },
  },
  timingOnly: true,
};

/** What is wrong with the words in and over a chart. */
const WORD_FAULTS = `(() => {
  const chart = document.querySelector('[aria-label^="Accuracy and loss of the global model"]');
  const found = [];
  const grid = chart.querySelector('.recharts-cartesian-grid').getBoundingClientRect();
  const words = [...chart.querySelectorAll('.recharts-label, .plot-word')].map((word) => ({ word, box: word.getBoundingClientRect() }));
  if (words.length < 5) found.push('only ' + words.length + ' words');
  for (const [index, { word, box }] of words.entries()) {
    const out = Math.max(grid.left - box.left, box.right - grid.right);
    if (word.matches('.plot-word') && out > 1) found.push(word.textContent + ' is ' + Math.round(out) + ' px beside the plot');
    for (const other of words.slice(index + 1))
      if (box.left < other.box.right && other.box.left < box.right && box.top < other.box.bottom && other.box.top < box.bottom)
        found.push(word.textContent + ' lies on ' + other.word.textContent);
  }
  return found;
})()`;

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
    // The last column is what is done with a run: it is in sight without scrolling.
    for (const width of [1280, 900]) {
      await page.setViewportSize({ width, height: 800 });
      await stillness(page);
      const menu = await row('Gated').getByRole('button', { name: 'Actions for Gated' }).boundingBox();
      expect(menu !== null && menu.x + menu.width < width).toBe(true);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
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
    await dialog.waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Export');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('report of 2');
    await page.keyboard.press('Enter');
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Export');
    await table
      .getByRole('button', { name: /hermes|gate/i })
      .first()
      .click();
    await page.getByRole('heading', { level: 1, name: /With a gate/ }).waitFor();
  });

  test('have charts whose words lie on no other and stay by the plot, whatever the width', async () => {
    const run = await startedRun(session.desk, 'runs.simulate', EVENTFUL);
    await endedRun(session.desk, run);
    await page.evaluate(`location.hash = '#/runs/${run}'`);
    const chart = page.getByRole('img', { name: /^Accuracy and loss of the global model/ });
    await chart.getByText('target 97 %').waitFor();
    const faults: string[] = [];
    for (const [width, height] of WIDTHS) {
      await page.setViewportSize({ width, height });
      await stillness(page);
      for (const fault of await page.evaluate<string[]>(WORD_FAULTS)) faults.push(`${width}: ${fault}`);
    }
    expect(faults).toEqual([]);
  });
});
