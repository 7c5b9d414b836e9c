import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { useCommand } from '../../state/commands.ts';
import { ReportDialog } from './report-dialog.tsx';

/** The longest list of runs that one report takes. */
const MAX_RUNS = 32;

interface ReportButtonProps {
  runs: readonly string[];
  /** Of one run. */
  name?: string | undefined;
}

export function ReportButton({ runs, name }: ReportButtonProps) {
  const [isOpen, setIsOpen] = useState(false);
  useCommand(
    runs.length > MAX_RUNS
      ? null
      : {
          title: runs.length === 1 ? 'Write a report' : `Write a report of ${runs.length} runs`,
          ...{ group: 'Report', run: () => setIsOpen(true) },
        },
  );
  return (
    <>
      <Button
        disabled={runs.length > MAX_RUNS}
        title={runs.length > MAX_RUNS ? `${MAX_RUNS} runs at most` : undefined}
        aria-haspopup="dialog"
        onClick={() => setIsOpen(true)}
      >
        Report
      </Button>
      {isOpen && <ReportDialog runs={runs} name={name} onClose={() => setIsOpen(false)} />}
    </>
  );
}
