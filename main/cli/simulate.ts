/** `simulate`: one run in virtual time. */
import type { RunResult } from '../core/metrics.ts';
import { DEFAULT_CLUSTER, SIMULATED_LIMIT_FLAGS, SIMULATED_MAX_SECONDS, SIMULATION_FLAGS } from './compare.ts';
import * as format from './format.ts';
import { followRun, summary } from './run-view.ts';
import { MODEL_FLAGS, POLICY_CHOICE, POLICY_FLAGS, settingsFrom } from './settings.ts';
import { textFlag, type Verb } from './verb.ts';

/** What the simulator says of a real run's time to target, and how far off it is. */
interface Prediction {
  run: string;
  measuredSeconds: number | null;
  predictedSeconds: number | null;
  /** 100 × (predicted − measured) / measured; null when one of them is not known. */
  errorPercent: number | null;
}

export const simulate: Verb = {
  name: 'simulate',
  summary: 'Train one model in virtual time, on devices that are only described.',
  flags: {
    ...SIMULATION_FLAGS,
    like: { type: 'string', value: 'RUN', help: 'A real run once more: its settings, its devices as measured' },
    ...POLICY_CHOICE,
    ...MODEL_FLAGS,
    ...SIMULATED_LIMIT_FLAGS,
    ...POLICY_FLAGS,
  },
  async run({ flags, terminal, openControlPlane }) {
    const controlPlane = await openControlPlane();
    const like = textFlag(flags, 'like');
    const real = like === undefined ? undefined : controlPlane.findRun(like);
    const request = {
      cluster: real ? controlPlane.measuredCluster(real.run) : (textFlag(flags, 'cluster') ?? DEFAULT_CLUSTER),
      config: real ? real.config : settingsFrom(flags, { usual: { maxSeconds: SIMULATED_MAX_SECONDS } }),
      timingOnly: flags['timing-only'] === true,
    };
    const result = await followRun(terminal, (observer) => controlPlane.simulate(request, observer));
    for (const line of summary(result, request.timingOnly)) terminal.line(line);
    if (!real?.result) return result;
    const prediction = compareTimes(real.result, result);
    const { measuredSeconds, predictedSeconds, errorPercent } = prediction;
    const error = errorPercent === null ? 'unknown' : `${errorPercent.toFixed(1)} %`;
    terminal.line(
      `Time to target: ${format.seconds(predictedSeconds)} simulated, ${format.seconds(measuredSeconds)} measured in ${real.run}; error ${error}`,
    );
    return { ...result, prediction };
  },
};

function compareTimes(measured: RunResult, predicted: RunResult): Prediction {
  const [measuredSeconds, predictedSeconds] = [measured.secondsToTarget, predicted.secondsToTarget];
  const errorPercent =
    measuredSeconds === null || predictedSeconds === null
      ? null
      : (100 * (predictedSeconds - measuredSeconds)) / measuredSeconds;
  return { run: measured.run, measuredSeconds, predictedSeconds, errorPercent };
}
