/** `replay`: a run's decisions once more, from its log alone. */
import { RUN_HELP, type Verb } from './verb.ts';

export const replay: Verb = {
  name: 'replay',
  summary: 'Repeat the decisions of a run from its log and compare them.',
  operands: '[RUN]',
  operandsHelp: RUN_HELP,
  flags: {},
  async run({ flags, positionals, openControlPlane }) {
    const result = await (await openControlPlane()).replay(positionals[0] ?? 'latest');
    if (flags['json'] !== true) {
      const { run, decisions, matched, firstDifference } = result;
      const verdict = firstDifference === null ? 'all the same' : `the first that differs is number ${firstDifference}`;
      process.stdout.write(`${run}: ${matched} of ${decisions} decisions, ${verdict}\n`);
    }
    return result;
  },
};
