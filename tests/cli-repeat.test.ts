/** A report is enough to have its run again. From its other formats, and on workers: cli-repeat.long.test.ts. */
import { expect, test } from 'vitest';
import { parseCluster } from '../main/core/cluster.ts';
import { repetitionOf } from '../main/report/repeat.ts';
import { syntheticStory } from '../main/report/synthetic-run.fixture.ts';
import { clusterPresets, loadCluster } from '../main/sim/cluster-file.ts';
import { repeatsSimulations } from './cli-repeat.contract.ts';

repeatsSimulations();

test('every preset comes back whole from what a report says of it', () => {
  for (const name of clusterPresets()) {
    const cluster = loadCluster(name);
    const { files } = repetitionOf({ ...syntheticStory(), simulation: { cluster, timingOnly: true } });
    expect(parseCluster(files.find(({ holds }) => holds === 'cluster')?.content), name).toEqual(cluster);
  }
});
