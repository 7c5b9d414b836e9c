import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comparedRuns } from './comparison.ts';
import { latexText, renderLatex } from './latex.ts';
import { markdownText, renderMarkdown } from './markdown.ts';
import { outline } from './outline.ts';
import { syntheticStory } from './synthetic-run.fixture.ts';

const context = { generatedAt: '2026-11-21T15:00:00.000Z', version: '0.1.0' };
const HOSTILE =
  'a|b <script>alert(1)</script> **x** [l](javascript:alert(1)) ![i](http://x/y) `c` \\input{/etc/passwd} $x$ %#&_~^';

describe('the outline of a report', () => {
  test('one run has its outcome, workers, allocations, incidents and settings', () => {
    const blocks = outline(comparedRuns([syntheticStory({ lost: 'pi-desk' })]));
    const captions = blocks.flatMap((block) => (block.kind === 'table' ? [block.caption] : []));
    expect(captions).toEqual(['Outcome', 'Workers', 'Devices', 'Changes of allocation', 'Incidents', 'What ran']);
    expect(blocks.filter(({ kind }) => kind === 'listing')).toHaveLength(2);
    const rows = blocks.flatMap((block) => (block.kind === 'table' ? block.rows : []));
    expect(rows).toContainEqual(['allocation', 'dual binary search, as the policy has it']);
  });

  test('several runs stand side by side first, and every row is as wide as its head', () => {
    const blocks = outline(comparedRuns([syntheticStory(), syntheticStory({ policy: 'bsp' })]));
    const tables = blocks.filter((block) => block.kind === 'table');
    expect(tables[0]?.caption).toBe('Runs side by side');
    expect(tables[0]?.rows).toHaveLength(2);
    for (const { columns, rows } of tables) for (const row of rows) expect(row).toHaveLength(columns.length);
  });

  test('what is not known is a dash, never 0', () => {
    const story = syntheticStory({ status: 'interrupted', evaluations: false });
    const table = outline(comparedRuns([story])).find((block) => block.kind === 'table');
    expect(table?.rows.find(([name]) => name === 'test accuracy')).toEqual(['test accuracy', '–']);
  });
});

describe('Markdown', () => {
  test('no text becomes markup: every special character is escaped, and a cell stays one cell', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const escaped = markdownText(text);
        expect(escaped.replaceAll(/\\[!-/:-@[-`{-~]/g, '')).not.toMatch(/[\\`*_[\]{}<>#|~&!\n\r]/);
      }),
      { numRuns: 1000 },
    );
  });

  test('a table has as many cells in every line whatever a worker is called', () => {
    const text = renderMarkdown(outline(comparedRuns([syntheticStory({ names: [HOSTILE] })])), context);
    for (const table of text.split('\n\n').filter((block) => block.startsWith('| '))) {
      const widths = table.split('\n').map((line) => line.replaceAll(/\\./g, '').split('|').length);
      expect(new Set(widths).size).toBe(1);
    }
    expect(text).not.toContain('<script>');
  });
});

describe('LaTeX', () => {
  test('no text becomes a command: what is left of braces and backslashes is ours', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const ours = /\\text\w+\{\}|\\dots\{\}|\$\\(?:times|to|uparrow|downarrow|leq|geq|cdot)\$|\$-\$|\\[&%$#_{}]|~/g;
        expect(latexText(text).replaceAll(ours, '')).not.toMatch(/[\\~^<>|"&%$#_{}]/);
      }),
      { numRuns: 1000 },
    );
  });

  test('environments are closed in order, and a listing cannot end early', () => {
    const story = syntheticStory({ names: [HOSTILE, '[x]'] });
    const named = { ...story, run: { ...story.run, name: '\\end{verbatim}\\input{x}' } };
    const text = renderLatex(outline(comparedRuns([named, syntheticStory({ policy: 'bsp' })])), context);
    const open: string[] = [];
    for (const [, what, name] of text.matchAll(/\\(begin|end)\{(\w+)\}/g)) {
      if (what === 'begin') open.push(name ?? '');
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
    expect(text).not.toContain('\\input{');
  });
});
