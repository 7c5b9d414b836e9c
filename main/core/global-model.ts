/** The global model: its parameters, its version, and the one place where pushes change it. */
import { weightedSum } from './aggregate.ts';
import { assert } from './assert.ts';
import { Sgd, type SgdSettings } from './optimizer.ts';
import { isFinite, type Vector } from './parameters.ts';
import type { Carry } from './policy/policy.ts';
import type { ServerSettings, ServerSnapshot } from './server-io.ts';

export interface Contribution {
  /** What the push carried, decoded. */
  vector: Vector;
  weight: number;
}

export class GlobalModel {
  #parameters: Vector;
  /** The first model, which drifts are measured from. */
  readonly #initial: Vector;
  readonly #carry: Carry;
  readonly #settings: SgdSettings;
  readonly #optimizer: Sgd;
  #version: number;

  /** `settings`: how the model moves along gradients, or along negated deltas. */
  constructor(
    carry: Carry,
    initial: Vector,
    settings: SgdSettings,
    resumed?: { parameters: Vector; velocity?: Vector; version: number },
  ) {
    this.#carry = carry;
    this.#initial = initial;
    this.#parameters = resumed?.parameters ?? initial.slice();
    this.#version = resumed?.version ?? 0;
    this.#settings = settings;
    this.#optimizer = new Sgd(settings, resumed?.velocity?.slice());
  }

  /** Replaced, never changed in place, by every version: whoever holds it may keep it. */
  get parameters(): Vector {
    return this.#parameters;
  }

  get version(): number {
    return this.#version;
  }

  get velocity(): Vector | undefined {
    return this.#optimizer.velocity;
  }

  /** The model that one push stands for, as if it were the only one. */
  implied(push: Vector): Vector {
    switch (this.#carry) {
      case 'gradient': {
        const parameters = this.#parameters.slice();
        new Sgd({ ...this.#settings, momentum: 0 }).step(parameters, push);
        return parameters;
      }
      case 'delta':
        return this.#plus(this.#parameters, push);
      case 'drift':
        return this.#plus(this.#initial, push);
      case 'parameters':
        return push;
    }
  }

  /** Makes the next version. Contributions are reduced in the order given. */
  apply(contributions: readonly Contribution[], keep: number): void {
    assert(contributions.length > 0, 'a version is made from at least one push');
    const size = this.#parameters.length;
    switch (this.#carry) {
      case 'gradient':
      case 'delta': {
        // A delta points where the model should go, a gradient away from there.
        const sign = this.#carry === 'delta' ? -1 : 1;
        const signed = contributions.map(({ vector, weight }) => ({ vector, weight: sign * weight }));
        const [first] = signed;
        // One push is the usual case: no sum, and no vector for it.
        const { vector, weight } =
          first && signed.length === 1 ? first : { vector: weightedSum(size, signed), weight: 1 };
        this.#parameters = this.#optimizer.stepped(this.#parameters, vector, weight);
        break;
      }
      case 'drift':
      case 'parameters': {
        const models = contributions.map(({ vector, weight }) => ({ vector: this.implied(vector), weight }));
        const kept = keep === 0 ? [] : [{ vector: this.#parameters, weight: keep }];
        this.#parameters = weightedSum(size, [...kept, ...models]);
        break;
      }
    }
    this.#version += 1;
  }

  get isFinite(): boolean {
    return isFinite(this.#parameters);
  }

  #plus(base: Vector, change: Vector): Vector {
    return weightedSum(base.length, [
      { vector: base, weight: 1 },
      { vector: change, weight: 1 },
    ]);
  }
}

/** The model that a run starts from, or goes on with. */
export function globalModelOf({ plan, policy, initial }: ServerSettings, resumed?: ServerSnapshot): GlobalModel {
  const outer = policy.outerOptimizer?.(plan.options) ?? { learningRate: 1, momentum: 0 };
  return new GlobalModel(
    plan.carry,
    initial,
    plan.carry === 'gradient' ? plan : outer,
    resumed && {
      parameters: resumed.vectors.model,
      version: resumed.state.version,
      ...(resumed.vectors.velocity && { velocity: resumed.vectors.velocity }),
    },
  );
}
