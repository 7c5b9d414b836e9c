/** A comparison in each of its formats, with a label that every one of them would take for something else. */
import { describe, expect, it } from 'vitest';
import type { ComparisonRow } from '../core/comparison.ts';
import { comparisonFormat } from './comparison-table.ts';

const HOSTILE = '=a,b "c" | d_e & 5 % \\x';

function row(policy: string, given: Partial<ComparisonRow> = {}): ComparisonRow {
  return {
    policy,
    options: {},
    learningRate: 0.1,
    seeds: [1, 2, 3],
    reached: 3,
    censored: 0,
    ends: { target: 3 },
    secondsToTarget: { median: 12.34, low: 11, high: 14 },
    restrictedSeconds: 12.34,
    speedup: 2,
    accuracy: { median: 0.9512, low: 0.95, high: 0.953 },
    loss: 0.2,
    iterations: 1000,
    pushes: 900,
    samples: 16_000,
    bytes: { up: 4e6, down: 3e6, data: 2e6, control: 1e6, counterfactual: 2e7, savedPercent: 60 },
    waitShare: 0.25,
    curves: [{ seed: 1, fingerprint: 'f', points: [{ seconds: 1, bytes: 100, accuracy: 0.5, loss: 1 }] }],
    ...given,
  };
}

const rows = [
  row(HOSTILE),
  row('asp', { reached: 2, censored: 1, secondsToTarget: { median: 20, low: 18, high: 22 }, restrictedSeconds: 22 }),
  row('ssp', { reached: 1, censored: 2, restrictedSeconds: 100, speedup: null }),
  row('hermes', { reached: 0, censored: 3, secondsToTarget: null, restrictedSeconds: 600, accuracy: null, loss: null }),
];
const cellsOf = (format: string): string[] => comparisonFormat(format)(rows).split(/\r?\n/);

describe('a comparison as', () => {
  it('text says what is a median of all, what only a bound, and what is not known', () => {
    const [head = '', , ...lines] = cellsOf('text');
    expect(head).toMatch(/^policy +seconds to target +reached/);
    expect(lines[0]).toMatch(/^asp +22\.0 \[18\.0, ≥ 22\.0\] +2 of 3/);
    expect(lines[1]).toMatch(/^ssp +≥ 100\.0 +1 of 3 +–/);
    expect(lines[2]).toMatch(/^hermes +> 600 +0 of 3 /);
  });

  it('a table of timing only does not call its accuracies those of a test', () => {
    const timed = rows.map((each) => ({ ...each, timingOnly: true as const }));
    for (const format of ['text', 'md', 'tex']) {
      expect(comparisonFormat(format)(timed)).toContain('stand-in accuracy');
      expect(comparisonFormat(format)(timed)).not.toContain('test accuracy');
      expect(comparisonFormat(format)(rows)).not.toContain('stand-in');
    }
    expect(comparisonFormat('csv')(timed)).toMatch(/timing only\r\n.*,true\r\n/);
  });

  it('CSV is quoted, harmless in a spreadsheet, and has every figure in a column of its own', () => {
    const [head = '', first = '', , , last = ''] = cellsOf('csv');
    expect(first.startsWith(`"'=a,b ""c"" | d_e & 5 % \\x",12.34,3,2,0.9512,`)).toBe(true);
    const heads = head.replaceAll(/"([^"]*)"/g, (_, text: string) => text.replaceAll(',', ';')).split(',');
    const figures = Object.fromEntries(heads.map((name, index) => [name, last.split(',')[index]]));
    expect(figures).toMatchObject({ policy: 'hermes', 'seconds to target': '', censored: '3', 'test accuracy': '' });
    expect(figures).toMatchObject({ 'seconds at least': '600', 'updates up': '4000000', 'models down': '3000000' });
    expect(figures).toMatchObject({ rows: '2000000', control: '1000000', counterfactual: '20000000' });
  });

  it('Markdown and LaTeX keeps its columns, whatever a label holds', () => {
    const markdown = cellsOf('md');
    for (const line of markdown.slice(0, 6)) expect(line.match(/(?<!\\)\|/g)).toHaveLength(12);
    const latex = cellsOf('tex').filter((line) => line.endsWith('\\\\'));
    expect(latex).toHaveLength(5);
    for (const line of latex) expect(line.match(/(?<!\\)&/g)).toHaveLength(10);
    expect(latex[1]).toContain('d\\_e \\& 5 \\% \\textbackslash{}x');
  });

  it('JSON is all there is, accuracy against time and bytes too', () => {
    expect(JSON.parse(comparisonFormat('json')(rows))).toEqual({ rows });
  });

  it('anything else is refused with the formats there are', () => {
    for (const name of ['xlsx', 'toString', '']) {
      expect(() => comparisonFormat(name)).toThrow(expect.objectContaining({ code: 'CAD-USAGE' }) as Error);
    }
  });
});
