/** The main job in a browser: the program as `caduceus serve` starts it. */
import type { Browser } from 'playwright-core';
import { expect, test } from 'vitest';
import { launchChromium, openWindowIn, whyNoBrowser } from '../scripts/window/browser.ts';
import { startServing, temporary } from './cli-program.ts';
import { browserDownloads } from './downloads.ts';
import { describeJourney, type Door } from './journey.contract.ts';

let browser: Browser;
let address: string;

async function open(): Promise<Door> {
  const program = await startServing({ home: temporary() });
  ({ address } = JSON.parse(program.stdout) as { address: string });
  browser = await launchChromium();
  const window = await openWindowIn(browser, address);
  return {
    opened: { ...window, close: () => browser.close() },
    agents: () => program.agents(),
    receiving: browserDownloads(window.page),
    async end() {
      process.kill(program.pid, 'SIGINT');
      return (await program.ended).code;
    },
  };
}

describeJourney('the main job in a browser', whyNoBrowser(), open, (door) => {
  test('the address lets in one browser, and no second', async () => {
    const other = await browser.newContext();
    const page = await other.newPage();
    await page.goto(address);
    await page.getByRole('heading', { name: 'This window has not been let in' }).waitFor();
    expect(await page.getByRole('navigation').count()).toBe(0);
    await other.close();
    expect(door().opened.page.url()).not.toContain('token');
  });
});
