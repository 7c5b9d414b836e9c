/** The formats of reports as the window names them, the most used first. */
import type { Settings } from '../../../main/core/api.ts';

export type ReportFormat = Settings['reportFormats'][number];

export const REPORT_FORMATS: readonly { format: ReportFormat; label: string; hint: string }[] = [
  { format: 'html', label: 'HTML', hint: 'one page with all charts, for screen and paper' },
  { format: 'pdf', label: 'PDF', hint: 'the same page, printed' },
  { format: 'csv', label: 'CSV', hint: 'every record, a table each' },
  { format: 'json', label: 'JSON', hint: 'everything, for programs' },
  { format: 'md', label: 'Markdown', hint: 'the tables as text' },
  { format: 'tex', label: 'LaTeX', hint: 'the tables, for a paper' },
];

export function formatLabel(format: string): string {
  return REPORT_FORMATS.find((each) => each.format === format)?.label ?? format;
}
