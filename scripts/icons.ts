/** Draws resources/icons/icon.png (1024 pixels square) from icon.svg, with a Chromium: CHROMIUM names the program. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { ROOT } from './source-tree.ts';

const PIXELS = 1024;
const folder = join(ROOT, 'resources', 'icons');

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
try {
  const page = await browser.newPage({ viewport: { width: PIXELS, height: PIXELS } });
  const svg = readFileSync(join(folder, 'icon.svg')).toString('base64');
  await page.goto(`data:image/svg+xml;base64,${svg}`);
  const picture = await page.screenshot({ omitBackground: true });
  writeFileSync(join(folder, 'icon.png'), picture);
  console.log(`icon.png: ${picture.length} bytes`);
} finally {
  await browser.close();
}
