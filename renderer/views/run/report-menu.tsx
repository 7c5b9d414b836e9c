/** The run as a report, in every format there is; the model it has trained. */
import type { JobView } from '../../../main/core/api.ts';
import { Menu, type MenuItem } from '../../components/menu.tsx';
import { handOver, perform } from '../../state/control-plane.ts';
import { jobEnd } from '../../state/jobs.ts';
import { showFailure, showToast } from '../../state/toasts.ts';

const FORMATS = [
  ['html', 'Report as HTML', 'one file'],
  ['pdf', 'Report as PDF', 'to print'],
  ['md', 'Report as Markdown', ''],
  ['tex', 'Tables as LaTeX', ''],
  ['csv', 'Records as CSV', ''],
  ['json', 'Everything as JSON', ''],
] as const;

export type ReportFormat = (typeof FORMATS)[number][0];

export function ReportMenu({ runs, hasModel = false }: { runs: readonly string[]; hasModel?: boolean }) {
  const items: (MenuItem | null)[] = FORMATS.map(([format, label, note]) => ({
    label,
    icon: 'download' as const,
    ...(note !== '' && { note }),
    onSelect: () => void writeReport(runs, format),
  }));
  const [run] = runs;
  if (hasModel && run !== undefined) {
    items.push(null, { label: 'Trained model (safetensors)', icon: 'download', onSelect: () => void exportModel(run) });
  }
  return (
    <Menu label="Report" items={items}>
      Report
    </Menu>
  );
}

export async function writeReport(runs: readonly string[], format: ReportFormat): Promise<void> {
  const started = await perform('runs.report', { runs: [...runs], formats: [format] });
  if (started !== undefined) await handOverFiles(await jobEnd(started.job));
}

async function handOverFiles({ outcome, error }: JobView): Promise<void> {
  if (error !== null) showFailure(error);
  if (outcome?.kind !== 'files') return;
  for (const file of outcome.files) if (!(await handOver(file))) return;
  showToast(`${outcome.files.map(({ name }) => name).join(', ')} written`, { tone: 'good' });
}

async function exportModel(run: string): Promise<void> {
  const file = await perform('runs.exportModel', { run });
  if (file !== undefined) await handOver(file);
}
