/**
 * Encodings with feedback in whole runs: through the testbed's encoded frames, under random orders of
 * events with lost connections, dropped, refused, repeated and never-answered pushes, both ends have
 * the same models and updates; and training gets where it gets without compression.
 */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ModelReceiver } from './compression/downlink.ts';
import type { Encoding } from './compression/encoding.ts';
import { PushReceiver } from './compression/uplink.ts';
import { FEEDBACK, learnsWithEveryEncoding, WORKERS } from './feedback.contract.ts';
import { checksum } from './parameters.ts';
import { asp } from './policy/asp.ts';
import { bsp } from './policy/bsp.ts';
import { localSgd } from './policy/local-sgd.ts';
import type { Carry, Policy, PolicyCommand, PolicyEvent, Verdict } from './policy/policy.ts';
import { below, prng, type PrngState } from './prng.ts';
import { atRandom, Testbed } from './testbed.ts';
import { inject } from './testbed/faults.ts';
import { Invariants } from './testbed/invariants.ts';
import { toyPolicy } from './testbed/toy-policy.ts';

/** Pushes, pulls and faults together. */
const EVENTS = 1000;
const FAULTS = ['drop', 'kill', 'reconnect', 'reconnect', 'reconnect', 'duplicate', 'replay', 'poison'] as const;

afterEach(() => {
  vi.restoreAllMocks();
});

/** Applies some pushes and drops others, answers some with a model, and reports now and then as well. */
function whimsical(carry: Carry, verdict: Verdict, chance: PrngState): Policy {
  const react = (_state: null, event: PolicyEvent): PolicyCommand[] => {
    switch (event.type) {
      case 'pushed': {
        const { push, worker } = event;
        const isModel = carry === 'parameters' || carry === 'drift';
        return [
          below(chance, 3) === 0
            ? { type: 'drop', push, reason: 'a whim' }
            : { type: 'apply', pushes: [{ push, weight: 0.5 }], keep: isModel ? 0.5 : 0 },
          { type: 'release', worker, model: below(chance, 4) > 0 },
        ];
      }
      case 'reported':
        return below(chance, 3) === 0 ? [{ type: 'release', worker: event.worker, model: true }] : [];
      case 'rejected':
        return [{ type: 'release', worker: event.worker, model: true }];
      default:
        return [];
    }
  };
  return toyPolicy({ carry, step: react, gate: () => ({ verdict: below(chance, 4) === 0 ? 'continue' : verdict }) });
}

describe.each(FEEDBACK)('%s: both ends have the same', (encoding) => {
  describe.each(['gradient', 'delta', 'parameters', 'drift'] as const)('with %s', (carry) => {
    it.each(['push-and-wait', 'push-and-go-on'] as const)(
      `after ${EVENTS} random pushes, pulls and faults, %s`,
      (verdict) => {
        // What a worker makes of every model, and the server's word for it.
        const models: [string, string | undefined][] = [];
        const { receive } = ModelReceiver.prototype;
        vi.spyOn(ModelReceiver.prototype, 'receive').mockImplementation(function (this: ModelReceiver, body) {
          const model = receive.call(this, body);
          models.push([checksum(model), body.encoding === 'f32' ? checksum(model) : body.checksum]);
          return model;
        });
        const decoded = vi.spyOn(PushReceiver.prototype, 'decode');
        const chance = prng(7, encoding, carry, verdict);
        const bed = new Testbed({
          policy: whimsical(carry, verdict, chance),
          workers: WORKERS,
          encoding,
          ...(below(chance, 2) === 0 && { encodingDown: FEEDBACK[below(chance, FEEDBACK.length)] as Encoding }),
          deferModels: below(chance, 2) === 0,
          learningRate: 0.1,
          config: { joinGraceMs: 30 },
        });
        const invariants = new Invariants(bed);
        bed.connectAll();
        let faults = 0;
        for (let step = 0; models.length + decoded.mock.calls.length + faults < EVENTS; step++) {
          expect(step).toBeLessThan(100 * EVENTS);
          const fault = below(chance, 25) === 0 ? FAULTS[below(chance, FAULTS.length)] : undefined;
          if (fault) faults += inject(bed, fault, chance) ? 1 : 0;
          else if (!bed.step(atRandom(chance))) bed.connectAll();
          if (step % 20 === 0) invariants.check();
        }
        // Nothing has thrown: a worker does on a model whose checksum is not the server's.
        expect(bed.ended).toBeUndefined();
        expect(models.length).toBeGreaterThan(100);
        expect(models.filter(([mine, servers]) => mine !== servers)).toEqual([]);
        expect(invariants.counts.applied).toBeGreaterThan(20);
        expect(decoded.mock.results.filter(({ type }) => type === 'throw')).toEqual([]);
      },
    );
  });
});

// One of each kind of push; the others: feedback.long.test.ts.
learnsWithEveryEncoding([
  [bsp, {}],
  [asp, { 'round-scaling': true }],
  [localSgd, { steps: 4 }],
]);
