/** Devices in the real window, over a real sshd: added, trusted, deployed to, changed keys, removed and taken back. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyNoSshd } from '../main/provision/ssh/sshd.fixture.ts';
import { cutSessions, type SshDevice, startDevice } from './ssh-device.ts';
import { axeViolations, HAS_CHROMIUM, openWindowSession, type WindowSession } from './window-session.ts';

const missing = HAS_CHROMIUM ? whyNoSshd() : 'needs Chromium';

describe.skipIf(missing !== undefined)(`devices in the window${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let session: WindowSession;
  let device: SshDevice;
  let page: Page;
  let complaints: string[];
  beforeAll(async () => {
    device = await startDevice();
    session = await openWindowSession();
    ({ page, complaints } = await session.open('#/devices', { bypassCSP: true }));
  }, 120_000);
  afterAll(async () => {
    await session?.close();
    await device?.stop();
  });

  const row = (name: string) => page.getByRole('row', { name: new RegExp(`^(Select )?${name}`) });
  const panel = (name: string) => page.getByRole('complementary', { name });

  it('are added by address from the third door', async () => {
    await page.getByRole('button', { name: /Add a device by address/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a device by address' });
    await dialog.getByRole('button', { name: 'Add device' }).click();
    await dialog.getByText('A host name or an address is needed.').waitFor();
    await dialog.getByLabel('Address').fill(`worker@127.0.0.1:${device.sshd.port}`);
    await dialog.getByLabel('Name').fill('pi-attic');
    await dialog.getByText('Key, jump hosts, folder and limits').click();
    await dialog.getByLabel('Private key').fill(device.sshd.keyFile);
    await dialog.getByRole('button', { name: 'Add device' }).click();
    await row('pi-attic').getByText('not deployed').waitFor();
    await page.getByRole('button', { name: 'Deploy to 1 device' }).waitFor();
  });

  it('are trusted by their fingerprint, which can be compared, and then deployed to step by step', async () => {
    await page.getByRole('button', { name: 'Deploy to 1 device' }).click();
    await row('pi-attic').getByText('first contact: trust its key?').waitFor();
    const side = panel('pi-attic'); // opened by itself: it asks
    await side
      .getByText(/^SHA256:/)
      .first()
      .waitFor();
    const shown =
      (await side
        .getByText(/^SHA256:/)
        .first()
        .textContent()) ?? '';
    expect(shown).toBe(device.sshd.fingerprint('ed25519'));

    const compare = side.getByLabel('Paste what it prints to compare');
    await compare.fill(`256 SHA256:${'A'.repeat(43)} root@pi (ED25519)`);
    await side.getByText('This is another key. Do not trust it.').waitFor();
    expect(await side.getByRole('button', { name: 'Trust this key' }).isDisabled()).toBe(true);
    await compare.fill(`256 ${shown} root@pi (ED25519)`);
    await side.getByText('The same key.').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await side.getByRole('button', { name: 'Trust this key' }).click();

    await row('pi-attic').getByText('ready').waitFor({ timeout: 100_000 });
    const steps = side.getByRole('list', { name: 'Deployment to pi-attic' });
    expect(await steps.getByText(': done.').count()).toBeGreaterThan(8);
    expect(await row('pi-attic').textContent()).toMatch(/wasm|tfjs-node/);
    await side.getByRole('tab', { name: 'Facts' }).click();
    await side.getByText(/samples\/s \(/).waitFor();
    expect(await axeViolations(page)).toEqual([]);
  }, 140_000);

  it('whose key has changed are not connected to; replacing it has to be meant', async () => {
    await device.sshd.renewHostKeys();
    // The connection that is still open would not show the new key.
    cutSessions(device);
    const side = panel('pi-attic');
    await side.getByRole('button', { name: 'Check' }).click();
    await side.getByRole('button', { name: 'Compare the keys…' }).click();
    const dialog = page.getByRole('dialog', { name: 'pi-attic shows another host key' });
    expect(await dialog.getByText(/^SHA256:/).count()).toBe(2);
    const replace = dialog.getByRole('button', { name: 'Replace the trusted key' });
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Cancel');
    expect(await replace.isDisabled()).toBe(true);
    await dialog.getByText('This device was reinstalled, or its storage was replaced').click();
    await replace.click();
    await row('pi-attic').getByText('ready').waitFor({ timeout: 60_000 });
  }, 90_000);

  it('that do not answer say at which step, why, and what to do', async () => {
    await page.keyboard.press('n');
    const dialog = page.getByRole('dialog', { name: 'Add a device by address' });
    await dialog.getByLabel('Address').fill('worker@127.0.0.1:1');
    await dialog.getByLabel('Name').fill('nobody');
    await dialog.getByRole('button', { name: 'Add device' }).click();
    await page.getByRole('button', { name: 'Deploy to 1 device' }).click();
    await row('nobody').getByText('at reach').waitFor({ timeout: 40_000 });
    await panel('nobody').getByText('CAD-SSH-REACH').waitFor();
    await panel('nobody').getByRole('button', { name: 'Try again' }).waitFor();
    await page.getByRole('button', { name: 'Retry 1 failed' }).waitFor();
  }, 60_000);

  it('are removed with a way back', async () => {
    await page.getByRole('checkbox', { name: 'Select nobody' }).check();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await row('nobody').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await row('nobody').waitFor();
    expect(complaints).toEqual([]);
  });
});
