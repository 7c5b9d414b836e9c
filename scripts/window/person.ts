/** What a person does in the window, by the names that are on it. */
import type { Locator, Page } from 'playwright-core';

export type ScreenName = 'Devices' | 'Experiment' | 'Runs' | 'Compare' | 'Simulate' | 'Settings';

/** A busy host takes its time; a screen that has not come by then does not come. */
export const PATIENCE_MS = 60_000;

export async function goTo(page: Page, screen: ScreenName): Promise<void> {
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: screen }).click();
  await page.getByRole('heading', { level: 1, name: screen }).waitFor({ timeout: PATIENCE_MS });
}

/** A menu's button and one of its items. */
export async function choose(page: Page, menu: string, item: string): Promise<void> {
  await page.getByRole('main').getByRole('button', { name: menu, exact: true }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

/** The dialog that a button `Report` opens, with these formats chosen and no others. */
export async function askForReport(page: Page, formats: readonly string[]): Promise<Locator> {
  await page.getByRole('main').getByRole('button', { name: 'Report', exact: true }).click();
  return chooseFormats(page, formats);
}

export async function chooseFormats(page: Page, formats: readonly string[]): Promise<Locator> {
  const dialog = page.getByRole('dialog', { name: /^Report of / });
  await dialog.waitFor({ timeout: PATIENCE_MS });
  for (const box of await dialog.getByRole('group', { name: 'Formats' }).getByRole('checkbox').all()) {
    const name =
      (await box.evaluate(
        (element: { labels: ArrayLike<{ textContent: string }> }) => element.labels[0]?.textContent,
      )) ?? '';
    await box.setChecked(formats.includes(name));
  }
  return dialog;
}

export async function openPalette(page: Page): Promise<Locator> {
  await page.keyboard.press('ControlOrMeta+k');
  const palette = page.getByRole('dialog', { name: 'Commands' });
  await palette.waitFor();
  return palette;
}

/** Sets fields of the experiment's form by their labels; `Devices` ticks those that it names. */
export async function fillExperiment(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  await goTo(page, 'Experiment');
  for (const [label, value] of Object.entries(fields)) {
    if (label === 'Devices') {
      for (const name of value.split(',')) await page.getByLabel(name, { exact: true }).check();
      continue;
    }
    const field = page.getByLabel(label, { exact: true });
    const isChoice = await field.evaluate((element: { tagName: string }) => element.tagName === 'SELECT');
    await (isChoice ? field.selectOption({ label: value }) : field.fill(value));
  }
  await page.getByText('Ready to start').waitFor({ timeout: PATIENCE_MS });
}

export async function startTraining(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Start training' }).click();
  return shownRun(page);
}

/** `timingOnly`: no learning, a moment instead of minutes. */
export async function simulateFirst(page: Page, cluster: string, { timingOnly = false } = {}): Promise<string> {
  await page.getByRole('button', { name: 'Simulate first' }).click();
  const dialog = page.getByRole('dialog', { name: 'Simulate first' });
  await dialog.getByLabel('Cluster').selectOption(cluster);
  if (timingOnly) await dialog.getByLabel('Timing only').check();
  await dialog.getByRole('button', { name: 'Simulate', exact: true }).click();
  return shownRun(page);
}

/** The identifier of the run that the window goes to. */
export async function shownRun(page: Page): Promise<string> {
  await page.waitForURL(/#\/runs\/[^/?]+/, { timeout: 2 * PATIENCE_MS });
  return decodeURIComponent(/#\/runs\/([^/?]+)/.exec(page.url())?.[1] ?? '');
}

/** Resolves when one of a run's events reads like this. */
export async function sees(page: Page, event: string | RegExp, withinMs = PATIENCE_MS): Promise<void> {
  await events(page).filter({ hasText: event }).first().waitFor({ timeout: withinMs });
}

export function events(page: Page): Locator {
  return page.getByRole('region', { name: 'Events, newest first' }).getByRole('listitem');
}

/** Resolves when the run's own words say how it ended. */
export async function ends(page: Page, title: string | RegExp, withinMs: number): Promise<void> {
  await page.getByRole('main').getByText(title).first().waitFor({ timeout: withinMs });
}

export interface TypedDevice {
  name: string;
  address: string;
  port: number;
  user: string;
  keyFile: string;
}

/** By address, as typed into the dialog. */
export async function addDevice(page: Page, { name, address, port, user, keyFile }: TypedDevice): Promise<void> {
  const door = page.getByRole('button', { name: 'Add a device by address' });
  if (await door.isVisible()) await door.click();
  else await choose(page, 'Add devices', 'By address');
  const dialog = page.getByRole('dialog', { name: 'Add a device by address' });
  await dialog.getByLabel('Address', { exact: true }).fill(`${user}@${address}:${port}`);
  await dialog.getByLabel('Name', { exact: true }).fill(name);
  await dialog.getByText('Key, jump hosts, folder and limits').click();
  await dialog.getByLabel('Private key', { exact: true }).fill(keyFile);
  await dialog.getByRole('button', { name: 'Add device' }).click();
  await deviceButton(page, name).waitFor({ timeout: PATIENCE_MS });
}

export function deviceButton(page: Page, name: string): Locator {
  return page.getByRole('table', { name: 'Devices' }).locator(buttonOf(page, name));
}

/** Within a table or a row. */
function buttonOf(page: Page, name: string): Locator {
  return page.getByRole('button').filter({ has: page.getByText(name, { exact: true }) });
}

/** Opens a device's panel. */
export async function openDevice(page: Page, name: string): Promise<Locator> {
  const panel = page.getByRole('complementary', { name, exact: true });
  if (!(await panel.isVisible())) await deviceButton(page, name).click();
  await panel.waitFor();
  return panel;
}

/** The fingerprint of the key that a device shows, once it asks. */
export async function askedFingerprint(page: Page, name: string): Promise<string> {
  const panel = await openDevice(page, name);
  const question = panel.getByRole('status', { name: 'First contact: is this your machine?' });
  await question.waitFor({ timeout: PATIENCE_MS });
  return /SHA256:[A-Za-z0-9+/]{43}/.exec(await question.innerText())?.[0] ?? '';
}

export async function trustShownKey(page: Page, name: string): Promise<void> {
  const panel = await openDevice(page, name);
  await panel.getByRole('button', { name: 'Trust this key' }).click();
}

/** The state of a device in the table, once it reads like this. */
export function deviceState(page: Page, name: string, state: string | RegExp): Locator {
  return page
    .getByRole('table', { name: 'Devices' })
    .getByRole('row')
    .filter({ has: buttonOf(page, name) })
    .getByText(state);
}
