import { expect, it } from 'vitest';
import { emptyPicture } from '../../main/core/live/picture-fold.ts';
import type { Tick } from '../../main/core/live/picture.ts';
import { PulseFold } from './pulse.ts';

function tick(atUs: number, samples: number): Tick {
  const picture = emptyPicture();
  return { ...picture, atUs, sums: { ...picture.sums, samples } };
}

it('knows nothing of a run that has not begun', () => {
  const fold = new PulseFold();
  fold.open({ picture: emptyPicture(), seq: 0 });
  expect(fold.pulse).toMatchObject({ samplesPerSecond: null, saved: null, training: 0 });
});

it('tells the throughput of the newest seconds, not of the whole run', () => {
  const fold = new PulseFold();
  fold.open({ picture: emptyPicture(), seq: 0 });
  for (let second = 1; second <= 20; second++) {
    fold.take({ kind: 'tick', seq: second, tick: tick(second * 1e6, second <= 10 ? 100 : 300) });
  }
  expect(fold.pulse.samplesPerSecond).toBeCloseTo(300, 0);
});

it('counts what was saved as the books do: data is the same on both sides', () => {
  const fold = new PulseFold();
  const picture = tick(2e6, 10);
  const traffic = { update: 100, model: 50, control: 50, data: 9999 };
  picture.traffic.last = { atUs: 2e6, traffic, iterations: 10, counterfactual: 1000 };
  fold.open({ picture, seq: 3 });
  expect(fold.pulse.saved).toBeCloseTo(0.8);
});

it('says when a tick is missing, and does not count one twice', () => {
  const fold = new PulseFold();
  fold.open({ picture: tick(1e6, 100), seq: 3 });
  expect(fold.take({ kind: 'tick', seq: 3, tick: tick(1e6, 100) })).toBe(true);
  expect(fold.take({ kind: 'tick', seq: 5, tick: tick(2e6, 100) })).toBe(false);
  expect(fold.take({ kind: 'tick', seq: 4, tick: tick(2e6, 100) })).toBe(true);
  expect(fold.pulse.samplesPerSecond).toBeCloseTo(100);
});
