/**
 * Every policy on real workers of this machine, and what the simulator says of that run from the devices it measured.
 *
 *     npm run bench -- local --data-dir DIR [--workers local:4] [--target-accuracy 0.9] [--seeds 1] [--policies all|A,B,…] [--json]
 *
 * Each row is `train --policy X --workers local:4`, then `simulate --like` that run, both as a user would call them, with a
 * data directory of its own that is removed again. Measured on the clock of this host: run it alone.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import type { RunResult } from '../main/core/metrics.ts';
import { POLICIES } from '../main/core/policy/registry.ts';

const PROGRAM = join(dirname(import.meta.dirname), 'scripts', 'caduceus.ts');
const MOST_OUTPUT_BYTES = 64 * 2 ** 20;
const { values } = parseArgs({
  options: {
    'data-dir': { type: 'string' },
    workers: { type: 'string', default: 'local:4' },
    'target-accuracy': { type: 'string', default: '0.9' },
    'max-seconds': { type: 'string', default: '120' },
    seeds: { type: 'string', default: '1' },
    policies: { type: 'string', default: 'all' },
    json: { type: 'boolean', default: false },
  },
});

interface Variant {
  label: string;
  flags: readonly string[];
}
const VARIANTS: readonly Variant[] = [
  ...POLICIES.map(({ name }) => ({ label: name, flags: ['--policy', name] })),
  ...['random', 'periodic'].map((gate) => ({
    label: `hermes, ${gate} gate`,
    flags: ['--policy', 'hermes', '--gate', gate],
  })),
];

interface Row {
  policy: string;
  seed: number;
  run: RunResult;
  simulated: RunResult;
  errorPercent: number | null;
}

const home = mkdtempSync(join(tmpdir(), 'caduceus-bench-'));

async function caduceus<T>(...args: string[]): Promise<T> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, ...args, '--json'], {
    env: { ...process.env, CADUCEUS_HOME: home },
    maxBuffer: MOST_OUTPUT_BYTES,
  });
  return JSON.parse(stdout) as T;
}

async function measured({ label, flags }: Variant, seed: number): Promise<Row> {
  const dataDir = values['data-dir'];
  const run = await caduceus<RunResult>(
    'train',
    ...flags,
    ...['--workers', values.workers, '--seed', String(seed)],
    ...(dataDir === undefined ? ['--dataset', 'digits'] : ['--dataset', 'mnist', '--data-dir', dataDir]),
    ...['--target-accuracy', values['target-accuracy'], '--max-seconds', values['max-seconds']],
  );
  type Prediction = RunResult & { prediction: { errorPercent: number | null } };
  const simulated = await caduceus<Prediction>('simulate', '--like', run.run);
  return { policy: label, seed, run, simulated, errorPercent: simulated.prediction.errorPercent };
}

function shown(value: number | null, digits: number): string {
  return value === null ? '–' : value.toFixed(digits);
}

const pace = ({ iterations, seconds }: RunResult): number => iterations / seconds;

try {
  const wanted = values.policies.split(',');
  const chosen = VARIANTS.filter(({ label }) => values.policies === 'all' || wanted.includes(label));
  const rows: Row[] = [];
  if (!values.json) {
    console.log(
      '| policy | seed | seconds | simulated | error | iterations/s | simulated | error | pushes | accuracy |',
    );
    console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
  }
  for (const variant of chosen) {
    for (let seed = 1; seed <= Number(values.seeds); seed++) {
      const row = await measured(variant, seed);
      rows.push(row);
      if (values.json) continue;
      const { run, simulated, errorPercent } = row;
      const cells = [
        ...[row.policy, String(seed)],
        ...[shown(run.secondsToTarget, 1), shown(simulated.secondsToTarget, 1), `${shown(errorPercent, 1)} %`],
        ...[pace(run), pace(simulated)].map((value) => value.toFixed(1)),
        `${(100 * (pace(simulated) / pace(run) - 1)).toFixed(1)} %`,
        ...[String(run.pushes), `${(100 * run.accuracy).toFixed(2)} %`],
      ];
      console.log(`| ${cells.join(' | ')} |`);
    }
  }
  if (values.json) console.log(JSON.stringify({ rows }));
} finally {
  rmSync(home, { recursive: true, force: true });
}
