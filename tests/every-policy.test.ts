/** Policies of every kind on real processes over real sockets. All of them, with their predictions: every-policy.long.test.ts. */
import { describe, expect, test } from 'vitest';
import type { OptionValues } from '../main/core/policy/options.ts';
import { TinyRun } from './tiny-run.ts';

const WORKERS = ['a', 'b'];
/** One that goes on, one of flags, one that pushes by the clock, one with a gate and probes; others have tests of their own. */
const KINDS: [string, OptionValues][] = [
  ['ssp', {}],
  ['selsync', { 'warm-up': 2, delta: 0.05 }],
  ['adsp', { 'check-period': 0.2, rate: 4, 'rate-search': false }],
  ['hermes', { samples: 64, 'min-samples': 8, 'probe-samples': 20, epochs: 1, 'max-silence': 4 }],
];

describe('on real workers', () => {
  test.each(KINDS)(
    '%s trains with all of them and pushes',
    async (policy, policyOptions) => {
      const run = await TinyRun.start({
        policy,
        policyOptions,
        probeRows: policy === 'hermes' ? 100 : 0,
        workers: WORKERS,
        engine: 'cpu',
        config: { stop: { maxSeconds: 110, maxIterations: 60 }, evaluateEveryMs: 50 },
      });
      await run.launchAll();
      const { reason } = await run.end();
      expect(reason).toBe('iteration-limit');
      const of = (type: 'iteration' | 'push'): Set<string> =>
        new Set(run.records.flatMap((record) => (record.type === type ? [record.worker] : [])));
      expect([...of('iteration')].toSorted()).toEqual(WORKERS);
      expect(of('push').size).toBeGreaterThan(0);
      expect(run.incidents.filter((text) => /rejected|lost/.test(text))).toEqual([]);
    },
    120_000,
  );
});
