/**
 * Every policy, and Hermes with the gates that know nothing, as a user would have it: `train` on four local workers of unequal
 * speed, then `simulate --like` that run with the devices that it measured.
 */
import { expect, test } from 'vitest';
import type { RunResult } from '../main/core/metrics.ts';
import { POLICIES } from '../main/core/policy/registry.ts';
import { answerOf, caduceus, onlyError, temporary } from './cli-program.ts';

const VARIANTS: [string, string[]][] = [
  ...POLICIES.map(({ name }): [string, string[]] => [name, ['--policy', name]]),
  ...['random', 'periodic'].map((gate): [string, string[]] => [
    `hermes with a ${gate} gate`,
    ['--policy', 'hermes', '--gate', gate, '--gate-rate', '0.5'],
  ]),
];
const SMALL = [
  ...['--engine', 'wasm', '--train-rows', '4000', '--test-rows', '500', '--validation-rows', '300'],
  ...['--target-accuracy', '0.8', '--max-seconds', '60'],
];
const home = temporary();

test.each(VARIANTS)(
  '%s runs on local workers, and the simulator says how long it takes',
  async (_name, policy) => {
    const run = await answerOf<RunResult>(['train', ...policy, '--workers', 'local:4', ...SMALL], { home });
    expect(run.policy).toBe(policy[1]);
    expect(run.workers).toHaveLength(4);
    expect(run.iterations).toBeGreaterThan(0);
    expect(run.reachedTarget).toBe(true);
    type Predicted = RunResult & { prediction: { measuredSeconds: number; predictedSeconds: number | null } };
    const predicted = await answerOf<Predicted>(['simulate', '--like', run.run], { home });
    expect(predicted.prediction.measuredSeconds).toBe(run.secondsToTarget);
    // How far off it is depends on what else this machine does; that it is of that size does not.
    expect((predicted.prediction.predictedSeconds ?? NaN) / (run.secondsToTarget ?? NaN)).toBeGreaterThan(0.1);
    expect((predicted.prediction.predictedSeconds ?? NaN) / (run.secondsToTarget ?? NaN)).toBeLessThan(10);
  },
  180_000,
);

test.each([
  ['train', '--workers', 'local:4', '--engine', 'wasm'],
  ['simulate', '--cluster', 'hermes-6'],
])(
  '%s with a learning rate that is far too large ends as diverged, long before its time is over',
  async (...verb) => {
    const rows = ['--train-rows', '3000', '--test-rows', '500', '--validation-rows', '300'];
    const tooLarge = ['--policy', 'asp', '--learning-rate', '900', '--max-seconds', '3600', '--json'];
    const ended = await caduceus([...verb, ...tooLarge, ...rows], { home });
    expect(onlyError(ended)).toMatchObject({ code: 'CAD-DIVERGED' });
  },
  180_000,
);
