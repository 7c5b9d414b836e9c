/** `report`: runs as files to keep, send or hand in. */
import { RUN_HELP, textFlag, type Verb } from './verb.ts';

export const report: Verb = {
  name: 'report',
  summary: 'Write the report of a run, or of several side by side.',
  operands: '[RUN…]',
  operandsHelp: RUN_HELP,
  flags: {
    format: {
      type: 'string',
      value: 'LIST',
      help: 'html, pdf, md, tex, json, csv, or several with commas (default html)',
    },
    out: { type: 'string', value: 'DIR', help: 'Directory to write into (default: exports in the data directory)' },
    hosts: { type: 'boolean', help: 'Keep names and addresses of devices, and paths; without, devices are numbered' },
  },
  async run({ flags, positionals, openControlPlane }) {
    const directory = textFlag(flags, 'out');
    const files = await (
      await openControlPlane()
    ).writeReports({
      runs: positionals.length === 0 ? ['latest'] : positionals,
      formats: [...new Set((textFlag(flags, 'format') ?? 'html').split(',').map((name) => name.trim()))],
      ...(directory !== undefined && { directory }),
      includeHosts: flags['hosts'] === true,
    });
    if (flags['json'] !== true) process.stdout.write(`${files.join('\n')}\n`);
    return { files };
  },
};
