/** The application itself: what it is, what it has to offer, what it is doing. */
import type { Encoding } from '../compression/encoding.ts';
import type { ComparisonResult } from '../control-plane-api.ts';
import type { DeploySummary } from '../device.ts';
import type { ErrorReport } from '../errors.ts';
import type { Settings } from '../settings.ts';
import type { ModelDescription } from './experiment.ts';

export interface AppInfo {
  name: 'Caduceus';
  version: string;
  /** Where the window runs: a browser tab, or the desktop shell. */
  host: 'browser' | 'desktop';
  capabilities: Capabilities;
  node: string;
  /** `linux 6.1 x64`. */
  system: string;
  cpus: number;
  dataDirectory: string;
  /** Of the newest run on this machine; null before the first. */
  engine: string | null;
  startedAt: string;
  load: Load;
}

export interface Capabilities {
  /** A native dialog can choose folders and files. */
  choosesPaths: boolean;
  /** Passwords can be kept in the system's key store. */
  keepsSecrets: boolean;
  /** A report can be written as PDF; why not, when it cannot. */
  writesPdf: boolean;
  pdfObstacle: string | null;
}

/** How busy the process is that serves the runs. */
export interface Load {
  /** Milliseconds that its callbacks were late by, since the reading before. */
  delayMs: { p50: number; p99: number; max: number };
  memoryBytes: number;
  activeRuns: number;
  activeJobs: number;
}

export interface Catalogue {
  datasets: DatasetInfo[];
  clusters: ClusterInfo[];
  models: ModelDescription[];
  encodings: readonly Encoding[];
  engines: readonly string[];
  reportFormats: { name: string; summary: string }[];
}

export interface DatasetInfo {
  name: string;
  description: string;
  shape: readonly number[];
  classes: number;
  needsFiles: boolean;
  /** Its files were found in the default data directory, or it needs none. */
  available: boolean;
  /** Why not. */
  problem: ErrorReport | null;
  /** Presets that can be trained on it. */
  models: string[];
}

export interface ClusterInfo {
  name: string;
  /** Where its figures come from. */
  source: string;
  devices: number;
  faults: number;
  /** Fastest over slowest. */
  spread: number;
}

export interface SettingsView {
  settings: Settings;
  path: string;
  /** The file could not be read; it was put aside under this name and defaults are used. */
  putAside: string | null;
}

/** A file that was made for the user. The browser fetches it at `/files/<id>`, the desktop shell copies it. */
export interface OutputFile {
  id: string;
  name: string;
  mediaType: string;
  bytes: number;
  path: string;
}

export type JobKind =
  'start' | 'resume' | 'simulate' | 'compare' | 'report' | 'deploy' | 'probe' | 'stop-agents' | 'uninstall' | 'replay';

export type JobOutcome =
  | { kind: 'run'; run: string }
  | { kind: 'comparison'; comparison: ComparisonResult }
  /** Made for the user, and kept in the folder of exports; a ZIP where it holds several. */
  | { kind: 'file'; file: OutputFile; contents: string[] }
  | { kind: 'devices'; summary: DeploySummary }
  | { kind: 'replay'; decisions: number; matched: number; firstDifference: number | null };

/** Something that takes a while. Ended jobs are kept until the program ends, the newest fifty. */
export interface JobView {
  id: string;
  kind: JobKind;
  /** What it does, as a title: `Deploy to 3 devices`. */
  title: string;
  state: 'running' | 'done' | 'failed' | 'cancelled';
  /** The newest step in words. */
  stage: string | null;
  /** Null where it cannot be told. */
  progress: { done: number; of: number } | null;
  cancellable: boolean;
  startedAt: string;
  endedAt: string | null;
  outcome: JobOutcome | null;
  error: ErrorReport | null;
}

export interface JobStarted {
  job: string;
}

/** Something went wrong, or changed, that no call asked about. */
export interface Notice {
  id: number;
  at: string;
  level: 'info' | 'warning' | 'error';
  text: string;
  error: ErrorReport | null;
  about: { run?: string; device?: string; job?: string };
}
