/** The run's screen in a real browser: real local workers train, and everything on it is used. */
import { readFileSync } from 'node:fs';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WindowSession } from './window-session.ts';
import { HAS_CHROMIUM, openWindowSession } from './window-session.ts';

const HOSTILE = '<img src=x onerror="document.title=1">';

describe.skipIf(!HAS_CHROMIUM)('a run in the window (needs Chromium)', () => {
  let session: WindowSession;
  let run: string;

  beforeAll(async () => {
    session = await openWindowSession();
    run = await started(session, 'runs.start', {
      config: {
        name: HOSTILE,
        policy: 'ssp',
        dataset: { name: 'digits', trainRows: 2000, testRows: 200 },
        validationRows: 200,
        workers: { local: 3, speeds: [1, 0.6, 0.3] },
        stop: { maxSeconds: 600 },
      },
    });
  }, 240_000);
  afterAll(() => session.close(), 60_000);

  it('shows it live, and a name that would be markup as a name', async () => {
    const { page, complaints } = await opened(session, `#/runs/${run}`);
    await page.getByRole('heading', { level: 1, name: HOSTILE }).waitFor();
    await page.locator('.worker-table tbody tr').nth(2).waitFor();
    for (const figure of ['Validation accuracy', 'Throughput, samples', 'Communication', 'Waiting', 'Pushes']) {
      await page.getByText(figure, { exact: true }).first().waitFor();
    }
    await page
      .getByText(/^saved |^as much as|% more than/)
      .first()
      .waitFor();
    const before = await pushes(page);
    await expect.poll(() => pushes(page), { timeout: 20_000 }).toBeGreaterThan(before);
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 120_000);

  it('points every chart at the moment that one of them is pointed at, by mouse and by keyboard', async () => {
    const { page } = await opened(session, `#/runs/${run}`);
    const layers = page.getByRole('slider', { name: 'Moment shown by every chart' });
    await layers.nth(4).waitFor();
    const chart = layers.first();
    await chart.hover({ position: { x: 120, y: 60 } });
    const lines = (): Promise<number> =>
      page.evaluate(`document.querySelectorAll('.moment-line:not([hidden])').length`);
    await expect.poll(lines, { timeout: 30_000 }).toBe(await layers.count());
    await page.mouse.move(2, 2);
    await expect.poll(lines, { timeout: 30_000 }).toBe(0);
    await chart.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await expect.poll(lines, { timeout: 30_000 }).toBe(await layers.count());
    expect(await chart.getAttribute('aria-valuetext')).toMatch(/^\d+:\d\d/);
    await page.context().close();
  }, 120_000);

  it('gives a chart’s values as a table and as files', async () => {
    const { page } = await opened(session, `#/runs/${run}`);
    const card = page.getByRole('region', { name: 'Where the time goes' });
    const menu = card.getByRole('button', { name: 'Where the time goes: table and files' });
    const saved = async (item: string): Promise<Buffer> => {
      await menu.click();
      const download = page.waitForEvent('download');
      await page.getByRole('menuitem', { name: item }).click();
      return readFileSync(await (await download).path());
    };
    expect((await saved('Save values as CSV')).toString()).toMatch(/^worker,from seconds.*\r\nlocal-1,/);
    expect((await saved('Save picture as SVG')).toString()).toMatch(/^<svg [^>]*><title>Where the time goes/);
    expect((await saved('Save picture as PNG')).subarray(1, 4).toString()).toBe('PNG');
    await menu.click();
    await page.getByRole('menuitem', { name: 'Show the values as a table' }).click();
    await card.getByRole('columnheader', { name: 'compute ms' }).waitFor();
    await page.context().close();
  }, 120_000);
});

/** Patient: a machine that does much else draws slowly. */
async function opened(session: WindowSession, hash: string, options: BrowserContextOptions = {}) {
  const window = await session.open(hash, options);
  window.page.setDefaultTimeout(60_000);
  return window;
}

async function pushes(page: Page): Promise<number> {
  const text = await page.locator('.figure', { hasText: 'Pushes' }).locator('.figure-value').innerText();
  return Number(text.replace(/[^\d]/g, ''));
}

async function started(
  { desk }: WindowSession,
  call: 'runs.start' | 'runs.simulate',
  input: Record<string, unknown>,
): Promise<string> {
  const { job } = await desk.calls[call](input as never);
  for (;;) {
    const view = (await desk.calls['jobs.list']({})).find(({ id }) => id === job);
    if (view?.outcome?.kind === 'run') return view.outcome.run;
    if (view?.error) throw new Error(`${view.error.code}: ${view.error.message}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
