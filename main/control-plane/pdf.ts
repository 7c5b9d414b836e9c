/**
 * Prints an HTML report to PDF with a Chromium of this machine. The desktop shell brings its own printer;
 * this one is for the command line and the browser host.
 */
import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CaduceusError, reportError } from '../core/errors.ts';

/** Writes `pdf` from `html`; both are paths. @throws CAD-OUTPUT */
export type PdfPrinter = (html: string, pdf: string) => Promise<void>;

const PRINT_MS = 60_000;
const QUOTED_CHARACTERS = 300;
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'msedge'];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];
const FLAGS = [
  ...['--headless', '--disable-gpu', '--no-first-run', '--disable-extensions', '--no-pdf-header-footer'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic'],
];

/** @param environment `CHROMIUM` names the browser; otherwise it is looked for. */
export function browserPrinter(environment: NodeJS.ProcessEnv): PdfPrinter {
  return async (html, pdf) => {
    const browser = findBrowser(environment);
    const profile = mkdtempSync(join(tmpdir(), 'caduceus-print-'));
    try {
      const flags = [...FLAGS, `--user-data-dir=${profile}`, `--print-to-pdf=${pdf}`];
      // Chromium refuses its sandbox to root; the page has no script and may load nothing.
      if (process.getuid?.() === 0) flags.push('--no-sandbox');
      await print(browser, [...flags, pathToFileURL(html).href], pdf);
    } finally {
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    }
  };
}

/** Why no PDF can be printed here; null when one can. */
export function pdfObstacle(environment: NodeJS.ProcessEnv): string | null {
  try {
    findBrowser(environment);
    return null;
  } catch (error) {
    return reportError(error).message;
  }
}

function findBrowser(environment: NodeJS.ProcessEnv): string {
  const chosen = environment['CHROMIUM'];
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  const candidates =
    chosen !== undefined && chosen !== ''
      ? [chosen, ...folders.map((folder) => join(folder, chosen))].filter((path) => isAbsolute(path))
      : [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), ...PLACES];
  const found = candidates.find(isProgram);
  if (found !== undefined) return found;
  throw new CaduceusError(
    'CAD-OUTPUT',
    chosen === undefined ? 'no Chromium was found to print the PDF with' : `there is no program ${chosen}`,
    'Install Chromium or Chrome, or name one in CHROMIUM; or write --format html and print that.',
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function print(browser: string, flags: readonly string[], pdf: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(browser, flags, {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: PRINT_MS,
      killSignal: 'SIGKILL',
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-QUOTED_CHARACTERS)));
    const fail = (why: string): void =>
      reject(
        new CaduceusError(
          'CAD-OUTPUT',
          `${browser} could not print the report (${why})`,
          'Write --format html and print that from a browser.',
        ),
      );
    child.once('error', (error) => fail(error.message));
    child.once('close', (code, signal) => {
      if (code === 0 && isPdf(pdf)) resolve();
      else fail(signal === null ? `exit code ${code}: ${said.trim()}` : `no end within ${PRINT_MS / 1000} s`);
    });
  });
}

function isPdf(path: string): boolean {
  try {
    return statSync(path).size > 0;
  } catch {
    return false;
  }
}
