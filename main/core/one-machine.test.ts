/** Where distribution leaves nothing to distribute, the result is that of one machine: to the bit. */
import { describe, expect, it } from 'vitest';
import { checksum } from './parameters.ts';
import { asp } from './policy/asp.ts';
import { bsp } from './policy/bsp.ts';
import { prng } from './prng.ts';
import { atRandom, type Choice, inTurn, Testbed, type TestbedSettings } from './testbed.ts';
import { meanGradient, type Row, sequentialSgd } from './testbed/problem.ts';
import { toyPolicy } from './testbed/toy-policy.ts';

const STEPS = 200; // 600 rows in batches of 8: the walk is in its third pass by then

/** Batches that each worker trained on, in order. */
function watched(settings: TestbedSettings): { bed: Testbed; batches: Map<string, Row[][]> } {
  const bed = new Testbed(settings);
  const batches = new Map<string, Row[][]>();
  for (const device of bed.devices.values()) {
    device.onWork = ({ order }) => {
      const rows = [...order].map((position) => bed.problem.row(position));
      batches.set(device.worker, [...(batches.get(device.worker) ?? []), rows]);
    };
  }
  bed.connectAll();
  return { bed, batches };
}

describe('ASP with one worker', () => {
  it('is SGD, one batch after another, to the bit (A4)', () => {
    const { bed, batches } = watched({ policy: asp, workers: ['a'], learningRate: 0.3 });
    bed.run(inTurn, () => bed.server.version >= STEPS);
    const reference = sequentialSgd(bed.initial, batches.get('a')!.slice(0, STEPS), 0.3);
    expect(checksum(bed.server.parameters)).toBe(checksum(reference));
    const rows = batches.get('a')!.slice(0, 75).flat();
    expect(new Set(rows).size).toBe(600); // a pass of 600 rows is 75 batches of 8
  });
});

describe('BSP', () => {
  it('with one worker is SGD with momentum, to the bit', () => {
    const { bed, batches } = watched({ policy: bsp, workers: ['a'], learningRate: 0.2, momentum: 0.9 });
    bed.run(inTurn, () => bed.server.version >= STEPS);
    const parameters = bed.initial.slice();
    const velocity = new Float32Array(parameters.length);
    for (const batch of batches.get('a')!.slice(0, STEPS)) {
      const { gradient } = meanGradient(parameters, batch);
      for (let index = 0; index < parameters.length; index++) {
        velocity[index] = 0.9 * velocity[index]! + gradient[index]!;
        parameters[index] = parameters[index]! - 0.2 * velocity[index]!;
      }
    }
    expect(checksum(bed.server.parameters)).toBe(checksum(parameters));
  });

  it('ends in the same bits whatever the order of messages, late models included (B3)', () => {
    const sums = [1, 2, 3, 4].map((seed) => {
      const bed = new Testbed({ policy: bsp, workers: ['a', 'b', 'c'], deferModels: seed > 2 });
      bed.connectAll();
      bed.run(atRandom(prng(seed)), () => bed.server.version >= 60);
      return checksum(bed.server.parameters);
    });
    expect(new Set(sums).size).toBe(1);
  });

  it('learns', () => {
    const bed = new Testbed({ policy: bsp, workers: ['a', 'b'] });
    bed.connectAll();
    bed.run(atRandom(prng(1)), () => bed.server.version >= 300);
    const judged = bed.records.filter((record) => record.type === 'evaluation');
    expect(judged.at(-1)!.accuracy).toBeGreaterThan(judged[0]!.accuracy);
    expect(judged.at(-1)!.loss).toBeLessThan(0.7 * judged[0]!.loss);
  });
});

describe('a policy of two lines', () => {
  /** Workers push what they moved and go on; the server adds it up. Its gate and its half are all there is to it. */
  const adder = toyPolicy({
    carry: 'delta',
    gate: 'push-and-go-on',
    assignment: { samples: 8, batch: 8, epochs: 1 },
    step: (_state, event) =>
      event.type === 'pushed'
        ? [
            { type: 'apply', pushes: [{ push: event.push, weight: 1 }] },
            { type: 'release', worker: event.worker, model: true },
          ]
        : [],
  });

  it('needs no line outside its own file to train through frames, faults and all', () => {
    const bed = new Testbed({ policy: adder, workers: ['a', 'b', 'c'], learningRate: 0.1, deferModels: true });
    bed.connectAll();
    const chance = prng(4);
    bed.run(atRandom(chance), () => bed.server.version >= 50);
    bed.drop('b');
    bed.run(atRandom(chance), () => bed.server.version >= 100);
    bed.connect('b');
    expect(bed.run(atRandom(chance), () => bed.server.version >= 300)).toBe(true);
    const judged = bed.records.filter((record) => record.type === 'evaluation');
    expect(judged.at(-1)!.loss).toBeLessThan(0.7 * judged[0]!.loss);
  });

  it('with one worker that never waits is SGD again: it sees all its own updates, however late models come', () => {
    for (const seed of [1, 2, 3]) {
      const { bed, batches } = watched({ policy: adder, workers: ['a'], learningRate: 0.1, deferModels: seed > 1 });
      const random = atRandom(prng(seed));
      let [trainedSince, most] = [0, 0];
      // More than eight pushes on their way are too many to tell apart (marks.ts): now and then the network catches up.
      const withRoom: Choice = (count, actions) => {
        const network = actions.findIndex(({ name }) => /^a (up|down|model)$/.test(name));
        const place = network >= 0 && trainedSince > 5 ? network : random(count, actions);
        if (actions[place]?.name === 'a trained') most = Math.max(most, ++trainedSince);
        if (network < 0) trainedSince = 0;
        return place;
      };
      bed.run(inTurn, () => batches.has('a'));
      bed.run(withRoom, () => bed.server.version >= STEPS);
      expect(most).toBeGreaterThan(2);
      const reference = sequentialSgd(bed.initial, batches.get('a')!.slice(0, STEPS), 0.1);
      for (const [index, value] of bed.server.parameters.entries()) expect(value).toBeCloseTo(reference[index]!, 4);
    }
  });
});
