/** Policies of every kind on real processes over real sockets. All of them, with their predictions: every-policy.long.test.ts. */
import { describe, expect, test } from 'vitest';
import type { OptionValues } from '../main/core/policy/options.ts';
import { TinyRun } from './tiny-run.ts';

const WORKERS = ['a', 'b'];
/** One that waits for all, one that goes on, one of flags, one of deltas, one that sizes, one with a gate and probes. */
const KINDS: [string, OptionValues][] = [
  ['bsp', {}],
  ['ssp', {}],
  ['selsync', { 'warm-up': 2, delta: 0.05 }],
  ['adsp', { 'check-period': 0.2, rate: 4, 'rate-search': false }],
  ['omnilearn-asp', { 'adjust-every': 5 }],
  ['hermes', { samples: 64, 'min-samples': 8, 'probe-samples': 20, epochs: 1, 'max-silence': 4 }],
];

describe('on real workers', () => {
  test.each(KINDS)('%s trains with all of them and pushes', async (policy, policyOptions) => {
    const run = await TinyRun.start({
      policy,
      policyOptions,
      probeRows: policy === 'hermes' ? 100 : 0,
      workers: WORKERS,
      engine: 'cpu',
      config: { stop: { maxSeconds: 60, maxIterations: 200 }, evaluateEveryMs: 50 },
    });
    await run.launchAll();
    const { reason } = await run.end();
    expect(reason).toBe('iteration-limit');
    const of = (type: 'iteration' | 'push'): Set<string> =>
      new Set(run.records.flatMap((record) => (record.type === type ? [record.worker] : [])));
    expect([...of('iteration')].toSorted()).toEqual(WORKERS);
    expect(of('push').size).toBeGreaterThan(0);
    expect(run.incidents.filter((text) => /rejected|lost/.test(text))).toEqual([]);
  });
});
