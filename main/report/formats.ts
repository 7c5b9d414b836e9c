/** Every format that a report can be written in. A new one is a file and a line here. */
import { renderCsv } from './csv.ts';
import { renderHtml, type ReportContext } from './html.ts';
import { comparedRuns } from './comparison.ts';
import { renderJson } from './json.ts';
import { renderLatex } from './latex.ts';
import { renderMarkdown } from './markdown.ts';
import { outline } from './outline.ts';
import type { RunStory } from './story.ts';

export interface ReportFile {
  /** Relative to the directory of reports; `/` between its parts, which are safe names. */
  path: string;
  content: string;
}

export interface ReportFormat {
  /** One line for help texts. */
  summary: string;
  extension: string;
  /** @param name file name without extension; characters that do not belong in one are replaced. */
  render(stories: readonly RunStory[], name: string, context: ReportContext): ReportFile[];
}

export const FORMATS = {
  html: {
    summary: 'one self-contained page with charts, for screen and paper',
    extension: 'html',
    render: (stories, name, context) => [{ path: `${safeName(name)}.html`, content: renderHtml(stories, context) }],
  },
  json: {
    summary: 'settings, result and records in one document, for programs',
    extension: 'json',
    render: (stories, name, context) => [{ path: `${safeName(name)}.json`, content: renderJson(stories, context) }],
  },
  md: {
    summary: 'Markdown: what ran, outcome, workers, allocations, incidents as tables',
    extension: 'md',
    render: (stories, name, context) => [
      { path: `${safeName(name)}.md`, content: renderMarkdown(outline(comparedRuns(stories)), context) },
    ],
  },
  tex: {
    summary: 'LaTeX: the same tables, for papers',
    extension: 'tex',
    render: (stories, name, context) => [
      { path: `${safeName(name)}.tex`, content: renderLatex(outline(comparedRuns(stories)), context) },
    ],
  },
  csv: {
    summary:
      'a folder of tables: runs, workers, devices, iterations, pushes, allocations, evaluations, traffic, incidents',
    extension: 'csv',
    render: (stories, name) =>
      renderCsv(stories).map((file) => ({ path: `${safeName(name)}-csv/${file.name}.csv`, content: file.text })),
  },
} as const satisfies Readonly<Record<string, ReportFormat>>;

function safeName(name: string): string {
  const safe = name
    .replaceAll(/[^\w.-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 80);
  return safe === '' ? 'report' : safe;
}
