/** The main job in the desktop app, in Electron itself. Chromium opens the reports, as whoever is sent them does. */
import { expect, test } from 'vitest';
import { whyNoBrowser } from '../scripts/window/browser.ts';
import { type OpenedApp, openApp, whyNoElectron } from '../scripts/window/electron.ts';
import { goTo } from '../scripts/window/person.ts';
import { agentsOf, temporary } from './cli-program.ts';
import { savedFiles } from './downloads.ts';
import { describeJourney, type Door } from './journey.contract.ts';

let app: OpenedApp;

async function open(): Promise<Door> {
  app = await openApp(temporary());
  return {
    opened: app,
    agents: () => agentsOf(app.pid),
    receiving: savedFiles(app.saved),
    end: () => app.quit(),
  };
}

describeJourney('the main job in Electron', whyNoElectron() ?? whyNoBrowser(), open, (door) => {
  test('its menu goes to a screen without loading the page again: what is half typed stays', async () => {
    const { page } = door().opened;
    expect(page.url()).toMatch(/^app:\/\/caduceus\/index\.html/);
    await goTo(page, 'Experiment');
    const name = page.getByLabel('Name of the run', { exact: true });
    await name.fill('half typed');
    await app.clickMenu('New Experiment');
    await page.getByRole('heading', { level: 1, name: 'Experiment' }).waitFor();
    expect(await name.inputValue()).toBe('half typed');
    await app.clickMenu('Settings…');
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
  });
});
