/** The first minute: an empty window, one click, a run that trains on real local workers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HAS_CHROMIUM, openWindowSession, type WindowSession } from './window-session.ts';

describe.skipIf(!HAS_CHROMIUM)('an empty window (needs Chromium)', () => {
  let session: WindowSession;
  beforeAll(async () => {
    session = await openWindowSession();
  }, 120_000);
  afterAll(() => session.close());

  it('leads with one click to a run that trains, told by the strip on every screen', async () => {
    const { page, complaints } = await session.open('#/devices');
    await page.getByRole('button', { name: /Try it now with four workers on this computer/ }).click();
    await page.waitForURL(/#\/runs\/.+/, { timeout: 45_000 });

    const strip = page.getByRole('banner', { name: 'State' });
    await strip.getByText('Training', { exact: true }).waitFor();
    await strip
      .getByText(/^\d+(,\d+)?$/)
      .first()
      .waitFor();
    await page.evaluate(`location.hash = '#/settings'`);
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
    await strip.getByText('Training', { exact: true }).waitFor();
    await page.getByRole('link', { name: /Runs.*1 live/ }).waitFor();

    const [run] = session.desk.liveRuns;
    expect(run).toBeDefined();
    await page.evaluate(`location.hash = '#/runs/${run}'`);
    await page.getByRole('button', { name: 'Stop' }).first().waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 90_000);
});
