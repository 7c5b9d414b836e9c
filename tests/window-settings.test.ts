/** Settings in the real window: kept by the control plane, refused when they cannot be, and what is sent when asked for help. */
import { readFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PATIENCE_MS } from '../scripts/window/person.ts';
import { HAS_CHROMIUM, openWindowSession, type WindowSession } from './window-session.ts';

describe.skipIf(!HAS_CHROMIUM)('settings (need Chromium)', () => {
  let session: WindowSession;
  let page: Page;
  beforeAll(async () => {
    session = await openWindowSession();
    ({ page } = await session.open('#/settings'));
    page.setDefaultTimeout(PATIENCE_MS);
    await page.getByLabel('Port', { exact: true }).waitFor();
  }, 120_000);
  afterAll(() => session.close());

  const settings = async () => (await session.desk.calls['settings.get']({})).settings;

  test('are kept when a field is left, and found again', async () => {
    await page.getByLabel('Port', { exact: true }).fill('4123');
    await page.keyboard.press('Tab');
    await expect.poll(async () => (await settings()).listenPort).toBe(4123);
    // Switched when it is kept, not before.
    await page.getByLabel('Host names and addresses in reports').click();
    await expect.poll(async () => (await settings()).reportHosts).toBe(true);
    await page.reload();
    await page.getByLabel('Port', { exact: true }).waitFor();
    expect(await page.getByLabel('Port', { exact: true }).inputValue()).toBe('4123');
    expect(await page.getByLabel('Host names and addresses in reports').isChecked()).toBe(true);
  });

  test('that cannot be are not kept: every address at once, a port that is none', async () => {
    for (const [label, text] of [
      ['Listen on', '0.0.0.0'],
      ['Port', '99999'],
    ] as const) {
      const field = page.getByLabel(label, { exact: true });
      await field.fill(text);
      await page.getByText('This cannot be').waitFor();
      expect(await field.getAttribute('aria-invalid')).toBe('true');
      await field.press('Enter');
      await field.press('Escape');
      await page.getByText('This cannot be').waitFor({ state: 'detached' });
    }
    expect(await settings()).toMatchObject({ listenHost: null, listenPort: 4123 });
  });

  test('less motion holds at once, and with the next window', async () => {
    await page.getByLabel('Less motion').click();
    await expect.poll(async () => (await settings()).motion).toBe('reduced');
    await expect.poll(() => page.evaluate('document.documentElement.dataset.motion')).toBe('reduced');
  });

  test('diagnostics come as one file, without names of this computer or its user', async () => {
    const given = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save diagnostics' }).click();
    const text = readFileSync(await (await given).path(), 'utf8');
    expect(text.length).toBeGreaterThan(200);
    expect(text.split(/[^\w.-]+/)).not.toContain(hostname());
    expect(text).not.toContain(`${homedir()}/`);
  });
});
