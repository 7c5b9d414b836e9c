/** Has a report made and hands it over: one file, whatever was chosen. */
import type { CallInput, OutputFile } from '../../../main/core/api.ts';
import type { ErrorReport } from '../../../main/core/errors.ts';
import { appInfo } from '../../state/app.ts';
import { ask, handOver } from '../../state/control-plane.ts';
import { jobEnd } from '../../state/jobs.ts';
import { showFailure, showToast } from '../../state/toasts.ts';

export type ReportRequest = CallInput<'runs.report'>;

export type ReportEnd =
  | { kind: 'written'; file: OutputFile; contents: readonly string[]; isTaken: boolean }
  | { kind: 'failed'; error: ErrorReport }
  | { kind: 'cancelled' };

/** @param onJob told which job makes it, to be watched and cancelled. */
export async function makeReport(request: ReportRequest, onJob?: (job: string) => void): Promise<ReportEnd> {
  const started = await ask('runs.report', request);
  if (!started.ok) return { kind: 'failed', error: started.error };
  onJob?.(started.value.job);
  const { outcome, error } = await jobEnd(started.value.job);
  if (error !== null) return { kind: 'failed', error };
  if (outcome?.kind !== 'file') return { kind: 'cancelled' };
  return { ...outcome, kind: 'written', isTaken: await handOver(outcome.file) };
}

/** For whoever does not look at the dialog. */
export function tellReport(end: ReportEnd): void {
  if (end.kind === 'failed') showFailure(end.error);
  if (end.kind === 'written') tellWritten(end.file, end.isTaken);
}

/** The short way, with the settings for the rest. */
export async function writeReport(runs: readonly string[], format: ReportRequest['formats'][number]): Promise<void> {
  tellReport(await makeReport({ runs: [...runs], formats: [format] }));
}

export function tellWritten(file: OutputFile, isTaken: boolean): void {
  showToast(`${file.name} written. ${whereText(file, isTaken)}`, { tone: 'good' });
}

/** Where a file is. @param isTaken whoever it was offered to has taken it; one who has not chosen a place has not. */
export function whereText({ path }: OutputFile, isTaken: boolean): string {
  if (!isTaken) return `It is kept as ${path}.`;
  return `${isDesktop() ? 'It is where you have put it' : 'Your browser has downloaded it'}; a copy is kept as ${path}.`;
}

export function isDesktop(): boolean {
  return appInfo.get()?.host === 'desktop';
}
