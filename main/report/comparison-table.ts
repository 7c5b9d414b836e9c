/**
 * The comparison of policies as a table: text, Markdown, LaTeX and CSV from the same cells. For programs, CSV has the
 * intervals and every category of bytes in columns of their own, and JSON all there is, curves too.
 */
import { type ComparisonRow, knownMedian } from '../core/comparison.ts';
import { CaduceusError } from '../core/errors.ts';
import type { Estimate } from '../core/statistics.ts';
import { csvCell } from './csv.ts';
import { bytes, count, decimal, percent, UNKNOWN } from '../core/display/format.ts';
import { latexTabular } from './latex.ts';
import { markdownText } from './markdown.ts';

const TEST_ACCURACY = 'test accuracy';

interface Column {
  head: string;
  /** As people read it. */
  text(row: ComparisonRow): string;
  /** As programs read it. */
  value(row: ComparisonRow): number | string | null;
}

function interval(estimate: Estimate | null, digits: number): string {
  if (estimate === null) return UNKNOWN;
  const { median, low, high } = estimate;
  return `${decimal(median, digits)} [${decimal(low, digits)}, ${decimal(high, digits)}]`;
}

/**
 * The median of all runs. Where as many were censored as reached the target it is not known but for a bound;
 * where fewer were it is, but how long the slowest took is not.
 */
function secondsText(row: ComparisonRow): string {
  const { secondsToTarget, censored, restrictedSeconds } = row;
  if (secondsToTarget === null) return `> ${decimal(restrictedSeconds, 0)}`;
  if (censored === 0) return interval(secondsToTarget, 1);
  const median = knownMedian(row);
  if (median === undefined) return `≥ ${decimal(restrictedSeconds, 1)}`;
  return `${decimal(median, 1)} [${decimal(secondsToTarget.low, 1)}, ≥ ${decimal(Math.max(median, secondsToTarget.high), 1)}]`;
}

/** Models, updates and control: what the policy itself costs. */
function sent(row: ComparisonRow): number {
  return row.bytes.up + row.bytes.down + row.bytes.control;
}

const COLUMNS: readonly Column[] = [
  { head: 'policy', text: (row) => row.policy, value: (row) => row.policy },
  {
    head: 'seconds to target',
    text: secondsText,
    value: (row) => knownMedian(row) ?? null,
  },
  {
    head: 'reached',
    text: ({ reached, censored }) => `${reached} of ${reached + censored}`,
    value: ({ reached }) => reached,
  },
  {
    head: 'speed-up',
    text: ({ speedup }) => (speedup === null ? UNKNOWN : `${decimal(speedup, 2)}×`),
    value: ({ speedup }) => speedup,
  },
  {
    head: TEST_ACCURACY,
    text: ({ accuracy }) => (accuracy === null ? UNKNOWN : percent(accuracy.median, 2)),
    value: ({ accuracy }) => accuracy?.median ?? null,
  },
  { head: 'iterations', text: ({ iterations }) => count(iterations), value: ({ iterations }) => iterations },
  { head: 'pushes', text: ({ pushes }) => count(pushes), value: ({ pushes }) => pushes },
  { head: 'sent', text: (row) => bytes(sent(row)), value: sent },
  {
    head: 'saved',
    text: ({ bytes: { savedPercent } }) => (savedPercent === null ? UNKNOWN : `${decimal(savedPercent, 1)} %`),
    value: ({ bytes: { savedPercent } }) => savedPercent,
  },
  { head: 'rows', text: (row) => bytes(row.bytes.data), value: (row) => row.bytes.data },
  {
    head: 'waiting',
    text: ({ waitShare }) => (waitShare === null ? UNKNOWN : percent(waitShare, 1)),
    value: ({ waitShare }) => waitShare,
  },
];

/** A table leaves its surroundings: that an accuracy is not the model's has to stand in it. */
function headsOf(rows: readonly ComparisonRow[]): string[] {
  const isTimed = rows.some(({ timingOnly }) => timingOnly === true);
  return COLUMNS.map(({ head }) => (isTimed && head === TEST_ACCURACY ? 'stand-in accuracy' : head));
}

/** What people read in a cell with others, or do without. */
const FURTHER: readonly Omit<Column, 'text'>[] = [
  { head: 'censored', value: ({ censored }) => censored },
  { head: 'seconds to target, low', value: ({ secondsToTarget }) => secondsToTarget?.low ?? null },
  { head: 'seconds to target, high', value: ({ secondsToTarget }) => secondsToTarget?.high ?? null },
  { head: 'seconds at least', value: ({ restrictedSeconds }) => restrictedSeconds },
  { head: 'test accuracy, low', value: ({ accuracy }) => accuracy?.low ?? null },
  { head: 'test accuracy, high', value: ({ accuracy }) => accuracy?.high ?? null },
  { head: 'test loss', value: ({ loss }) => loss },
  { head: 'samples', value: ({ samples }) => samples },
  { head: 'updates up', value: ({ bytes: { up } }) => up },
  { head: 'models down', value: ({ bytes: { down } }) => down },
  { head: 'control', value: ({ bytes: { control } }) => control },
  { head: 'counterfactual', value: ({ bytes: { counterfactual } }) => counterfactual },
  { head: 'learning rate', value: ({ learningRate }) => learningRate },
  { head: 'timing only', value: ({ timingOnly }) => String(timingOnly === true) },
];

function textRows(rows: readonly ComparisonRow[]): string[][] {
  return rows.map((row) => COLUMNS.map((column) => column.text(row)));
}

export function comparisonText(rows: readonly ComparisonRow[]): string {
  const lines = [headsOf(rows), ...textRows(rows)];
  const widths = COLUMNS.map((_, column) => Math.max(...lines.map((cells) => (cells[column] ?? '').length)));
  const aligned = lines.map((cells) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  return `${aligned.join('\n')}\n`;
}

export function comparisonMarkdown(rows: readonly ComparisonRow[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(markdownText).join(' | ')} |`;
  const rule = COLUMNS.map((_, index) => (index === 0 ? '---' : '---:'));
  return [line(headsOf(rows)), line(rule), ...textRows(rows).map(line), ''].join('\n');
}

export function comparisonLatex(rows: readonly ComparisonRow[]): string {
  const columns = headsOf(rows).map((head, index) => ({ head, align: index === 0 ? 'left' : 'right' }) as const);
  return `${latexTabular(columns, textRows(rows))}\n`;
}

export function comparisonCsv(rows: readonly ComparisonRow[]): string {
  const columns = [...COLUMNS, ...FURTHER];
  const lines = [columns.map(({ head }) => head), ...rows.map((row) => columns.map(({ value }) => value(row)))];
  return lines.map((cells) => `${cells.map((cell) => csvCell(cell)).join(',')}\r\n`).join('');
}

const FORMATS: Readonly<Record<string, (rows: readonly ComparisonRow[]) => string>> = {
  text: comparisonText,
  md: comparisonMarkdown,
  tex: comparisonLatex,
  csv: comparisonCsv,
  json: (rows) => `${JSON.stringify({ rows }, null, 2)}\n`,
};

/** @throws CAD-USAGE listing the formats there are. */
export function comparisonFormat(name: string): (rows: readonly ComparisonRow[]) => string {
  const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
  if (format !== undefined) return format;
  throw new CaduceusError(
    'CAD-USAGE',
    `there is no table format "${name}"`,
    `Use one of: ${Object.keys(FORMATS).join(', ')}.`,
  );
}
