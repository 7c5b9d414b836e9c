/** Reports of stored runs, as files. */
import { writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { ReportRequest } from '../core/control-plane-api.ts';
import { CaduceusError } from '../core/errors.ts';
import { formatNamed } from '../report/formats.ts';
import { tellStory } from '../report/story.ts';
import { makeDirectory } from '../store/directory.ts';
import type { Store } from '../store/runs.ts';
import { VERSION } from './version.ts';
import { writeWhole } from './whole-file.ts';

/**
 * Writes every format asked for and answers with the files' absolute paths. All formats are known and
 * all runs are found before the first file is written; a file is there whole or not at all.
 * @throws CAD-USAGE, CAD-RUN-UNKNOWN, CAD-OUTPUT
 */
export function writeReports(store: Store, { runs, formats, directory }: ReportRequest): string[] {
  const writers = formats.map((name) => formatNamed(name));
  const rows = runs.map((run) => store.findRun(run));
  const [first] = rows;
  if (first === undefined || writers.length === 0) {
    throw new CaduceusError('CAD-USAGE', 'a report needs a run and a format', 'Name at least one of each.');
  }
  const stories = rows.map((row) => tellStory(row, (kind) => store.records(row.run, kind)));
  const target = resolve(directory ?? store.runDirectory(first.run));
  const name = rows.length === 1 ? `report-${first.run}` : `comparison-${first.run}`;
  const context = { version: VERSION, generatedAt: new Date().toISOString() };
  const files = writers.flatMap((writer) => writer.render(stories, name, context));
  return files.map(({ path, content }) => write(join(target, path), content));
}

function write(path: string, content: string): string {
  return writeWhole(path, 'the report', (unfinished) => {
    makeDirectory(dirname(path));
    writeFileSync(unfinished, content);
  });
}
