/** `demo`: the whole idea from nothing, on this machine alone. */
import type { RunResult } from '../core/metrics.ts';
import { policyNamed } from '../core/control-plane-api.ts';
import * as format from './format.ts';
import { followRun } from './run-view.ts';
import { numberFlag, textFlag, type Verb } from './verb.ts';

const POLICIES = ['hermes', 'bsp'];
/** Short local iterations, so that the first push comes within seconds. */
const OPTIONS: Record<string, Record<string, number>> = { hermes: { samples: 1000, epochs: 1 } };
const WORKERS = 4;
const TARGET_ACCURACY = 0.95;
const MAX_SECONDS = 100;

export const demo: Verb = {
  name: 'demo',
  summary: 'Train on four unequal workers of this machine, Hermes against BSP, and report.',
  flags: {
    seed: { type: 'string', value: 'N', help: 'Seed of everything random (default 1)' },
    out: { type: 'string', value: 'DIR', help: 'Directory for the report (default: exports in the data directory)' },
  },
  async run({ flags, terminal, openControlPlane }) {
    const controlPlane = await openControlPlane();
    const results: RunResult[] = [];
    for (const policy of POLICIES) {
      terminal.line();
      terminal.line(`${policyNamed(policy).title}: ${policyNamed(policy).summary}`);
      const result = await followRun(terminal, (observer) =>
        controlPlane.startRun(
          {
            name: `demo ${policy}`,
            policy,
            options: OPTIONS[policy] ?? {},
            seed: numberFlag(flags, 'seed', 'demo') ?? 1,
            workers: { local: WORKERS },
            stop: { targetAccuracy: TARGET_ACCURACY, maxSeconds: MAX_SECONDS },
          },
          observer,
        ),
      );
      results.push(result);
    }
    const directory = textFlag(flags, 'out');
    const [report] = await controlPlane.writeReports({
      runs: results.map(({ run }) => run),
      formats: ['html'],
      ...(directory !== undefined && { directory }),
    });
    terminal.line();
    for (const line of comparison(results)) terminal.line(line);
    terminal.line();
    terminal.line(`Report: ${report ?? ''}`);
    return { runs: results, report };
  },
};

function comparison(results: readonly RunResult[]): string[] {
  return format.table([
    ['', `to ${format.percent(TARGET_ACCURACY, 0)}`, 'test accuracy', 'pushes', 'sent', 'saved', 'waiting'],
    ...results.map((result) => [
      policyNamed(result.policy).title,
      result.secondsToTarget === null
        ? `not in ${format.seconds(result.seconds)}`
        : format.seconds(result.secondsToTarget),
      format.percent(result.accuracy, 2),
      `${format.count(result.pushes)} of ${format.count(result.iterations)}`,
      format.bytes(result.bytes.up + result.bytes.down + result.bytes.control),
      result.bytes.savedPercent === null ? '–' : `${result.bytes.savedPercent.toFixed(1)} %`,
      format.percent(result.waitShare, 0),
    ]),
  ]);
}
