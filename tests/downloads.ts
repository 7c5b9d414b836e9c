/** Files that the window hands to its browser, and what must be true of a report in each format. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Download, Page } from 'playwright-core';
import { expect } from 'vitest';
import { launchChromium, watched } from '../scripts/window/browser.ts';
import { askForReport, PATIENCE_MS } from '../scripts/window/person.ts';

export interface GivenFile {
  name: string;
  path: string;
}

/** Begins to take what the window hands over; then answers with so many files. */
export type Receiving = (directory: string) => (count: number) => Promise<GivenFile[]>;

export function browserDownloads(page: Page): Receiving {
  return (directory) => {
    const downloads: Download[] = [];
    const take = (given: Download): number => downloads.push(given);
    page.on('download', take);
    return async (count) => {
      await expect.poll(() => downloads.length, { timeout: PATIENCE_MS }).toBe(count);
      page.off('download', take);
      const files = downloads.map((given) => ({
        name: given.suggestedFilename(),
        path: join(directory, given.suggestedFilename()),
      }));
      await Promise.all(downloads.map((given, index) => given.saveAs(files[index]?.path ?? '')));
      return files;
    };
  };
}

/** Of a desktop app whose user saves everything in one folder. */
export function savedFiles(directory: string): Receiving {
  return () => {
    const before = new Set(readdirSync(directory));
    return async (count) => {
      const names = (): string[] => readdirSync(directory).filter((name) => !before.has(name));
      await expect.poll(() => names().length, { timeout: PATIENCE_MS }).toBe(count);
      return names().map((name) => ({ name, path: join(directory, name) }));
    };
  };
}

/** Has the report of the run on the screen written, and takes the one file that the window gives, unpacked where it is a ZIP. */
export async function exportReport(
  page: Page,
  formats: readonly string[],
  directory: string,
  receiving = browserDownloads(page),
): Promise<GivenFile[]> {
  const dialog = await askForReport(page, formats);
  const received = receiving(directory);
  await dialog.getByRole('button', { name: 'Write report' }).click();
  const [file] = await received(1);
  await dialog.getByText('a copy is kept as').waitFor({ timeout: PATIENCE_MS });
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await dialog.waitFor({ state: 'detached' });
  if (file === undefined || !file.name.endsWith('.zip')) return file === undefined ? [] : [file];
  const place = join(directory, 'unpacked');
  execFileSync('unzip', ['-q', file.path, '-d', place]);
  return readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => ({ name, path: join(parentPath, name) }));
}

export interface ExpectedReport {
  run: string;
  name: string;
  workers: readonly string[];
  directory: string;
  receiving?: Receiving;
  /** Addresses and names of hosts that are not to be in any report. */
  secrets?: readonly string[];
}

/** The window's names of the six formats. */
export const REPORTS = ['HTML', 'PDF', 'CSV', 'JSON', 'Markdown', 'LaTeX'] as const;

/** Exports every format from a run's screen, opens each and holds it against the run. */
export async function exportAndCheckReports(page: Page, expected: ExpectedReport): Promise<void> {
  const { directory, receiving } = expected;
  const given = await exportReport(page, REPORTS, directory, receiving);
  const ending = (end: string): GivenFile[] => given.filter(({ name }) => name.endsWith(end));
  const text = (end: string): string => readFileSync(ending(end)[0]?.path ?? '', 'utf8');

  await checkHtml(ending('.html')[0]?.path ?? '', expected);
  const pdf = readFileSync(ending('.pdf')[0]?.path ?? '');
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  expect(pdf.subarray(-32).toString('latin1')).toContain('%%EOF');
  expect(text('.md')).toMatch(/^# /m);
  expect(text('.md')).toContain(expected.run);
  expect(text('.tex')).toMatch(/\\begin\{(?:longtable|tabular)\}/);
  const document = JSON.parse(text('.json')) as { runs: { run: string; name: string }[] };
  expect(document.runs).toMatchObject([{ run: expected.run, name: expected.name }]);
  expect(ending('.csv').length).toBeGreaterThan(5);
  for (const { name, path } of ending('.csv')) {
    const [head = '', ...rows] = readFileSync(path, 'utf8').trimEnd().split(/\r?\n/);
    expect(head, name).toMatch(/^[a-z_]+(,[a-z0-9_]+)+$/);
    if (/workers|iterations/.test(name)) expect(rows.length, name).toBeGreaterThanOrEqual(expected.workers.length);
  }
  for (const { name, path } of given.filter(({ name }) => !name.endsWith('.pdf')))
    for (const secret of [hostname(), ...(expected.secrets ?? [])])
      expect(wordsOf(readFileSync(path, 'utf8')).has(secret), `${secret} in ${name}`).toBe(false);
}

/** Host names and addresses are words of their own. */
function wordsOf(text: string): Set<string> {
  return new Set(text.split(/[^\w.-]+/));
}

/** Opened as whoever it was sent to opens it: from a file, in a browser that knows nothing of the program. */
async function checkHtml(path: string, { name, workers }: ExpectedReport): Promise<void> {
  const browser = await launchChromium();
  try {
    const reader = await browser.newPage();
    const url = pathToFileURL(path).href;
    const complaints = watched(reader, url);
    await reader.goto(url);
    const words = await reader.locator('body').innerText();
    expect(words).toContain(name);
    for (const worker of workers) expect(words).toContain(worker);
    expect(words).toMatch(/Incidents/i);
    expect(await reader.locator('svg').count()).toBeGreaterThan(2);
    expect(await reader.locator('script').count()).toBe(0);
    expect(complaints).toEqual([]);
  } finally {
    await browser.close();
  }
}
