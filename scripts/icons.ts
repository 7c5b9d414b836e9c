/**
 * Draws the icons from their SVG, with a Chromium (CHROMIUM names the program): `resources/icons/icon.png`, 1024
 * pixels square, and the tray's template for macOS, 32 pixels, as text within the shell.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { ROOT } from './source-tree.ts';

const folder = join(ROOT, 'resources', 'icons');

async function drawn(browser: Browser, name: string, pixels: number): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width: pixels, height: pixels } });
  const svg = readFileSync(join(folder, name)).toString('base64');
  await page.goto(`data:image/svg+xml;base64,${svg}`);
  return page.screenshot({ omitBackground: true });
}

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
try {
  const icon = await drawn(browser, 'icon.svg', 1024);
  writeFileSync(join(folder, 'icon.png'), icon);
  const template = await drawn(browser, 'tray-template.svg', 32);
  const lines = template.toString('base64').match(/.{1,100}/g) ?? [];
  writeFileSync(
    join(ROOT, 'electron', 'tray-template.ts'),
    `/** resources/icons/tray-template.svg as PNG; made by \`npm run icons\`. */\nexport const TRAY_TEMPLATE =\n` +
      `${lines.map((line) => `  '${line}'`).join(' +\n')};\n`,
  );
  console.log(`icon.png: ${icon.length} bytes; tray-template.ts: ${template.length} bytes`);
} finally {
  await browser.close();
}
