/** A Chromium with the window open in it, and what it must never do: open a dialog, throw, ask another host. */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
/** A busy host draws and answers late. */
export const STEP_MS = 90_000;
/** Nothing that asks the network for itself. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--hide-scrollbars',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
];

/** Why no window can be opened here; undefined when one can. */
export function whyNoBrowser(): string | undefined {
  return existsSync(CHROMIUM) ? undefined : `there is no ${CHROMIUM}; CHROMIUM names the program`;
}

export interface OpenedWindow {
  page: Page;
  /** Dialogs, errors of scripts and requests to other hosts, in words; to be empty. */
  complaints: string[];
  close(): Promise<void>;
}

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

/** In a profile of its own: an address lets in one browser. */
export async function openWindowIn(browser: Browser, address: string): Promise<OpenedWindow> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    reducedMotion: 'reduce',
    acceptDownloads: true,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(STEP_MS);
  const complaints = watched(page, new URL(address).origin);
  await page.goto(address);
  await page.getByRole('navigation').first().waitFor();
  return { page, complaints, close: () => context.close() };
}

/** From now on whatever the page must not do is written down. */
export function watched(page: Page, origin: string): string[] {
  const complaints: string[] = [];
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  page.on('popup', (popup) => complaints.push(`popup: ${popup.url()}`));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(data|blob|file):/.test(url)) complaints.push(`request: ${url}`);
  });
  return complaints;
}
