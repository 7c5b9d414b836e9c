/** The report as Markdown (CommonMark with tables): readable as it is, and wherever Markdown is shown. */
import type { ReportContext } from './html.ts';
import { plainText } from './markup.ts';
import type { Block, TableColumn } from './outline.ts';

export function renderMarkdown(blocks: readonly Block[], { generatedAt, version }: ReportContext): string {
  const foot = `Made by Caduceus ${version} at ${generatedAt}. A dash is a figure that is not known.`;
  return `${[...blocks, { kind: 'paragraph', text: foot } as const].map(blockText).join('\n\n')}\n`;
}

/** One line of text in which nothing is markup, whatever it contains. */
export function markdownText(text: string): string {
  return plainText(text)
    .replaceAll(/\s*[\r\n]+\s*/g, ' ')
    .replaceAll(/[\\`*_[\]{}<>#|~&$!]/g, (character) => `\\${character}`)
    .replaceAll(/^(\s*)([-+]|\d+[.)])(?=\s)/g, '$1\\$2')
    .replaceAll(/:\/\//g, ':\\/\\/');
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${markdownText(block.text)}`;
    case 'paragraph':
      return markdownText(block.text);
    case 'table':
      return tableText(block.columns, block.rows);
    case 'listing':
      return fenced(block.text);
  }
}

function tableText(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const heads = columns.map(({ head }) => markdownText(head));
  const rules = columns.map(({ align }) => (align === 'right' ? '---:' : '---'));
  return [heads, rules, ...rows.map((cells) => cells.map(markdownText))].map(line).join('\n');
}

/** A fence longer than any run of backticks inside. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${plainText(text)}\n${fence}`;
}
