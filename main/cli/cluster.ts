/** `cluster`: a run's devices as they were measured, as a file for the simulator. */
import { writeFileSync } from 'node:fs';
import { CaduceusError } from '../core/errors.ts';
import { RUN_HELP, textFlag, type Verb } from './verb.ts';

export const cluster: Verb = {
  name: 'cluster',
  summary: 'Write the measured devices of a run as a cluster file for the simulator.',
  operands: '[RUN]',
  operandsHelp: RUN_HELP,
  flags: { out: { type: 'string', value: 'FILE', help: 'File to write (default: standard output)' } },
  async run({ flags, positionals, terminal, openControlPlane }) {
    const measured = (await openControlPlane()).measuredCluster(positionals[0] ?? 'latest');
    const file = textFlag(flags, 'out');
    const text = `${JSON.stringify(measured, null, 2)}\n`;
    if (file === undefined) {
      if (flags['json'] !== true) process.stdout.write(text);
      return measured;
    }
    try {
      writeFileSync(file, text);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new CaduceusError(
        'CAD-OUTPUT',
        `the cluster cannot be written to ${file}: ${reason}`,
        'Choose another --out.',
        cause,
      );
    }
    terminal.line(`${measured.devices.length} devices of ${measured.name} are in ${file}.`);
    return measured;
  },
};
