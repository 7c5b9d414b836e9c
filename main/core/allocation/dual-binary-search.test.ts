import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BATCH_CANDIDATES,
  dualBinarySearch,
  iterationTime,
  releasedSearch,
  type ResizeRequest,
  stepTime,
} from './dual-binary-search.ts';

const positive = (max: number) => fc.double({ min: 1e-3, max, noNaN: true });
const present = fc.record({
  samples: fc.integer({ min: 1, max: 5000 }),
  batch: fc.constantFrom(...BATCH_CANDIDATES),
  epochs: fc.integer({ min: 1, max: 8 }),
});
const requests: fc.Arbitrary<ResizeRequest> = fc
  .record({
    targetMs: positive(1e5),
    stepMs: positive(1e3),
    present,
    min: fc.integer({ min: 1, max: 3000 }),
    span: fc.nat({ max: 3000 }),
  })
  .map(({ min, span, ...rest }) => ({ ...rest, minSamples: min, maxSamples: min + span }));

/** How far an assignment's time is from the target, as a share of it. */
const miss = ({ targetMs, stepMs }: ResizeRequest, assignment: ResizeRequest['present']): number =>
  Math.abs(iterationTime(stepMs, assignment) - targetMs) / targetMs;

describe('the cost model', () => {
  it('T = K · E · samples / batch, and K comes back from a measured T', () => {
    fc.assert(
      fc.property(present, positive(1e4), (assignment, stepMs) => {
        const { samples, batch, epochs } = assignment;
        expect(iterationTime(stepMs, assignment)).toBeCloseTo((stepMs * epochs * samples) / batch, 6);
        expect(stepTime(iterationTime(stepMs, assignment), assignment)).toBeCloseTo(stepMs, 6);
      }),
    );
  });
});

describe('the dual binary search', () => {
  it('stays within its bounds and the batches there are, and changes nothing else', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const found = dualBinarySearch(request);
        expect(found.samples).toBeGreaterThanOrEqual(request.minSamples);
        expect(found.samples).toBeLessThanOrEqual(request.maxSamples);
        expect(BATCH_CANDIDATES).toContain(found.batch);
        expect(found.epochs).toBe(request.present.epochs);
      }),
    );
  });

  it('is within a thousandth of the best of all pairs', () => {
    fc.assert(
      fc.property(requests, (request) => {
        let best = Infinity;
        for (const batch of BATCH_CANDIDATES) {
          for (let samples = request.minSamples; samples <= request.maxSamples; samples++) {
            best = Math.min(best, miss(request, { ...request.present, samples, batch }));
          }
        }
        expect(miss(request, dualBinarySearch(request))).toBeLessThanOrEqual(best + 1e-3 + 1e-9);
      }),
      { numRuns: 60 },
    );
  });

  it('gives at least the smallest size for targets of a second and less, where the released one gives 0 rows', () => {
    fc.assert(
      fc.property(requests, positive(1000), (request, targetMs) => {
        const short = { ...request, targetMs };
        expect(dualBinarySearch(short).samples).toBeGreaterThanOrEqual(short.minSamples);
        expect(releasedSearch(short)?.samples ?? 0).toBe(0);
      }),
    );
  });

  it('keeps the batch when rows alone can meet the target, and else moves it no further than it must', () => {
    const request = {
      targetMs: 1000,
      stepMs: 10,
      present: { samples: 4000, batch: 16, epochs: 1 },
      minSamples: 16,
      maxSamples: 4000,
    };
    expect(dualBinarySearch(request)).toEqual({ samples: 1600, batch: 16, epochs: 1 });
    expect(dualBinarySearch({ ...request, present: { ...request.present, batch: 4 } })).toMatchObject({
      batch: 4,
      samples: 400,
    });
    expect(dualBinarySearch({ ...request, maxSamples: 800 })).toMatchObject({ batch: 8, samples: 800 });
    expect(dualBinarySearch({ ...request, minSamples: 2000 })).toMatchObject({ batch: 32, samples: 3200 });
  });

  it('goes to the nearest bound when the target is out of reach', () => {
    const request = { stepMs: 10, present: { samples: 100, batch: 16, epochs: 1 }, minSamples: 50, maxSamples: 200 };
    expect(dualBinarySearch({ ...request, targetMs: 1e5 })).toMatchObject({ samples: 200, batch: 2 });
    expect(dualBinarySearch({ ...request, targetMs: 1 })).toMatchObject({ samples: 50, batch: 64 });
  });
});

describe('the released search', () => {
  it.each([
    [30, 0.01, { samples: 9280, batch: 16 }],
    [30, 0.2, { samples: 464, batch: 16 }],
    [10, 0.05, { samples: 576, batch: 16 }],
    [0.8, 0.002, { samples: 0, batch: 16 }],
    [500, 0.001, null],
  ])('replayed: T = %f s, K = %f s of 60,000 rows', (targetS, stepS, expected) => {
    const found = releasedSearch({
      targetMs: targetS * 1000,
      stepMs: stepS * 1000,
      present: { samples: 2500, batch: 16, epochs: 5 },
      minSamples: 1,
      maxSamples: 60_000,
    });
    if (expected === null) expect(found).toBeNull();
    else expect(found).toEqual({ ...expected, epochs: 5 });
  });
});
