/** Finds cluster descriptions: presets by name, others by path. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cluster, parseCluster } from '../core/cluster.ts';
import { CaduceusError } from '../core/errors.ts';

const PRESETS = join(import.meta.dirname, '..', '..', 'resources', 'clusters');

/** Names of the clusters that come with Caduceus. */
export function clusterPresets(directory = PRESETS): string[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}

/**
 * @param nameOrFile A preset's name, or the path of a file: what ends in `.json` or has a separator.
 * @throws CAD-CLUSTER when there is no such cluster, or naming what is wrong in it.
 */
export function loadCluster(nameOrFile: string, directory = PRESETS): Cluster {
  const isPath = nameOrFile.endsWith('.json') || /[\\/]/.test(nameOrFile);
  if (!isPath && !clusterPresets(directory).includes(nameOrFile)) {
    throw new CaduceusError(
      'CAD-CLUSTER',
      `there is no cluster named "${nameOrFile}"`,
      `Use one of: ${clusterPresets(directory).join(', ')}; or give the path of a file.`,
    );
  }
  const file = isPath ? nameOrFile : join(directory, `${nameOrFile}.json`);
  return parseCluster(parsed(file));
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CaduceusError(
      'CAD-CLUSTER',
      `the cluster file ${file} cannot be read: ${reason}`,
      'Give the path of a JSON file that describes a cluster.',
      cause,
    );
  }
}
