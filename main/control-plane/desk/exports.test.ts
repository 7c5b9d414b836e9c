/** What was exported is its user's: nothing writes over it, and nothing that ends takes it away. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { syntheticStory } from '../../report/synthetic-run.fixture.ts';
import { keepStory } from '../kept-story.fixture.ts';
import { Exports } from './exports.ts';
import { TestDesk } from './test-desk.fixture.ts';

const scratch = mkdtempSync(join(tmpdir(), 'caduceus-exports-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Makes files of these names, each holding its own. */
const making =
  (...names: string[]) =>
  async (directory: string): Promise<string[]> =>
    names.map((name) => {
      writeFileSync(join(directory, name), name);
      return join(directory, name);
    });

describe('the folder of exports', () => {
  const exports = new Exports(scratch);

  test('takes one file as it is, several as one ZIP named after the first', async () => {
    const one = await exports.keep(making('report-r-1.html'));
    expect(one).toEqual({ path: join(exports.folder, 'report-r-1.html'), contents: ['report-r-1.html'] });
    const several = await exports.keep(making('report-r-1.html', 'report-r-1.md'));
    expect(basename(several.path)).toBe('report-r-1.zip');
    expect(readFileSync(several.path).subarray(0, 2).toString()).toBe('PK');
  });

  test('writes over nothing', async () => {
    const names = [];
    for (let copy = 0; copy < 3; copy++) names.push(basename((await exports.keep(making('twice.md'))).path));
    expect(names).toEqual(['twice.md', 'twice-2.md', 'twice-3.md']);
  });

  test('keeps nothing of what failed or was not wanted any more', async () => {
    const before = readdirSync(exports.folder);
    const failing = exports.keep(async (directory) => {
      writeFileSync(join(directory, 'half.html'), '');
      throw new Error('no room');
    });
    await expect(failing).rejects.toThrow('no room');
    const signal = AbortSignal.abort();
    await expect(exports.keep(making('a.html', 'b.html'), signal)).rejects.toThrow();
    expect(readdirSync(exports.folder)).toEqual(before);
  });

  test('that cannot be says so', async () => {
    const home = join(scratch, 'taken');
    const taken = new Exports(home);
    await taken.keep(making('a.md'));
    rmSync(taken.folder, { recursive: true });
    writeFileSync(taken.folder, '');
    await expect(taken.keep(making('a.md'))).rejects.toMatchObject({ code: 'CAD-OUTPUT' });
  });
});

test('a report outlives the run that it is of, deleted for good', async () => {
  const own = new TestDesk();
  try {
    await own.desk.close();
    const run = keepStory(own.home, syntheticStory({ seconds: 5 }));
    own.open();
    const { job } = await own.call('runs.report', { runs: [run], formats: ['md'] });
    const { outcome } = await own.ended(job);
    if (outcome?.kind !== 'file') throw new Error('no report');
    const { path } = outcome.file;
    expect(dirname(path)).toBe(join(own.home, 'exports'));
    await own.call('runs.remove', { runs: [run] });
    await own.desk.close();
    expect(existsSync(join(own.home, 'runs', run))).toBe(false);
    expect(readFileSync(path, 'utf8')).toContain(run);
    own.open();
    expect((await own.call('runs.list', {})).runs).toEqual([]);
  } finally {
    await own.close();
  }
}, 60_000);
