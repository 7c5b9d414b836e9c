import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClusterInput } from '../core/cluster.ts';
import { mean } from '../core/cost.ts';
import type { RunRecord, RunResult } from '../core/metrics.ts';
import { clusterOf, timingRequest } from './plain-learning.fixture.ts';
import { clusterFromRun } from './profile.ts';
import { simulate } from './simulation.ts';
import { parts } from './turnaround.ts';

/** Long enough for many exchanges; who hardly exchanges anything takes many steps in that time. */
const SECONDS: Record<string, number> = { bsp: 150, asp: 60, selsync: 10, adsp: 10 };
/** Mostly nothing, and now and then a long time: as a processor that is shared, or held to a quota. */
const DELAYS = {
  start: [700],
  model: [0, 0, 0, 0, 0, 0, 0, 20, 40, 340],
  release: [0, 0, 0, 30],
  next: [0, 0, 0, 0, 0, 0, 0, 0, 0, 50],
};

function delayed(settings: Partial<ClusterInput> = {}) {
  const cluster = clusterOf(
    { a: 2000, b: 3000, c: 8000 },
    { defaults: { jitter: 0.05 }, rows: 'on-devices', reference: { batch: 16, model: 'mlp-109k' }, ...settings },
  );
  return { ...cluster, devices: cluster.devices.map((device) => ({ ...device, delays: DELAYS })) };
}

function measured(policy: string): {
  result: RunResult;
  records: RunRecord[];
  request: ReturnType<typeof timingRequest>;
} {
  const records: RunRecord[] = [];
  const request = timingRequest(delayed({ server: { judgeMs: 80 } }), {
    policy,
    stop: { maxSeconds: SECONDS[policy] },
  });
  const { result } = simulate({ ...request, onRecord: (record) => void records.push(record) });
  return { result, records, request };
}

describe('delays measured in a run', () => {
  // Whoever waits at a barrier waits for the longest delay, whoever does not has only his own.
  it.each(['bsp', 'asp', 'selsync', 'adsp'])('predict the pace of that run under %s', (policy) => {
    const { result, records, request } = measured(policy);
    const cluster = { ...clusterFromRun({ result, batch: 16, records }), rows: request.cluster.rows };
    const without = { ...cluster, devices: cluster.devices.map(({ delays: _, ...device }) => device) };
    /** Iterations a second, against the measured run's. */
    const pace = (of: typeof cluster, maxSeconds = result.seconds): number => {
      const config = { ...request.config, stop: { ...request.config.stop, maxSeconds } };
      const { iterations, seconds } = simulate({ ...request, config, cluster: of }).result;
      return (iterations * result.seconds) / (seconds * result.iterations);
    };
    expect(Math.abs(pace(cluster) - 1)).toBeLessThan(0.1);
    expect(pace(without, 3)).toBeGreaterThan(1.3);
  });

  it('are kept apart by what went before, and hold neither training nor waiting for others', () => {
    const { result, records } = measured('bsp');
    const { devices, server } = clusterFromRun({ result, batch: 16, records });
    for (const { delays } of devices) {
      expect(mean(delays?.model ?? [])).toBeGreaterThan(20);
      expect(mean(delays?.model ?? [])).toBeLessThan(60);
      expect(delays).toMatchObject({ release: [], next: [] });
      expect(delays?.start).toHaveLength(1);
    }
    expect(server.judgeMs).toBeGreaterThanOrEqual(80);
    expect(server.judgeMs).toBeLessThan(400);
  });

  it('are none of a run that had none', () => {
    const records: RunRecord[] = [];
    const cluster = clusterOf({ a: 100, b: 800 }, { rows: 'on-devices' });
    const request = timingRequest(cluster, { policy: 'bsp', stop: { maxSeconds: 60 } });
    const { result } = simulate({ ...request, onRecord: (record) => void records.push(record) });
    for (const { delays } of clusterFromRun({ result, batch: 16, records }).devices) {
      expect(mean(delays?.model ?? [])).toBeLessThan(1);
    }
  });
});

describe('a delayed device', () => {
  it('hears everything in the order in which it was sent', () => {
    // With every policy the machines refuse what comes out of order, and the checkers watch.
    for (const policy of ['bsp', 'ssp', 'selsync', 'adsp', 'hermes', 'omnilearn-asp']) {
      const { result } = simulate(timingRequest(delayed(), { policy, stop: { maxSeconds: 15 } }));
      expect(result.iterations).toBeGreaterThan(10);
    }
  });

  it('survives crashes, pauses and partitions while something is held up', () => {
    const faults: ClusterInput['faults'] = [
      { kind: 'crash', device: 'a', atSeconds: 1, backAfterSeconds: 1 },
      { kind: 'pause', device: 'b', atSeconds: 2, forSeconds: 3 },
      { kind: 'partition', device: 'c', atSeconds: 6, forSeconds: 20 },
      { kind: 'clone', device: 'a', atSeconds: 8 },
    ];
    for (const policy of ['bsp', 'ssp', 'adsp']) {
      const { result } = simulate(timingRequest({ ...delayed(), faults }, { policy, stop: { maxSeconds: 30 } }));
      expect(result.endReason).toBe('time-limit');
    }
  });
});

describe('the parts of a distribution', () => {
  it('are in order, never negative, and keep the mean unless it is negative', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -20, max: 500, noNaN: true }), { minLength: 1, maxLength: 200 }),
        (values) => {
          // In equal parts, so that each part weighs as much.
          const even = values.length > 20 ? values.slice(0, values.length - (values.length % 20)) : values;
          const found = parts(even);
          expect(found).toEqual(found.toSorted((left, right) => left - right));
          expect(found.every((value) => value >= 0)).toBe(true);
          expect(mean(found)).toBeCloseTo(Math.max(0, mean(even)), 6);
        },
      ),
    );
    expect(parts([])).toEqual([]);
  });
});
