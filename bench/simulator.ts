/**
 * What one simulated event costs, and whether it stays so as the cluster grows.
 *
 *     npm run bench -- simulator [--workers 100,1000,10000] [--events 200000] [--policies asp,hermes] [--unchecked] [--json]
 *
 * Timing only: no tensors, the message sizes of mlp-109k, checkers on. Measured when all devices
 * have joined and trained a while, in processor time: the cores may be
 * shared. The target is a cost per event that at most doubles from 100 to 10,000 workers.
 */
import { parseArgs } from 'node:util';
import { parseCluster } from '../main/core/cluster.ts';
import { parseRunConfig } from '../main/core/config.ts';
import type { OptionValues } from '../main/core/policy/options.ts';
import { timingOnlyRequest } from '../main/sim/timing-only-request.ts';
import { Simulation } from '../main/sim/simulation.ts';

const TARGET_RATIO = 2;
/** To connect, get the first rows and train a few iterations, per device. */
const EVENTS_TO_START = 60;
const { values } = parseArgs({
  options: {
    workers: { type: 'string', default: '100,1000,10000' },
    events: { type: 'string', default: '200000' },
    policies: { type: 'string', default: 'asp,hermes' },
    unchecked: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

/** Local iterations as short as ASP's would be, so that events and not arithmetic are measured. */
const OPTIONS: Record<string, OptionValues> = { hermes: { samples: 128, epochs: 1, 'probe-samples': 64 } };

function simulation(policyName: string, workers: number): Simulation {
  const speeds = [200, 400, 500, 800, 1200];
  const cluster = parseCluster({
    name: `bench-${workers}`,
    source: 'bench/simulator.ts',
    reference: { model: 'mlp-109k', batch: 16 },
    defaults: { jitter: 0.05 },
    link: { upBitsPerSecond: 20e6, downBitsPerSecond: 20e6, latencyMs: 20 },
    devices: speeds.map((samplesPerSecond) => ({
      name: `of-${samplesPerSecond}`,
      samplesPerSecond,
      count: workers / speeds.length,
    })),
  });
  const config = parseRunConfig({
    policy: policyName,
    options: OPTIONS[policyName] ?? {},
    learningRate: 0.001,
    dataset: { name: 'digits', trainRows: 1_000_000 },
    stop: { maxSeconds: 1e6 },
    evaluateEveryMs: 5000,
  });
  return new Simulation({ ...timingOnlyRequest(config, cluster), unchecked: values.unchecked });
}

const rows: {
  policy: string;
  workers: number;
  events: number;
  usPerEvent: number;
  eventsPerSecond: number;
  megabytes: number;
}[] = [];
const ratios: Record<string, number> = {};
for (const policy of values.policies.split(',')) {
  simulation(policy, 100).advance(20_000); // compiled before anything is measured
  for (const workers of values.workers.split(',').map(Number)) {
    const events = Number(values.events);
    const startMs = performance.now();
    const run = simulation(policy, workers);
    run.advance(EVENTS_TO_START * workers);
    const startedMs = performance.now();
    const startedCpu = process.cpuUsage();
    const startedAtMs = run.nowMs;
    run.advance(events);
    const { user, system } = process.cpuUsage(startedCpu);
    const ms = (user + system) / 1000;
    const megabytes = Math.round(process.memoryUsage().rss / 2 ** 20);
    rows.push({
      policy,
      workers,
      events,
      usPerEvent: (ms * 1000) / events,
      eventsPerSecond: (events * 1000) / ms,
      megabytes,
    });
    const row = rows.at(-1);
    console.error(
      `${policy} ${workers} workers: ${row?.usPerEvent.toFixed(1)} µs an event, ${row?.eventsPerSecond.toFixed(0)} events/s, from ${(startedAtMs / 1000).toFixed(1)} to ${(run.nowMs / 1000).toFixed(1)} s, start ${((startedMs - startMs) / 1000).toFixed(1)} s, ${megabytes} MB`,
    );
  }
  const own = rows.filter((row) => row.policy === policy);
  ratios[policy] = (own.at(-1)?.usPerEvent ?? NaN) / (own[0]?.usPerEvent ?? NaN);
  console.error(
    `${policy}: cost per event × ${ratios[policy].toFixed(2)} from the smallest to the largest cluster (target ≤ ${TARGET_RATIO})`,
  );
}
if (values.json) console.log(JSON.stringify({ rows, ratios, targetRatio: TARGET_RATIO }));
if (Object.values(ratios).some((ratio) => !(ratio <= TARGET_RATIO))) process.exitCode = 1;
