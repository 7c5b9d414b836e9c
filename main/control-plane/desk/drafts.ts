/** From what a window sent to what the control plane takes; the core's own checks come behind. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckedInput, ClusterReading } from '../../core/api.ts';
import { type Cluster, clusterIssues, parseCluster } from '../../core/cluster.ts';
import type { RunConfigInput } from '../../core/config.ts';
import { CaduceusError } from '../../core/errors.ts';
import type { Settings } from '../../core/settings.ts';
import { DATASETS } from '../../learn/datasets/registry.ts';
import { loadCluster } from '../../sim/cluster-file.ts';

type Draft = CheckedInput<'runs.start'>['config'];

/** A set's own folder in the directory of all, where there is one; else the directory itself. */
export function folderFor(dataset: string, dataDirectory: string | null): string | null {
  if (dataDirectory === null) return null;
  const own = join(dataDirectory, dataset);
  return existsSync(own) ? own : dataDirectory;
}

/** A data set that is read from files and names no folder gets the user's. */
export function withFolder<Dataset extends { name?: unknown; dataDir?: unknown }>(
  dataset: Dataset,
  { dataDirectory }: Pick<Settings, 'dataDirectory'>,
): Dataset {
  const { name, dataDir } = dataset;
  const entry = typeof name === 'string' && Object.hasOwn(DATASETS, name) ? DATASETS[name] : undefined;
  const folder = entry?.needsFiles ? folderFor(entry.name, dataDirectory) : null;
  return folder === null || dataDir !== undefined ? dataset : { ...dataset, dataDir: folder };
}

/** What the user set once for all runs goes where a draft says nothing. */
export function withDefaults(draft: Draft, settings: Settings): Draft {
  return { ...draft, dataset: withFolder(fieldsOf(draft['dataset'], { name: 'digits' }), settings) };
}

/** What is no object is left for the check to complain about. */
function fieldsOf(value: unknown, otherwise: Draft): Draft {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Draft) : otherwise;
}

/** Every field of it is checked by `parseRunConfig`, which all that starts anything calls first. */
export function draftOf(config: Draft): RunConfigInput {
  return config as unknown as RunConfigInput;
}

/** A preset's name stays one; what is being edited has to be whole. @throws CAD-CLUSTER */
export function chosenCluster(chosen: CheckedInput<'runs.simulate'>['cluster']): string | Cluster {
  return typeof chosen === 'string' ? loadCluster(chosen) : parseCluster(chosen);
}

export function readCluster(chosen: CheckedInput<'experiment.readCluster'>['cluster']): ClusterReading {
  try {
    return { cluster: typeof chosen === 'string' ? loadCluster(chosen) : parseCluster(chosen), issues: [] };
  } catch (error) {
    if (!(error instanceof CaduceusError)) throw error;
    const fields = typeof chosen === 'string' ? [] : clusterIssues(chosen);
    const whole = {
      path: '',
      severity: 'error' as const,
      code: 'cluster',
      message: error.message,
      range: error.remedy,
    };
    return { cluster: null, issues: fields.length > 0 ? fields : [whole] };
  }
}
