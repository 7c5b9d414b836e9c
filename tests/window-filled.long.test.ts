/** Full screens: nothing for axe to say, light and dark; room in small windows and at 200 %; rest where it is asked for. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { whyNoSshd } from '../main/provision/ssh/sshd.fixture.ts';
import { deviceButton } from '../scripts/window/person.ts';
import { type FilledWindow, openFilledWindow, VIEWS } from './filled-window.ts';
import { clippedControls, cutTexts, movingParts, tabbingFaults, wideParts } from './screen-checks.ts';
import { axeViolations, HAS_CHROMIUM } from './window-session.ts';

const missing = HAS_CHROMIUM ? whyNoSshd() : 'needs Chromium';
/** Charts draw themselves after a change of size, toasts go. */
const SETTLE_MS = 500;
const PATIENT_MS = 60_000;
const PATIENT = { timeout: PATIENT_MS };

describe.skipIf(missing !== undefined)(`full screens${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let filled: FilledWindow;
  beforeAll(async () => {
    filled = await openFilledWindow();
  }, 300_000);
  afterAll(() => filled?.close(), 60_000);

  /** Shows every view and gathers what is found on it. */
  async function found(
    options: Parameters<FilledWindow['session']['open']>[1],
    look: (page: Awaited<ReturnType<FilledWindow['session']['open']>>['page']) => Promise<string[]>,
  ): Promise<string[]> {
    const { page, complaints } = await filled.session.open('#/devices', options);
    page.setDefaultTimeout(PATIENT_MS);
    const all: string[] = [];
    for (const view of VIEWS) {
      try {
        await view.show(page, filled);
        await page.waitForTimeout(SETTLE_MS);
        for (const each of await look(page)) all.push(`${view.name}: ${each}`);
      } catch (error) {
        all.push(`${view.name}: ${String(error).split('\n').slice(0, 3).join(' ')}`);
      }
      if (view.closes) await page.keyboard.press('Escape');
    }
    await page.context().close();
    return [...all, ...complaints];
  }

  test.each(['light', 'dark'] as const)('break no rule that axe knows, contrast included, %s', async (colorScheme) => {
    expect(await found({ colorScheme, bypassCSP: true }, axeViolations)).toEqual([]);
  });

  test.each([
    ['900 × 600', 900, 600],
    ['200 % of 1280 × 800', 640, 400],
  ])('fit %s: nothing is too wide, nothing cut off', async (_, width, height) => {
    const look = async (page: Parameters<typeof wideParts>[0]): Promise<string[]> => [
      ...(await wideParts(page)),
      ...(await cutTexts(page)),
      ...(await clippedControls(page)),
    ];
    expect(await found({ viewport: { width, height } }, look)).toEqual([]);
  });

  test('stand still where less motion is asked for', async () => {
    expect(await found({ reducedMotion: 'reduce' }, movingParts)).toEqual([]);
  });

  test.each([
    ['1280 × 800', 1280, 800],
    ['900 × 600', 900, 600],
  ])(
    'are gone through by Tab, %s: every control is reached, in sight, and shows that it is',
    async (_, width, height) => {
      expect(await found({ viewport: { width, height } }, (page) => tabbingFaults(page))).toEqual([]);
    },
  );

  test('have a panel that keeps the focus off what it covers, and gives it back when Escape closes it', async () => {
    const { page } = await filled.session.open('#/devices', { viewport: { width: 900, height: 600 } });
    const focused = () =>
      page.evaluate<string>(
        'document.activeElement.closest("button")?.textContent ?? document.activeElement.localName',
      );
    const opener = deviceButton(page, 'attic-box');
    await opener.focus();
    const before = await focused();
    await page.keyboard.press('Enter');
    const panel = page.getByRole('complementary', { name: 'attic-box', exact: true });
    await panel.waitFor();
    const isInside = () => page.evaluate<boolean>('document.activeElement.closest("aside") !== null');
    await expect.poll(isInside, PATIENT).toBe(true);
    expect(await page.evaluate('document.querySelector(".screen-main").inert')).toBe(true);
    // A menu that is open in it closes first.
    await panel.getByRole('button', { name: 'More about attic-box' }).click();
    await page.getByRole('menuitem', { name: 'Edit' }).waitFor();
    await page.keyboard.press('Escape');
    expect(await panel.isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    await expect.poll(focused, PATIENT).toBe(before);
    // So does the ground beside it.
    await page.keyboard.press('Enter');
    await panel.waitFor();
    await page.mouse.click(200, 400);
    await panel.waitFor({ state: 'detached' });
    await expect.poll(focused, PATIENT).toBe(before);
    // With room beside it nothing is covered.
    await page.keyboard.press('Enter');
    await panel.waitFor();
    await page.setViewportSize({ width: 1280, height: 800 });
    await expect.poll(() => page.evaluate('document.querySelector(".screen-main").inert'), PATIENT).toBe(false);
    await page.context().close();
  });
});
