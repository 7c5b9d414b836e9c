/**
 * The figures that the papers print, simulated: docs/BENCHMARKS.md has them side by side.
 *
 *     npm run bench -- papers [--seeds 3] [--seconds 600] [--only adsp,taming,omnilearn] [--json]
 *     npm run bench -- papers --only gate --data-dir DIR    true training on MNIST, some minutes
 *
 * Utilization and throughput are timing-only: they follow from speeds, sizes and who waits for whom.
 * The gate controls train: what a gate is worth shows in accuracy alone. Every ratio is of two runs with
 * the same seed; the median over the seeds is printed with the least and the greatest.
 */
import { parseArgs } from 'node:util';
import { runSimulation } from '../main/control-plane/simulation-job.ts';
import { parseRunConfig, type RunConfigInput } from '../main/core/config.ts';
import type { RunResult } from '../main/core/metrics.ts';
import { loadCluster } from '../main/sim/cluster-file.ts';
import { simulate } from '../main/sim/simulation.ts';
import { timingOnlyRequest } from '../main/sim/timing-only-request.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '600' },
    only: { type: 'string', default: 'adsp,taming,omnilearn' },
    'data-dir': { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const SEEDS = Array.from({ length: Number(values.seeds) }, (_, index) => index + 1);

interface Line {
  of: string;
  what: string;
  unit: string;
  median: number;
  least: number;
  greatest: number;
}
const lines: Line[] = [];

function add(of: string, what: string, unit: string, figures: readonly number[]): void {
  const sorted = [...figures].sort((left, right) => left - right);
  const at = (index: number): number => sorted[index] ?? NaN;
  const middle = (sorted.length - 1) / 2;
  const median = (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2;
  const line = { of, what, unit, median, least: at(0), greatest: at(sorted.length - 1) };
  lines.push(line);
  if (values.json) return;
  const digits = unit === '×' ? 2 : 1;
  const text = [line.median, line.least, line.greatest].map((value) => value.toFixed(digits));
  process.stdout.write(`${of.padEnd(18)} ${what.padEnd(44)} ${text[0]} ${unit} [${text[1]}, ${text[2]}]\n`);
}

function timed(clusterName: string, settings: RunConfigInput, seed: number): RunResult {
  const config = parseRunConfig({ ...settings, seed, stop: { maxSeconds: Number(values.seconds) } });
  return simulate(timingOnlyRequest(config, loadCluster(clusterName))).result;
}

const computeShare = ({ waitShare }: RunResult): number => 100 * (1 - (waitShare ?? NaN));
const throughput = ({ samples, seconds }: RunResult): number => samples / seconds;

/** Policies of ADSP's micro-benchmark, as its released code sets them. */
const ADSP_ROWS: [string, RunConfigInput][] = [
  ['BSP', { policy: 'bsp' }],
  ['SSP, s = 40', { policy: 'ssp', options: { staleness: 40 } }],
  ['fixed ADACOMM, τ = 40', { policy: 'local-sgd', options: { steps: 40 } }],
  [
    'ADSP, Γ = 60 s, one commit a period',
    { policy: 'adsp', options: { 'check-period': 60, rate: 1, 'rate-search': false } },
  ],
  ['ADSP as we set it', { policy: 'adsp' }],
];

function adsp(): void {
  for (const [name, settings] of ADSP_ROWS) {
    const runs = SEEDS.map((seed) => timed('adsp-3', { ...settings, batch: 128 }, seed));
    add('adsp-3', `compute share of ${name}`, '%', runs.map(computeShare));
  }
}

function againstBsp(cluster: string, batch: number): void {
  const ratios = SEEDS.map((seed) => {
    const uniform = timed(cluster, { policy: 'bsp', batch }, seed);
    const fitted = timed(cluster, { policy: 'omnilearn-bsp', batch }, seed);
    return throughput(fitted) / throughput(uniform);
  });
  add(cluster, 'OmniLearn BSP against BSP, rows a second', '×', ratios);
  add(
    cluster,
    'time for the same rows',
    '%',
    ratios.map((ratio) => 100 * (1 / ratio - 1)),
  );
}

/** Hermes' gate, and gates that know nothing at the rate at which it pushed, on the same seeds. */
async function gate(dataDir: string): Promise<void> {
  const cluster = loadCluster('hermes-12');
  const run = async (options: Record<string, number | string>, seed: number): Promise<RunResult> => {
    const config = parseRunConfig({
      policy: 'hermes',
      options,
      seed,
      dataset: { name: 'mnist', dataDir },
      stop: { targetAccuracy: 0.95, maxSeconds: 1200, giveUpAfter: 100 },
    });
    return (await runSimulation({ config, cluster, timingOnly: false })).result;
  };
  const own: RunResult[] = [];
  for (const seed of SEEDS) own.push(await run({}, seed));
  const rate =
    own.reduce((sum, { pushes }) => sum + pushes, 0) / own.reduce((sum, { iterations }) => sum + iterations, 0);
  add('hermes-12', 'share of iterations pushed by the z-score', '%', [100 * rate]);
  tell('z-score', own);
  for (const kind of ['random', 'periodic']) {
    const runs: RunResult[] = [];
    for (const seed of SEEDS) runs.push(await run({ gate: kind, 'gate-rate': Math.max(0.0001, rate) }, seed));
    tell(`${kind} at that rate`, runs);
  }
}

function tell(name: string, runs: readonly RunResult[]): void {
  add(
    'hermes-12',
    `${name}: time to 95 %, or the limit`,
    's',
    runs.map(({ secondsToTarget }) => secondsToTarget ?? 1200),
  );
  add(
    'hermes-12',
    `${name}: pushes`,
    '',
    runs.map(({ pushes }) => pushes),
  );
  add(
    'hermes-12',
    `${name}: sent`,
    'MB',
    runs.map(({ bytes }) => (bytes.up + bytes.down + bytes.control) / 1e6),
  );
}

for (const part of values.only.split(',')) {
  if (part === 'adsp') adsp();
  if (part === 'taming') for (const level of [2, 4, 6, 8, 10]) againstBsp(`taming-h${level}`, 32);
  if (part === 'omnilearn') for (const level of [1, 2, 4, 8]) againstBsp(`omnilearn-hl${level}`, 32);
  if (part === 'gate') await gate(values['data-dir'] ?? '');
}
if (values.json) process.stdout.write(`${JSON.stringify({ seeds: SEEDS, lines })}\n`);
