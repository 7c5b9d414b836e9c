/**
 * The report as LaTeX: an article that compiles by itself, whose tables can be taken over into a paper.
 * It needs `booktabs` and `longtable`, which every distribution has; run LaTeX twice for the widths of columns.
 */
import type { ReportContext } from './html.ts';
import { plainText } from './markup.ts';
import type { Block, TableColumn } from './outline.ts';

const SECTIONS = { 1: 'section*', 2: 'subsection*', 3: 'subsubsection*' } as const;

const SPECIAL: Readonly<Record<string, string>> = {
  ...{ '\\': '\\textbackslash{}', '~': '\\textasciitilde{}', '^': '\\textasciicircum{}' },
  ...{ '<': '\\textless{}', '>': '\\textgreater{}', '|': '\\textbar{}', '"': '\\textquotedbl{}' },
  ...{ '&': '\\&', '%': '\\%', $: '\\$', '#': '\\#', _: '\\_', '{': '\\{', '}': '\\}' },
  ...{ '×': '$\\times$', '→': '$\\to$', '↑': '$\\uparrow$', '↓': '$\\downarrow$', '≤': '$\\leq$', '≥': '$\\geq$' },
  ...{ '−': '$-$', '–': '--', '·': '$\\cdot$', '’': "'", '…': '\\dots{}', '\u00a0': '~', '\ufffd': '?' },
};

export function renderLatex(blocks: readonly Block[], { generatedAt, version }: ReportContext): string {
  const foot = `Made by Caduceus ${version} at ${generatedAt}. A dash is a figure that is not known.`;
  return [
    '\\documentclass[a4paper]{article}',
    '\\usepackage[T1]{fontenc}',
    '\\usepackage[utf8]{inputenc}',
    '\\usepackage[margin=2cm]{geometry}',
    '\\usepackage{booktabs,longtable,array}',
    '\\setlength{\\parindent}{0pt}',
    '\\begin{document}',
    ...[...blocks, { kind: 'paragraph', text: foot } as const].map(blockText),
    '\\end{document}',
    '',
  ].join('\n\n');
}

/** Text in which no character is a command, whatever it contains. */
export function latexText(text: string): string {
  return plainText(text)
    .replaceAll(/\s*[\r\n]+\s*/g, ' ')
    .replaceAll(/[\\~^<>|"&%$#_{}×→↑↓≤≥−–·’…\u00a0\ufffd]/g, (character) => SPECIAL[character] ?? character);
}

/** A table of its own, as papers print them. */
export function latexTabular(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string {
  return [
    `\\begin{tabular}{${alignment(columns)}}`,
    '  \\toprule',
    headLine(columns),
    '  \\midrule',
    ...rows.map(tableLine),
    '  \\bottomrule',
    '\\end{tabular}',
  ].join('\n');
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `\\${SECTIONS[block.level]}{${latexText(block.text)}}`;
    case 'paragraph':
      return latexText(block.text);
    case 'table':
      return longTable(block);
    case 'listing':
      return verbatim(block.text);
  }
}

function longTable({ caption, columns, rows }: Block & { kind: 'table' }): string {
  return [
    '{\\footnotesize\\setlength{\\tabcolsep}{4pt}',
    `\\begin{longtable}{${alignment(columns)}}`,
    `  \\caption{${latexText(caption)}}\\\\`,
    '  \\toprule',
    headLine(columns),
    '  \\midrule',
    '  \\endhead',
    ...rows.map(tableLine),
    '  \\bottomrule',
    '\\end{longtable}}',
  ].join('\n');
}

/** The last column of words takes what room there is; long reasons wrap. */
function alignment(columns: readonly TableColumn[]): string {
  if (columns.some(({ wraps }) => wraps)) {
    return columns.map(({ align, wraps }) => (wraps ? 'p{2.4cm}' : align === 'left' ? 'l' : 'r')).join('');
  }
  const wraps = columns.length > 2 && columns.at(-1)?.align === 'left';
  return columns
    .map(({ align }, index) => (wraps && index === columns.length - 1 ? 'p{7cm}' : align === 'left' ? 'l' : 'r'))
    .join('');
}

function headLine(columns: readonly TableColumn[]): string {
  return tableLine(columns.map(({ head }) => head));
}

function tableLine(cells: readonly string[]): string {
  // A cell that begins with a bracket would be taken for an option of the line end before it.
  return `  ${cells.map((cell) => latexText(cell).replace(/^\[/, '{[}')).join(' & ')} \\\\`;
}

/** What would end the listing early is broken up. */
function verbatim(text: string): string {
  // Listings are JSON, to be copied: what may not be typeset is spelt as JSON spells it.
  const ascii = text.replaceAll(/[^\n -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const safe = ascii.replaceAll('\\end{verbatim}', '\\end {verbatim}');
  return `\\begin{verbatim}\n${safe}\n\\end{verbatim}`;
}
