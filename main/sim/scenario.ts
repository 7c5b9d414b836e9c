/** A story that a simulation tells: a small cluster, something that happens to it, and how it must end. */
import { type ClusterInput, parseCluster } from '../core/cluster.ts';
import { parseRunConfig, type RunConfigInput } from '../core/config.ts';
import { simulate, type SimulationResult } from './simulation.ts';
import { timingOnlyRequest } from './timing-only-request.ts';
import { Transcript } from './transcript.ts';

export interface Scenario {
  title: string;
  /** What happens, and what is expected of it, in words. */
  story: string;
  cluster: Omit<ClusterInput, 'name' | 'source'>;
  settings: RunConfigInput;
  /** Lines of the transcript. */
  transcript: string[];
}

/** Rows lie on the devices; a few of them are enough. */
const DATASET = { name: 'none', trainRows: 4000 };

export function play({ title, story, cluster, settings }: Scenario): { lines: string[]; outcome: SimulationResult } {
  const complete = parseCluster({ name: title.replaceAll(/\W+/g, '-'), source: story, rows: 'on-devices', ...cluster });
  const config = parseRunConfig({ dataset: DATASET, evaluateEveryMs: 1000, ...settings });
  const transcript = new Transcript();
  const outcome = simulate({
    ...timingOnlyRequest(config, complete),
    onRecord: (record) => transcript.add(record),
  });
  return { lines: transcript.lines, outcome };
}
