/** What there is to choose from. */
import type { Catalogue, ClusterInfo, DatasetInfo } from '../../core/api.ts';
import { ENCODINGS } from '../../core/compression/encoding.ts';
import { reportError } from '../../core/errors.ts';
import { MODELS } from '../../core/model.ts';
import { describeModel } from '../../core/model-draft.ts';
import { type DatasetEntry, DATASETS } from '../../learn/datasets/registry.ts';
import { ENGINES } from '../../learn/engine.ts';
import { FORMATS } from '../../report/formats.ts';
import { folderFor } from './drafts.ts';
import { clusterPresets, loadCluster } from '../../sim/cluster-file.ts';

/** @param dataDirectory Where data sets are looked for; null: nowhere. */
export async function catalogueOf(dataDirectory: string | null): Promise<Catalogue> {
  return {
    datasets: await Promise.all(Object.values(DATASETS).map((entry) => datasetInfo(entry, dataDirectory))),
    clusters: clusterPresets().map(clusterInfo),
    models: Object.values(MODELS).map(describeModel),
    encodings: ENCODINGS,
    engines: ENGINES,
    reportFormats: [
      ...Object.entries(FORMATS).map(([name, { summary }]) => ({ name, summary })),
      { name: 'pdf', summary: 'the page as it prints' },
    ],
  };
}

async function datasetInfo(entry: DatasetEntry, dataDirectory: string | null): Promise<DatasetInfo> {
  const { name, description, shape, classes, needsFiles } = entry;
  const fitting = Object.values(MODELS).filter(
    (model) => volume(model.input) === volume(shape) && model.classes >= classes,
  );
  const models = fitting.map((model) => model.name);
  const problem = needsFiles ? await obstacle(entry, dataDirectory) : null;
  return { name, description, shape, classes, needsFiles, available: problem === null, problem, models };
}

async function obstacle(entry: DatasetEntry, dataDirectory: string | null): Promise<DatasetInfo['problem']> {
  try {
    await entry.locate?.(folderFor(entry.name, dataDirectory) ?? undefined);
    return null;
  } catch (error) {
    return reportError(error);
  }
}

function clusterInfo(name: string): ClusterInfo {
  const { source, devices, faults } = loadCluster(name);
  const speeds = devices.map(({ samplesPerSecond }) => samplesPerSecond);
  const spread = Math.max(...speeds) / Math.min(...speeds);
  return { name, source, devices: devices.length, faults: faults.length, spread };
}

function volume(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
