/** The work of a report process: reads the runs, draws, writes. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CaduceusError } from '../core/errors.ts';
import { FORMATS, type ReportFormat } from '../report/formats.ts';
import { withoutHosts } from '../report/privacy.ts';
import { tellStory } from '../report/story.ts';
import { makeDirectory } from '../store/directory.ts';
import type { Store } from '../store/runs.ts';
import type { MadeFile, ReportOrder } from './report-messages.ts';
import { writeWhole } from './whole-file.ts';

interface Writer {
  format: ReportFormat;
  /** Its files are pages, to be printed. */
  printed: boolean;
}

const WRITERS: ReadonlyMap<string, Writer> = new Map<string, Writer>([
  ...Object.entries(FORMATS).map(([name, format]): [string, Writer] => [name, { format, printed: false }]),
  ['pdf', { format: FORMATS.html, printed: true }],
]);
export const REPORT_FORMATS: readonly string[] = [...WRITERS.keys()];

/** @throws CAD-USAGE */
export function writerNamed(name: string): Writer {
  const known = WRITERS.get(name);
  if (known !== undefined) return known;
  throw new CaduceusError(
    'CAD-USAGE',
    `there is no report format "${name}"`,
    `Use one or more of: ${REPORT_FORMATS.join(', ')}.`,
  );
}

/** @param onFormat told after each format, with its files. @throws CAD-OUTPUT */
export function makeReports(
  store: Store,
  { runs, formats, target, scratch, includeHosts, version }: ReportOrder,
  onFormat: (files: MadeFile[]) => void,
): void {
  const told = runs.map((run) =>
    tellStory(store.findRun(run), (kind) => store.records(run, kind), store.simulationOf(run)),
  );
  const stories = includeHosts ? told : told.map(withoutHosts);
  const name = `${runs.length === 1 ? 'report' : 'comparison'}-${runs[0] ?? ''}`;
  const context = { version, generatedAt: new Date().toISOString() };
  for (const { format, printed } of formats.map(writerNamed)) {
    onFormat(
      format.render(stories, name, context).map(({ path, content }) => {
        if (!printed) return { path: write(content, join(target, path)) };
        const page = join(scratch, path);
        writeFileSync(page, content, { mode: 0o600 });
        return { path: join(target, path.replace(/\.html$/, '.pdf')), page };
      }),
    );
  }
}

function write(content: string, to: string): string {
  return writeWhole(to, 'the report', (unfinished) => {
    makeDirectory(dirname(unfinished));
    writeFileSync(unfinished, content);
  });
}
