/** `simulate`: one run in virtual time. */
import { DEFAULT_CLUSTER, SIMULATED_MAX_SECONDS, SIMULATION_FLAGS } from './compare.ts';
import { followRun, summary } from './run-view.ts';
import { MODEL_FLAGS, POLICY_CHOICE, POLICY_FLAGS, settingsFrom } from './settings.ts';
import { textFlag, type Verb } from './verb.ts';

export const simulate: Verb = {
  name: 'simulate',
  summary: 'Train one model in virtual time, on devices that are only described.',
  flags: { ...SIMULATION_FLAGS, ...POLICY_CHOICE, ...MODEL_FLAGS, ...POLICY_FLAGS },
  async run({ flags, terminal, openControlPlane }) {
    const config = settingsFrom({ 'max-seconds': SIMULATED_MAX_SECONDS, ...flags });
    const controlPlane = openControlPlane();
    const request = {
      cluster: textFlag(flags, 'cluster') ?? DEFAULT_CLUSTER,
      config,
      timingOnly: flags['timing-only'] === true,
    };
    const result = await followRun(terminal, (observer) => controlPlane.simulate(request, observer));
    for (const line of summary(result)) terminal.line(line);
    terminal.line(`Report: caduceus report ${result.run}`);
    return result;
  },
};
