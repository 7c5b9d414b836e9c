/** A run as the store keeps it: the summary that hosts show, and what a report needs to name its sources. */
import type { Cluster } from './cluster.ts';
import type { RunSummary } from './control-plane-api.ts';
import type { OptionValues } from './policy/options.ts';

/** Where a run was trained. Fields are an allow-list: nothing else of the machine reaches a report. */
export interface RunEnvironment {
  /** Version of Caduceus. */
  caduceus: string;
  /** Version of Node. */
  node: string;
  /** Operating system and processor, such as `linux 6.1 x64`. */
  system: string;
  /** Logical processors of the controller. */
  cpus: number;
  /** Engine that judged the models on the controller. */
  engine: string;
}

/** What a simulated run ran on, whole: with its settings all that it takes to have the same run again. */
export interface SimulatedOn {
  cluster: Cluster;
  /** Without learning. */
  timingOnly: boolean;
}

export interface RunRow extends RunSummary {
  /** ISO 8601, wall clock; null before training started. */
  startedAt: string | null;
  /** The policy's options, defaults filled in. */
  options: OptionValues;
  environment: RunEnvironment;
  /** Records that could not be written, for instance while the disk was full. */
  lostRecords: number;
}
