/** The first minute: a real run with four local workers of unequal speeds, straight to its charts. */
import type { RunConfigInput } from '../../../main/core/config.ts';
import type { ErrorReport } from '../../../main/core/errors.ts';
import { ask } from '../../state/control-plane.ts';
import { jobs, jobEnd } from '../../state/jobs.ts';
import { href, navigate } from '../../state/route.ts';

/** Small steps and short iterations: pushes come within seconds, and it goes on for long enough to be looked around in. */
export const TRIAL = {
  name: 'First try',
  policy: 'hermes',
  options: { samples: 600 },
  learningRate: 0.02,
  model: 'mlp-109k',
  dataset: { name: 'digits' },
  workers: { local: 4, speeds: [1, 0.6, 0.35, 0.2] },
  stop: { targetAccuracy: 0.97, maxSeconds: 300 },
} satisfies RunConfigInput;

/** Resolves once the run is shown, or with what went wrong. */
export async function startTrial(onStage: (stage: string) => void): Promise<ErrorReport | undefined> {
  onStage('Preparing');
  const started = await ask('runs.start', { config: structuredClone(TRIAL) });
  if (!started.ok) return started.error;
  const { job } = started.value;
  const stop = jobs.subscribe(() => {
    const stage = jobs.get().find(({ id }) => id === job)?.stage;
    if (stage) onStage(stage);
  });
  const { outcome, error } = await jobEnd(job);
  stop();
  if (outcome?.kind !== 'run') return error ?? undefined;
  navigate(href('runs', outcome.run));
  return undefined;
}
