/** The frame of the window: every screen is reached by keyboard, fits small windows, and gives axe nothing to say. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeViolations, HAS_CHROMIUM, openWindowSession, stillness, type WindowSession } from './window-session.ts';

const SCREENS = ['devices', 'experiment', 'runs', 'compare', 'simulate', 'settings'] as const;
const SIZES = [
  ['900 × 600', 900, 600],
  ['200 % of 1280 × 800', 640, 400],
  ['320 wide', 320, 640],
] as const;
/** Colours change in transitions; what turns for ever is none of them. */
const COLOURS_SETTLED = `Promise.allSettled(document.getAnimations()
  .filter(({ effect }) => Number.isFinite(effect.getComputedTiming().endTime)).map(({ finished }) => finished))`;
const TITLES = ['Devices', 'Experiment', 'Runs', 'Compare', 'Simulate', 'Settings'];

describe.skipIf(!HAS_CHROMIUM)('the window (needs Chromium)', () => {
  let session: WindowSession;
  beforeAll(async () => {
    session = await openWindowSession();
  }, 120_000);
  afterAll(() => session.close());

  /** Goes to a screen, and waits until it is all there. */
  async function show(page: Page, screen: string): Promise<void> {
    await page.evaluate(`location.hash = '#/${screen}'`);
    await page.getByRole('heading', { level: 1, name: TITLES[SCREENS.indexOf(screen as never)] as string }).waitFor();
    await stillness(page);
  }

  it('has no violation that axe knows on any screen, and in the dark none of contrast', async () => {
    const { page, complaints } = await session.open('#/devices', { colorScheme: 'light', bypassCSP: true });
    const found: string[] = [];
    for (const screen of SCREENS) {
      await show(page, screen);
      for (const violation of await axeViolations(page)) found.push(`${screen}: ${violation}`);
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.evaluate(COLOURS_SETTLED);
      for (const violation of await axeViolations(page, ['color-contrast']))
        found.push(`${screen}, dark: ${violation}`);
      await page.emulateMedia({ colorScheme: 'light' });
    }
    expect(found).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('fits small windows without scrolling sideways, and breaks no rule of its content security policy', async () => {
    const { page, complaints } = await session.open('#/devices');
    const wide: string[] = [];
    for (const screen of SCREENS) {
      await show(page, screen);
      for (const [name, width, height] of SIZES) {
        await page.setViewportSize({ width, height });
        const over =
          await page.evaluate<number>(`new Promise((resolve) => requestAnimationFrame(() => setTimeout(() => resolve(Math.max(
          document.documentElement.scrollWidth - innerWidth,
          ...[...document.querySelectorAll('.screen-main')].map((part) => part.scrollWidth - part.clientWidth))), 100)))`);
        if (over > 1) wide.push(`${screen}, ${name}: ${over} px too wide`);
      }
    }
    expect(wide).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('goes everywhere by keyboard', async () => {
    const { page } = await session.open('#/devices');
    const heading = page.getByRole('heading', { level: 1 });
    await heading.waitFor();

    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');

    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();

    await page.keyboard.press('Control+k');
    await page.keyboard.type('go exper');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Experiment' }).waitFor();

    const links = page.getByRole('navigation', { name: 'Screens' }).getByRole('link');
    expect(await links.count()).toBe(SCREENS.length);
    for (const [index, title] of TITLES.entries()) {
      await links.nth(index).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: title }).waitFor();
    }
    await page.context().close();
  });

  it('gives the focus back when a dialog closes, and keeps it inside meanwhile', async () => {
    const { page } = await session.open('#/experiment');
    const file = page.getByRole('button', { name: 'File' });
    await file.focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Save the experiment' });
    await dialog.waitFor();
    for (let step = 0; step < 6; step++) await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.closest("dialog, body").tagName')).toMatch(/DIALOG|BODY/);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.textContent')).toBe('File');

    // Of a command as well: the focus goes to where it was before the palette.
    const simulate = page.getByRole('button', { name: 'Simulate first' });
    await simulate.focus();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('save the exp');
    await page.keyboard.press('Enter');
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Simulate first');
    await page.context().close();
  });

  it('keeps the colours that were chosen', async () => {
    const { page } = await session.open('#/settings', { colorScheme: 'light' });
    await page.getByText('Dark', { exact: true }).click();
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark');
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark');
    await page.getByText('As the system', { exact: true }).click();
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe(undefined);
    await page.context().close();
  });
});
