/** A comparison as a table for a paper or a program, or as a report of the runs. */
import { useState } from 'react';
import type { CallInput } from '../../../main/core/api.ts';
import { Menu } from '../../components/menu.tsx';
import { useCommand } from '../../state/commands.ts';
import { perform } from '../../state/control-plane.ts';
import { downloadText } from '../../charts/download.ts';
import { ReportDialog } from '../report/report-dialog.tsx';

type Source = CallInput<'comparisons.table'>['of'];

const TABLES = [
  { format: 'csv', label: 'Table as CSV', type: 'text/csv' },
  { format: 'md', label: 'Table as Markdown', type: 'text/markdown' },
  { format: 'tex', label: 'Table as LaTeX', type: 'application/x-tex' },
] as const;

export function ComparisonExport({ of }: { of: Source }) {
  const [reports, setReports] = useState(false);
  const save = async ({ format, type }: (typeof TABLES)[number]): Promise<void> => {
    const table = await perform('comparisons.table', { of, format });
    if (table !== undefined) downloadText(`comparison.${format}`, type, table.text);
  };
  useCommand(
    'runs' in of
      ? { title: `Write a report of ${of.runs.length} runs`, group: 'Report', run: () => setReports(true) }
      : null,
  );
  return (
    <>
      <Menu
        label="Export the comparison"
        items={[
          ...TABLES.map((table) => ({
            label: table.label,
            icon: 'download' as const,
            onSelect: () => void save(table),
          })),
          ...('runs' in of ? [null, { label: 'Report of these runs…', onSelect: () => setReports(true) }] : []),
        ]}
      >
        Export
      </Menu>
      {reports && 'runs' in of && <ReportDialog runs={of.runs} onClose={() => setReports(false)} />}
    </>
  );
}
