import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvCell, renderCsv } from './csv.ts';
import { FORMATS } from './formats.ts';
import { REPORT_SCHEMA } from './json.ts';
import { syntheticStory } from './synthetic-run.fixture.ts';

const context = { generatedAt: '2026-11-21T15:00:00.000Z', version: '0.1.0' };

/** A reader after RFC 4180, to check the writer with. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? bare ?? '');
    if (end === '\r\n') rows.push([]);
    if (end === '') break;
  }
  return rows.slice(0, -1);
}

describe('CSV', () => {
  test('any text comes back from its cell, with an apostrophe before what a spreadsheet would run', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const [[cell] = []] = parseCsv(`${csvCell(text)}\r\n`);
        expect(cell).toBe((/^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text).replaceAll('\0', '\ufffd'));
      }),
    );
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', "=cmd|' /C calc'!A0"])('formula %j is text', (text) => {
    expect(csvCell(text).replace(/^"/, '').startsWith("'")).toBe(true);
  });

  test('numbers stay numbers, negative ones too; what is not known is empty', () => {
    expect([-1.5, 0, 1e-7, 123456789012, NaN, Infinity, null, undefined, true].map(csvCell)).toEqual([
      '-1.5',
      '0',
      '1e-7',
      '123456789012',
      '',
      '',
      '',
      '',
      'true',
    ]);
  });

  test('every record is a row, every row as wide as its head, all runs in one table', () => {
    const stories = [
      syntheticStory({ names: ['=HYPERLINK("http://x")', 'a,"b"\r\n'] }),
      syntheticStory({ policy: 'bsp' }),
    ];
    const files = new Map(renderCsv(stories).map(({ name, text }) => [name, parseCsv(text)]));
    const total = (of: (story: (typeof stories)[0]) => readonly unknown[]): number =>
      stories.reduce((sum, story) => sum + of(story).length, 1);
    expect(files.get('runs')).toHaveLength(3);
    expect(files.get('workers')).toHaveLength(9);
    expect(files.get('iterations')).toHaveLength(total(({ iterations }) => iterations));
    expect(files.get('pushes')).toHaveLength(total(({ pushes }) => pushes));
    expect(files.get('allocations')).toHaveLength(total(({ allocations }) => allocations));
    expect(files.get('evaluations')).toHaveLength(total(({ evaluations }) => evaluations));
    expect(files.get('traffic')).toHaveLength(total(({ traffic }) => traffic));
    expect(files.get('incidents')).toHaveLength(total(({ incidents }) => incidents));
    for (const [name, rows] of files) {
      for (const row of rows) expect(row.length, name).toBe(rows[0]?.length);
    }
    expect(files.get('workers')?.map((row) => row[1])).toContain(`'=HYPERLINK("http://x")`);
  });
});

describe('JSON', () => {
  test('names its schema and holds settings, result, figures and records', () => {
    const story = syntheticStory();
    const [file] = FORMATS.json.render([story], 'run', context);
    const report = JSON.parse(file?.content ?? '') as { schema: string; runs: Record<string, unknown>[] };
    expect(report.schema).toBe(REPORT_SCHEMA);
    expect(report.runs[0]).toMatchObject({
      run: story.run.run,
      config: story.run.config,
      result: story.run.result,
      records: { iterations: story.iterations, evaluations: story.evaluations },
    });
  });
});

describe('formats', () => {
  test('no name leads out of the directory', () => {
    for (const name of ['../../etc/passwd', '..', '/abs', 'C:\\x', 'a\0b', '', 'r-1']) {
      for (const format of Object.values(FORMATS)) {
        for (const { path } of format.render([syntheticStory({ seconds: 2 })], name, context)) {
          expect(path).toMatch(/^[A-Za-z0-9_][\w.-]*(\/[a-z]+\.csv)?$/);
        }
      }
    }
  });
});
