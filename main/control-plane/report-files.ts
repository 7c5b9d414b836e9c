/** Reports of stored runs, as files: made in a process of their own, printed by whatever can print here. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { ReportObserver, ReportRequest } from '../core/control-plane-api.ts';
import { CaduceusError } from '../core/errors.ts';
import { makeDirectory } from '../store/directory.ts';
import type { Store } from '../store/runs.ts';
import type { PdfPrinter } from './pdf.ts';
import type { Programs } from './programs.ts';
import { writerNamed } from './report-making.ts';
import { makeElsewhere } from './reporter.ts';
import { VERSION } from './version.ts';
import { writeWhole } from './whole-file.ts';

/** Where exports are kept whose place nobody chose: not with their run, whose end would be theirs. */
export function exportsIn(home: string): string {
  return join(home, 'exports');
}

/**
 * Writes every format asked for and answers with the files' absolute paths. All formats are known and
 * all runs are found before the first file is written; a file is there whole or not at all.
 * @throws CAD-USAGE, CAD-RUN-UNKNOWN, CAD-OUTPUT, CAD-CANCELLED
 */
export async function writeReports(
  store: Store,
  { runs: wanted, formats, directory, includeHosts = false }: ReportRequest,
  { printPdf, programs }: { printPdf: PdfPrinter; programs: Programs },
  observer: ReportObserver = {},
): Promise<string[]> {
  for (const format of formats) writerNamed(format);
  const runs = wanted.map((run) => store.findRun(run).run);
  const [first] = runs;
  if (first === undefined || formats.length === 0) {
    throw new CaduceusError('CAD-USAGE', 'a report needs a run and a format', 'Name at least one of each.');
  }
  for (const run of runs) store.flush(run);
  const scratch = mkdtempSync(join(tmpdir(), 'caduceus-report-'));
  try {
    const target = resolve(directory ?? exportsIn(store.home));
    const order = { home: store.home, runs, formats, target, scratch, includeHosts, version: VERSION };
    const written: string[] = [];
    for (const { path, page } of await makeElsewhere(programs, order, observer)) {
      written.push(page === undefined ? path : await print(page, path, printPdf));
    }
    return written;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function print(page: string, to: string, printPdf: PdfPrinter): Promise<string> {
  const printed = page.replace(/\.html$/, '.pdf');
  await printPdf(page, printed);
  return writeWhole(to, 'the report', (unfinished) => {
    makeDirectory(dirname(unfinished));
    copyFileSync(printed, unfinished);
  });
}
