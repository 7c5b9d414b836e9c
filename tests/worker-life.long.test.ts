/** A worker that is silent because it thinks hard stays; one whose network is gone is lost, knows it, and comes back with it. */
import { beforeAll, expect, it } from 'vitest';
import { ensureAgent } from '../scripts/build-worker.ts';
import { eventually, type TinyOptions, TinyRun } from './tiny-run.ts';
import { has, QUICK, silentNetworks } from './worker-life.contract.ts';

beforeAll(() => ensureAgent());

const SLOW_HOST_MS = 300_000;
/** A mini-batch of it takes the plain engine some seconds: longer than a peer may be silent. */
const SLOW: TinyOptions = {
  engine: 'cpu',
  batch: 1400,
  model: {
    name: 'slow',
    input: [16],
    classes: 4,
    layers: [
      { type: 'dense', units: 600, activation: 'relu' },
      { type: 'dense', units: 600, activation: 'relu' },
      { type: 'dense', units: 4, activation: 'linear' },
    ],
  },
};

function computeMs(run: TinyRun): number[] {
  return run.records.flatMap((record) => (record.type === 'iteration' ? [record.iteration.computeMs] : []));
}

it('a silent worker stays while a step computes for longer than a peer may be silent', async () => {
  const run = await TinyRun.start({ workers: ['a'], ...SLOW, heartbeat: QUICK });
  await run.launch('a');
  await eventually(
    () => run.iterations >= 1,
    () => run.incidents,
    SLOW_HOST_MS,
  );
  expect(Math.max(...computeMs(run))).toBeGreaterThan(QUICK.deadAfterMs);
  expect(has(run, 'lost')).toBe(false);
});

silentNetworks([
  ['from the server to the worker', ['down']],
  ['in both directions', ['up', 'down']],
]);
