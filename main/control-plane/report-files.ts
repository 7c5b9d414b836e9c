/** Reports of stored runs, as files. */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { ReportRequest } from '../core/control-plane-api.ts';
import { CaduceusError } from '../core/errors.ts';
import { FORMATS, type ReportFile, type ReportFormat } from '../report/formats.ts';
import { withoutHosts } from '../report/privacy.ts';
import { tellStory } from '../report/story.ts';
import { makeDirectory } from '../store/directory.ts';
import type { Store } from '../store/runs.ts';
import type { PdfPrinter } from './pdf.ts';
import { VERSION } from './version.ts';
import { writeWhole } from './whole-file.ts';

interface Writer {
  format: ReportFormat;
  /** The files are printed by whatever can print here. */
  printed: boolean;
}

const WRITERS: ReadonlyMap<string, Writer> = new Map<string, Writer>([
  ...Object.entries(FORMATS).map(([name, format]): [string, Writer] => [name, { format, printed: false }]),
  ['pdf', { format: FORMATS.html, printed: true }],
]);
export const REPORT_FORMATS: readonly string[] = [...WRITERS.keys()];

/**
 * Writes every format asked for and answers with the files' absolute paths. All formats are known and
 * all runs are found before the first file is written; a file is there whole or not at all.
 * @throws CAD-USAGE, CAD-RUN-UNKNOWN, CAD-OUTPUT
 */
export async function writeReports(
  store: Store,
  { runs, formats, directory, includeHosts = false }: ReportRequest,
  printPdf: PdfPrinter,
): Promise<string[]> {
  const writers = formats.map(writerNamed);
  const rows = runs.map((run) => store.findRun(run));
  const [first] = rows;
  if (first === undefined || writers.length === 0) {
    throw new CaduceusError('CAD-USAGE', 'a report needs a run and a format', 'Name at least one of each.');
  }
  const told = rows.map((row) => tellStory(row, (kind) => store.records(row.run, kind)));
  const stories = includeHosts ? told : told.map(withoutHosts);
  const target = resolve(directory ?? store.runDirectory(first.run));
  const name = rows.length === 1 ? `report-${first.run}` : `comparison-${first.run}`;
  const context = { version: VERSION, generatedAt: new Date().toISOString() };
  const written: string[] = [];
  for (const { format, printed } of writers) {
    for (const file of format.render(stories, name, context)) {
      written.push(printed ? await writePdf(file, target, printPdf) : write(file, target));
    }
  }
  return written;
}

function writerNamed(name: string): Writer {
  const known = WRITERS.get(name);
  if (known !== undefined) return known;
  throw new CaduceusError(
    'CAD-USAGE',
    `there is no report format "${name}"`,
    `Use one or more of: ${REPORT_FORMATS.join(', ')}.`,
  );
}

function write({ path, content }: ReportFile, target: string): string {
  return writeWhole(join(target, path), 'the report', (unfinished) => {
    makeDirectory(dirname(unfinished));
    writeFileSync(unfinished, content);
  });
}

async function writePdf({ path, content }: ReportFile, target: string, printPdf: PdfPrinter): Promise<string> {
  const scratch = mkdtempSync(join(tmpdir(), 'caduceus-report-'));
  try {
    const [html, pdf] = [join(scratch, 'report.html'), join(scratch, 'report.pdf')];
    writeFileSync(html, content, { mode: 0o600 });
    await printPdf(html, pdf);
    return copyWhole(pdf, join(target, path.replace(/\.html$/, '.pdf')));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function copyWhole(from: string, to: string): string {
  return writeWhole(to, 'the report', (unfinished) => {
    makeDirectory(dirname(unfinished));
    copyFileSync(from, unfinished);
  });
}
