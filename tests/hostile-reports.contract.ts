/**
 * Hostile texts in a report stay text, in every format, as whoever gets it opens it: no element, attribute or script in
 * HTML and PDF, no formula in CSV, no markup in Markdown, no command in LaTeX.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createControlPlane } from '../main/control-plane.ts';
import { launchChromium, watched, whyNoBrowser } from '../scripts/window/browser.ts';
import { keepHostileRuns, keepHostileWorkers } from './hostile-home.ts';
import { INTRUDERS } from './hostile-texts.contract.ts';

const FORMATS = ['html', 'pdf', 'csv', 'json', 'md', 'tex'];
/** Runs named after a text, beside those whose workers are. */
const NAMED = 12;
/** Of what elements and attributes a page is made. */
const PARTS = `[...new Set([...document.querySelectorAll('*')].flatMap((element) =>
  [element.localName, ...element.getAttributeNames().map((name) => element.localName + ' ' + name)]))].sort()`;
/** What a spreadsheet takes for a formula. A number is none. */
const FORMULA = /^[=+\-@\t\r]/;

export function hostileReports(payloads: readonly string[]): void {
  describe.skipIf(whyNoBrowser() !== undefined)(`reports of ${payloads.length} hostile texts (needs Chromium)`, () => {
    const scratch = mkdtempSync(join(tmpdir(), 'caduceus-hostile-reports-'));
    let hostile: string[];
    let harmless: string[];
    let browser: Browser;

    beforeAll(async () => {
      browser = await launchChromium();
      hostile = await written('hostile', payloads, FORMATS);
      harmless = await written(
        'harmless',
        payloads.map((_, index) => `plain-${index}`),
        ['html'],
      );
    }, 240_000);
    afterAll(async () => {
      await browser.close();
      rmSync(scratch, { recursive: true, force: true });
    });

    async function written(name: string, texts: readonly string[], formats: readonly string[]): Promise<string[]> {
      const home = join(scratch, name);
      const runs = [
        keepHostileWorkers(home, texts[0] ?? name, texts),
        ...keepHostileRuns(
          home,
          texts.filter((_, index) => index % Math.ceil(texts.length / NAMED) === 0),
        ),
      ];
      const controlPlane = createControlPlane({ ...process.env, CADUCEUS_HOME: home });
      try {
        const directory = join(scratch, `${name}-files`);
        return await controlPlane.writeReports({ runs, formats, directory, includeHosts: true });
      } finally {
        controlPlane.close();
      }
    }

    const files = (ending: string): string[] => hostile.filter((path) => path.endsWith(ending));
    const text = (ending: string): string => readFileSync(files(ending)[0] ?? '', 'utf8');

    async function partsOf(path: string): Promise<string[]> {
      const page = await browser.newPage();
      const url = pathToFileURL(path).href;
      const complaints = watched(page, url);
      await page.goto(url);
      expect(await page.evaluate(INTRUDERS), path).toEqual([]);
      expect(complaints, path).toEqual([]);
      const parts = await page.evaluate<string[]>(PARTS);
      await page.close();
      return parts;
    }

    test('as HTML have the elements and attributes that harmless ones have, load nothing and run nothing', async () => {
      const known = new Set(await partsOf(harmless.find((path) => path.endsWith('.html')) ?? ''));
      const parts = await partsOf(files('.html')[0] ?? '');
      expect(parts.filter((part) => !known.has(part))).toEqual([]);
      expect(text('.html')).toContain('caduceus.invalid');
    });

    test('as PDF have no script, no action and no link out', () => {
      const pdf = readFileSync(files('.pdf')[0] ?? '', 'latin1');
      expect(pdf.startsWith('%PDF-')).toBe(true);
      expect(pdf).not.toMatch(/\/(JavaScript|JS|OpenAction|Launch|URI)\b/);
    });

    test('as CSV have no cell that a spreadsheet takes for a formula', () => {
      expect(files('.csv').length).toBeGreaterThan(5);
      let texts = 0;
      for (const path of files('.csv')) {
        for (const cell of cellsOf(readFileSync(path, 'utf8'))) {
          if (Number.isFinite(Number(cell))) continue;
          texts += 1;
          expect(cell, path).not.toMatch(FORMULA);
        }
      }
      expect(texts).toBeGreaterThan(payloads.length);
    });

    test('as JSON say what was said', () => {
      const said = JSON.stringify(JSON.parse(text('.json')));
      expect(said).toContain(JSON.stringify(payloads.find((payload) => payload.includes('<')) ?? '').slice(1, -1));
    });

    test('as Markdown have no markup but the report’s own', () => {
      const told = text('.md').replaceAll(/^(`{3,})\n[\s\S]*?\n\1$/gm, '');
      expect(told).not.toMatch(/(?<!\\)(?:\\\\)*[<>[\]*_`!{}$~]/);
    });

    test('as LaTeX have no command but the report’s own', () => {
      const told = text('.tex').replaceAll(/^\\begin\{verbatim\}\n[\s\S]*?\n\\end\{verbatim\}$/gm, '');
      const commands = new Set([...told.matchAll(/\\([A-Za-z@]+)/g)].map(([, name]) => name));
      for (const command of ['input', 'include', 'write', 'openout', 'immediate', 'def', 'csname', 'catcode'])
        expect(commands.has(command), command).toBe(false);
      expect(told).not.toContain('verbatim');
    });
  });
}

/** RFC 4180. */
function cellsOf(csv: string): string[] {
  return [...csv.matchAll(/(?:^|,|\r?\n)(?:"((?:[^"]|"")*)"|([^",\r\n]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
}
