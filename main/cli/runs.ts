/** `runs`: what is in the store. */
import { POLICIES } from '../core/control-plane-api.ts';
import * as format from './format.ts';
import { numberFlag, usageError, type Verb } from './verb.ts';

const DEFAULT_LIMIT = 20;

export const runs: Verb = {
  name: 'runs',
  summary: 'List runs, newest first.',
  flags: { limit: { type: 'string', value: 'N', help: `Show at most N runs (default ${DEFAULT_LIMIT})` } },
  async run({ flags, openControlPlane }) {
    const limit = numberFlag(flags, 'limit', 'runs') ?? DEFAULT_LIMIT;
    if (!Number.isInteger(limit) || limit < 1) throw usageError('--limit takes a whole number from 1', 'runs');
    const list = (await openControlPlane()).listRuns(limit);
    if (flags['json'] !== true) {
      const rows = list.map(({ run, createdAt, status, config, result }) => [
        run,
        createdAt.slice(0, 16).replace('T', ' '),
        status,
        // A run of another version may name a policy that is not here.
        POLICIES.find(({ name }) => name === config.policy)?.title ?? config.policy,
        config.model,
        config.dataset.name,
        String(config.seed),
        format.percent(result?.accuracy ?? null, 2),
        format.seconds(result?.seconds ?? null),
      ]);
      const head = ['run', 'started (UTC)', 'state', 'policy', 'model', 'data set', 'seed', 'accuracy', 'time'];
      const lines =
        rows.length === 0 ? ['No runs yet. `caduceus demo` makes the first two.'] : format.table([head, ...rows]);
      process.stdout.write(`${lines.join('\n')}\n`);
    }
    return { runs: list };
  },
};
