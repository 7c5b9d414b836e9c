/**
 * `npm run screenshots`: pictures of every screen of the window, taken from the real program while it is used as a
 * person uses it: real local workers, real simulations and, for root on Linux, devices of the test bed over SSH.
 *
 *     node scripts/screenshots.ts [--out FOLDER] [--only PART,…]
 *
 * Those that the documents show go to docs/images, the others to dist/screenshots. It needs a Chromium: CHROMIUM
 * names the program.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from './source-tree.ts';
import { launchChromium, openWindowIn, whyNoBrowser } from './window/browser.ts';
import { Camera } from './window/camera.ts';
import { devices } from './window/device-scenes.ts';
import { LAST_SCENES, type Scene, SCENES } from './window/scenes.ts';
import { ServedWindow } from './window/served-window.ts';

/** What the documents show. */
const KEPT = new Set(
  ['run-light', 'devices-light', 'compare-light', 'simulate-done-light'].map((name) => `window-${name}.png`),
);

const PARTS: Readonly<Record<string, Scene>> = { ...SCENES, devices, ...LAST_SCENES };

const { values } = parseArgs({ options: { out: { type: 'string' }, only: { type: 'string' } } });
const unable = whyNoBrowser();
if (unable !== undefined) throw new Error(unable);
const others = resolve(values.out ?? join(ROOT, 'dist', 'screenshots'));
mkdirSync(others, { recursive: true });
const wanted = values.only?.split(',') ?? Object.keys(PARTS);
const home = mkdtempSync(join(tmpdir(), 'caduceus-screenshots-'));
const served = await ServedWindow.start(home);
const browser = await launchChromium();
try {
  const { page, complaints } = await openWindowIn(browser, served.address);
  // Pictures in another folder are to be looked at; the documents keep theirs.
  const keptIn = values.out === undefined ? join(ROOT, 'docs', 'images') : others;
  const camera = new Camera(page, { kept: KEPT, keptIn, othersIn: others });
  for (const name of wanted) {
    const part = PARTS[name];
    if (part === undefined) throw new Error(`there is no part ${name}: ${Object.keys(PARTS).join(', ')}`);
    await part({ page, camera, served }).catch(async (error: unknown) => {
      await page.screenshot({ path: join(others, `stuck-at-${name}.png`) });
      throw error;
    });
  }
  console.log(`${camera.taken.length} pictures`);
  for (const complaint of complaints) console.error(`the window complained: ${complaint}`);
} finally {
  await browser.close();
  await served.stop();
  rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
