/** What a report process is asked for, and what it answers. */
import type { ErrorReport } from '../core/errors.ts';

/** Runs that were found and formats that are known. */
export interface ReportOrder {
  home: string;
  runs: readonly string[];
  formats: readonly string[];
  /** The directory that files are for. */
  target: string;
  /** Where pages lie that somebody else prints. */
  scratch: string;
  includeHosts: boolean;
  /** Of Caduceus. */
  version: string;
}

export interface MadeFile {
  path: string;
  /** What it is still to be printed from. */
  page?: string;
}

export type FromReporter =
  /** One format is done; they come in the order that was asked for. */
  { is: 'format'; files: MadeFile[] } | { is: 'done' } | { is: 'failed'; error: ErrorReport };
