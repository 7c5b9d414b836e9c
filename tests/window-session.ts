/** The real window in a real browser, before the real control plane, for tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Desk } from '../main/control-plane/desk/desk.ts';
import { createDesk } from '../main/control-plane.ts';
import { WebHost } from '../main/web/web-host.ts';
import { ensureAgent } from '../scripts/build-worker.ts';
import { ensureWindow } from '../scripts/build-window.ts';
import { launchChromium, whyNoBrowser } from '../scripts/window/browser.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

export const HAS_CHROMIUM = whyNoBrowser() === undefined;

export interface OpenedPage {
  page: Page;
  /** Errors and warnings of the page, what breaks the content security policy among them. */
  complaints: string[];
}

export interface WindowSession {
  desk: Desk;
  /** @param prepare before anything is loaded. */
  open(hash: string, options?: BrowserContextOptions, prepare?: (page: Page) => Promise<void>): Promise<OpenedPage>;
  close(): Promise<void>;
}

/** @param given The control plane; one over an empty directory when left out. It is closed with the session. */
export async function openWindowSession(given: { desk?: Desk } = {}): Promise<WindowSession> {
  const folder = await ensureWindow();
  await ensureAgent();
  const directory = mkdtempSync(join(tmpdir(), 'caduceus-window-'));
  const capabilities = { choosesPaths: false, keepsSecrets: false };
  const environment = { ...process.env, CADUCEUS_HOME: directory };
  const desk = given.desk ?? createDesk(environment, { host: 'browser', capabilities });
  const host = await WebHost.start({ desk, folder, port: 0 });
  const browser: Browser = await launchChromium();
  return {
    desk,
    async open(hash, options = {}, prepare) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      await prepare?.(page);
      await page.goto(host.newAddress());
      await page.getByRole('navigation', { name: 'Screens' }).waitFor();
      await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
      return { page, complaints };
    },
    async close() {
      await browser.close();
      await host.close();
      await desk.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Resolves when nothing has been added to the page or taken away for a while, a few seconds at the most. */
export async function stillness(page: Page): Promise<void> {
  await page.evaluate(`new Promise((resolve) => {
    let quiet;
    const done = () => { watch.disconnect(); clearTimeout(quiet); clearTimeout(limit); resolve(); };
    const again = () => { clearTimeout(quiet); quiet = setTimeout(done, 200); };
    const limit = setTimeout(done, 5000);
    const watch = new MutationObserver(again);
    watch.observe(document.body, { childList: true, subtree: true });
    again();
  })`);
}

/**
 * What axe finds on the page, each as its rule and the elements; empty when it finds nothing.
 * @param rules Only these; all of accessibility when left out.
 */
export async function axeViolations(page: Page, rules?: readonly string[]): Promise<string[]> {
  const runOnly = rules ?? ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  // Through the debugger's door: the page's own policy lets no script in.
  if (!(await page.evaluate('"axe" in window'))) await page.addScriptTag({ path: AXE }).catch(() => undefined);
  return page.evaluate<string[]>(`(async () => {
    const { violations } = await axe.run(document, { runOnly: ${JSON.stringify(runOnly)} });
    return violations.map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ target, failureSummary }) => target.join(' ') + ' ' + failureSummary.split('\\n').slice(1, 2).join('')).join(' | '));
  })()`);
}
