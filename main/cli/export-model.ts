/** `export-model`: the trained weights, for use elsewhere. */
import { RUN_HELP, textFlag, type Verb } from './verb.ts';

export const exportModel: Verb = {
  name: 'export-model',
  summary: 'Write the trained model of a run as safetensors.',
  operands: '[RUN]',
  operandsHelp: RUN_HELP,
  flags: { out: { type: 'string', value: 'FILE', help: 'File to write (default RUN.safetensors)' } },
  async run({ flags, positionals, openControlPlane }) {
    const controlPlane = await openControlPlane();
    const { run } = controlPlane.findRun(positionals[0] ?? 'latest');
    const file = controlPlane.exportModel(run, textFlag(flags, 'out') ?? `${run}.safetensors`);
    if (flags['json'] !== true) process.stdout.write(`${file}\n`);
    return { run, file };
  },
};
