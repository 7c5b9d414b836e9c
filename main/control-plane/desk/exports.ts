/**
 * What windows hand over, in a folder of its own: it is its user's, so it stays when the run is deleted that it was made
 * of, and nothing that was exported before is written over.
 */
import { existsSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, relative, sep } from 'node:path';
import { CaduceusError } from '../../core/errors.ts';
import { makeDirectory } from '../../store/directory.ts';
import { exportsIn } from '../report-files.ts';
import { writeZip } from '../zip-file.ts';

/** Of one name. */
const MAX_COPIES = 999;

export interface Exported {
  path: string;
  /** Names of the files in it; its own where it is one. */
  contents: string[];
}

export class Exports {
  readonly folder: string;

  constructor(home: string) {
    this.folder = exportsIn(home);
  }

  /** A path in the folder that nothing has yet: `name.html`, `name-2.html`, … @throws CAD-OUTPUT */
  free(name: string): string {
    this.#prepare();
    const ending = extname(name);
    for (let copy = 1; copy <= MAX_COPIES; copy++) {
      const path = join(this.folder, copy === 1 ? name : `${basename(name, ending)}-${copy}${ending}`);
      if (!existsSync(path)) return path;
    }
    throw notKept(this.folder, `${name} is there ${MAX_COPIES} times`);
  }

  /**
   * Has files made, and keeps what was made: one as it is, several as one ZIP.
   * @param make writes into the directory that it is given and answers with the files' paths.
   * @throws CAD-OUTPUT, and what `make` throws; then nothing is left.
   */
  async keep(make: (directory: string) => Promise<string[]>, signal?: AbortSignal): Promise<Exported> {
    this.#prepare();
    const scratch = mkdtempSync(join(this.folder, '.unfinished-'));
    try {
      const paths = await make(scratch);
      // What was being printed when nobody wanted it any more is there all the same.
      signal?.throwIfAborted();
      const names = paths.map((path) => relative(scratch, path).split(sep).join('/'));
      const [only] = paths;
      if (only !== undefined && paths.length === 1) return { path: this.#take(only), contents: names };
      const archive = join(scratch, `${nameOf(names)}.zip`);
      await writeZip(
        archive,
        paths.map((path, index) => ({ path, name: names[index] ?? '' })),
        signal,
      );
      return { path: this.#take(archive), contents: names };
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }

  #take(path: string): string {
    const place = this.free(basename(path));
    renameSync(path, place);
    return place;
  }

  #prepare(): void {
    try {
      makeDirectory(this.folder, 0o700);
      if (statSync(this.folder).isDirectory()) return;
    } catch (cause) {
      throw notKept(this.folder, cause instanceof Error ? cause.message : String(cause), cause);
    }
    throw notKept(this.folder, 'it is a file');
  }
}

/** `report-r-1` of `report-r-1.html` and of `report-r-1-csv/runs.csv`. */
function nameOf([first = 'report']: readonly string[]): string {
  const folder = dirname(first);
  return folder === '.' ? basename(first, extname(first)) : folder.replace(/-csv$/, '');
}

function notKept(folder: string, why: string, cause?: unknown): CaduceusError {
  return new CaduceusError(
    'CAD-OUTPUT',
    `nothing can be exported to ${folder}: ${why}`,
    'Make room there, or make the folder writable.',
    cause,
  );
}
