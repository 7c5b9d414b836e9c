/**
 * What the control plane offers to its three hosts: the command line, the browser host and the
 * desktop shell. Values that cross this border are plain JSON, so any host can serialize them.
 */
import type { Cluster } from './cluster.ts';
import type { ComparedRun, ComparisonRow } from './comparison.ts';
import type { RunConfig, RunConfigInput } from './config.ts';
import type { DevicesApi } from './device.ts';
import type { ErrorReport } from './errors.ts';
import type { RunRecord, RunResult } from './metrics.ts';
import type { Allocation } from './policy/allocated.ts';
import type { RunTotals } from './totals.ts';

/** What hosts need of the policies: their names for lists, their option schemas for forms and flags. */
import type { OptionValue, OptionValues } from './policy/options.ts';
export { type OptionValue, type OptionValues, parseOption, rangeOf } from './policy/options.ts';
export { POLICIES, policyNamed } from './policy/registry.ts';
export { ENCODINGS } from './compression/encoding.ts';
export { ALLOCATIONS } from './policy/allocated.ts';

export type RunStatus = 'running' | 'paused' | 'completed' | 'interrupted' | 'failed';

export interface RunSummary {
  run: string;
  name: string | null;
  status: RunStatus;
  /** ISO 8601, wall clock. */
  createdAt: string;
  finishedAt: string | null;
  config: RunConfig;
  result: RunResult | null;
  error: ErrorReport | null;
}

/** Raised once, when what was asked for is not wanted any more; an AbortSignal is one. */
export interface Cancellation {
  readonly aborted: boolean;
  addEventListener(event: 'abort', listener: () => void): void;
  removeEventListener(event: 'abort', listener: () => void): void;
}

/** What a host is told while a run is prepared and trains. Called in order, never concurrently. */
export interface RunObserver {
  /** A step of preparation, in words: which engine, which data set, where workers connect. */
  onStage?(text: string): void;
  onRecord?(record: RunRecord, totals: RunTotals): void;
  /** Raised when the run is not wanted any more; while it is prepared it then fails with CAD-INTERRUPTED. */
  readonly signal?: Cancellation;
}

/** A worker to add to a run under way: a process of this machine, or a device by name or identifier. */
export type NewWorker = { kind: 'local'; speed?: number | undefined } | { kind: 'device'; device: string };

export interface RunHandle {
  readonly run: string;
  readonly totals: RunTotals;
  /** Settles when everything the run started has ended. Rejects with the run's CaduceusError. */
  readonly whenDone: Promise<RunResult>;
  /** Ends training, keeps a checkpoint; `whenDone` then rejects with CAD-INTERRUPTED. */
  stop(): void;
  /** Ends training with what it has reached: the model is judged, `whenDone` resolves. */
  finish(): void;
  pause(): void;
  resume(): void;
  /**
   * Starts one more worker and answers with its name; it takes part as soon as it has connected. Absent, as the
   * next three, where everything is fixed beforehand: in a simulated run.
   * @throws CAD-DEVICE-UNKNOWN, CAD-WORKER-START; CAD-CONFIG when the run is over
   */
  addWorker?(worker: NewWorker): Promise<string>;
  /** The worker goes as soon as nothing that it pushed is undecided; its rows go to the others. @throws CAD-CONFIG */
  dropWorker?(worker: string): void;
  /**
   * Changes options that are marked live, and answers with all values from now on.
   * @throws CAD-POLICY-OPTION; CAD-CONFIG when the run is over
   */
  setOptions?(change: OptionValues): OptionValues;
  /** All values of the policy's options as they are now. */
  readonly options?: OptionValues;
}

export interface ReplayResult {
  run: string;
  decisions: number;
  matched: number;
  /** Index of the first decision that came out otherwise; null when all are the same. */
  firstDifference: number | null;
}

export interface ReplayObserver {
  onProgress?(done: number, of: number): void;
  readonly signal?: Cancellation;
}

export interface ReportRequest {
  /** One run, or several to compare. */
  runs: readonly string[];
  formats: readonly string[];
  /** Directory to write into; that of exports in the data directory when left out. */
  directory?: string;
  /** Names and addresses of devices; without, they are numbered. */
  includeHosts?: boolean;
}

export interface ReportObserver {
  /** Formats that are done, of how many, and which is next. */
  onProgress?(done: number, of: number, next: string): void;
  readonly signal?: Cancellation;
}

export interface CompareRequest {
  /** A preset's name, a cluster file, or a cluster itself. */
  cluster: string | Cluster;
  /** Everything but the policy; its seed is not looked at. */
  config: Omit<RunConfigInput, 'policy' | 'options' | 'seed'>;
  /** One row each; every policy with its defaults when left out. */
  variants?: readonly { label?: string; policy: string; options: Record<string, OptionValue> }[];
  seeds: number;
  firstSeed: number;
  /** Learning rates tried for every row on seeds of their own; 0: all use the one given. */
  tune: number;
  timingOnly: boolean;
  /** Simulations at the same time; one a processor when left out. */
  processes?: number;
}

export interface ComparisonObserver {
  onProgress?(done: number, of: number, what: string): void;
  /** A run of a row's has ended; those of tuning are not told. */
  onRun?(policy: string, run: ComparedRun): void;
}

export interface ComparisonHandle {
  readonly whenDone: Promise<ComparisonResult>;
  /** Ends all simulations; `whenDone` then rejects with CAD-INTERRUPTED. */
  stop(): void;
}

export interface ComparisonResult {
  cluster: string;
  dataset: string;
  model: string;
  seeds: number[];
  targetAccuracy: number | null;
  /** Of all rows; `policy`: as each policy has it. */
  allocation: Allocation;
  tuning: number;
  rows: ComparisonRow[];
}

export interface SimulateRequest {
  /** A preset's name, a cluster file, or a cluster itself. */
  cluster: string | Cluster;
  config: RunConfigInput;
  timingOnly: boolean;
}

export interface ControlPlaneApi {
  startRun(config: RunConfigInput, observer: RunObserver): Promise<RunHandle>;
  /** Goes on with an interrupted run from its newest checkpoint. */
  resumeRun(run: string, observer: RunObserver): Promise<RunHandle>;
  /**
   * The devices of a run as they were measured, for the simulator.
   * @throws CAD-RUN-UNKNOWN, CAD-RUN-UNFINISHED, CAD-CLUSTER
   */
  measuredCluster(run: string): Cluster;
  /** One run in virtual time, kept like a real one. */
  simulate(request: SimulateRequest, observer: RunObserver): Promise<RunHandle>;
  compare(request: CompareRequest, observer: ComparisonObserver): ComparisonHandle;
  /** The rows as text, md, tex or csv. @throws CAD-USAGE for another format. */
  comparisonTable(rows: readonly ComparisonRow[], format: string): string;
  listRuns(limit: number): RunSummary[];
  /** `run`: an identifier, a beginning of one, or `latest`. */
  findRun(run: string): RunSummary;
  /** Writes reports and answers with the files' paths. */
  writeReports(request: ReportRequest, observer?: ReportObserver): Promise<string[]>;
  /** Writes the final model as safetensors and answers with the path. */
  exportModel(run: string, path: string): string;
  /** @throws CAD-RUN-UNKNOWN, CAD-RUN-UNFINISHED, CAD-INTERRUPTED */
  replay(run: string, observer?: ReplayObserver): Promise<ReplayResult>;
  /** Opened at the first use. @throws CAD-HOME-READONLY, CAD-STORE-CORRUPT */
  readonly devices: DevicesApi;
  close(): void;
}
