/** Prints a report with the shell's own engine: a hidden window without scripts, network or bridge. */
import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { BrowserWindow } from 'electron';
import { CaduceusError } from '../main/core/errors.ts';

const PRINT_MS = 60_000;

export async function printPdf(html: string, pdf: string): Promise<void> {
  const window = new BrowserWindow({
    show: false,
    webPreferences: {
      partition: 'print',
      javascript: false,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
    },
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    const tooLate = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no page within ${PRINT_MS / 1000} s`)), PRINT_MS);
    });
    const printed = window
      .loadURL(pathToFileURL(html).href)
      .then(() => window.webContents.printToPDF({ pageSize: 'A4', printBackground: true, preferCSSPageSize: true }));
    await writeFile(pdf, await Promise.race([printed, tooLate]));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `the report could not be printed: ${why}`;
    throw new CaduceusError('CAD-OUTPUT', message, 'Write it as HTML and print that from a browser.', cause);
  } finally {
    clearTimeout(timer);
    window.destroy();
  }
}
