/** `train`: one run on real workers. */
import { followRun, summary } from './run-view.ts';
import { POLICY_FLAGS, RUN_FLAGS, settingsFrom } from './settings.ts';
import { textFlag, type Verb } from './verb.ts';

export const train: Verb = {
  name: 'train',
  summary: 'Train one model on real workers under one policy.',
  flags: { ...RUN_FLAGS, ...POLICY_FLAGS },
  async run({ flags, terminal, openControlPlane }) {
    const resumed = textFlag(flags, 'resume');
    const settings = resumed === undefined ? settingsFrom(flags) : undefined;
    const controlPlane = await openControlPlane();
    const result = await followRun(terminal, (observer) =>
      settings === undefined
        ? controlPlane.resumeRun(resumed ?? '', observer)
        : controlPlane.startRun(settings, observer),
    );
    for (const line of summary(result)) terminal.line(line);
    terminal.line(`Report: caduceus report ${result.run}`);
    return result;
  },
};
