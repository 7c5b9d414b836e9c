/** The cluster that the stories are about: a step of 16 rows takes a, b and c 40 ms each, on links of 10 ms. */
import type { Scenario } from '../scenario.ts';

export const smallCluster = {
  reference: { batch: 16 },
  link: { upBitsPerSecond: 1e9, downBitsPerSecond: 1e9, latencyMs: 10 },
  devices: ['a', 'b', 'c'].map((name) => ({ name, samplesPerSecond: 400 })),
} satisfies Scenario['cluster'];
