/** The desktop app as it is started from a source tree, with the same hands on its window as on a browser's. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { _electron } from 'playwright-core';
import { ensureApp } from '../build-app.ts';
import { electronPath } from '../electron-program.ts';
import { ROOT } from '../source-tree.ts';
import { obstacle } from '../start.ts';
import { type OpenedWindow, STEP_MS, watched } from './browser.ts';

/** CADUCEUS_ELECTRON names the program; else it is the one that is installed. */
const ELECTRON = process.env['CADUCEUS_ELECTRON'] ?? electronPath(process.env, process.platform);
const START_MS = 120_000;

/** Why the app cannot be opened here; undefined when it can. */
export function whyNoElectron(): string | undefined {
  if (!existsSync(ELECTRON)) return `there is no ${ELECTRON}; CADUCEUS_ELECTRON names the program`;
  return obstacle({ ...process.env, CADUCEUS_BROWSER: '' }, process.platform);
}

export interface OpenedApp extends OpenedWindow {
  /** Of its main process, which starts the workers. */
  pid: number;
  /** The folder in which its user saves every file. */
  saved: string;
  /** Chooses an item of the native menu. */
  clickMenu(label: string): Promise<void>;
  /** Quits as its menu does. @returns the exit code; null after a signal. */
  quit(): Promise<number | null>;
}

/** @param folder an empty one for all that it keeps. */
export async function openApp(folder: string): Promise<OpenedApp> {
  await ensureApp();
  const saved = join(folder, 'saved');
  mkdirSync(saved, { recursive: true });
  const app = await _electron.launch({
    executablePath: ELECTRON,
    args: [`--user-data-dir=${join(folder, 'user')}`, ROOT],
    env: { ...environment(), CADUCEUS_HOME: join(folder, 'home') },
    // Chromium refuses its sandbox to root.
    chromiumSandbox: process.getuid?.() !== 0,
    timeout: START_MS,
  });
  const page = await app.firstWindow({ timeout: START_MS });
  page.setDefaultTimeout(STEP_MS);
  const complaints = watched(page, 'app://caduceus');
  await page.emulateMedia({ reducedMotion: 'reduce' });
  // Nobody can press a button of a native dialog here.
  await app.evaluate(({ dialog }, directory) => {
    dialog.showSaveDialog = async (...given: unknown[]) => {
      const { defaultPath = '' } = given.at(-1) as { defaultPath?: string };
      return { canceled: false, filePath: `${directory}/${defaultPath.split(/[\\/]/).at(-1) ?? ''}` };
    };
  }, saved);
  await page.getByRole('navigation').first().waitFor();
  const child = app.process();
  return {
    ...{ page, complaints, saved, pid: child.pid ?? 0 },
    // It may have been quit before.
    close: () => app.close().catch(() => undefined),
    clickMenu: (label) =>
      app.evaluate(({ Menu }, wanted) => {
        const items = Menu.getApplicationMenu()?.items.flatMap(({ submenu }) => submenu?.items ?? []) ?? [];
        items.find((item) => item.label === wanted)?.click();
      }, label),
    async quit() {
      const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
      // Its answer may be lost with the process that was to give it.
      await app.evaluate((electron) => electron.app.quit()).catch(() => undefined);
      return ended;
    },
  };
}

function environment(): Record<string, string> {
  const given = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(given);
}
