/**
 * Stochastic gradient descent with heavy-ball momentum (Polyak 1964) or Nesterov's, in the form of
 * Sutskever et al. 2013: `v = momentum * v + g; w -= learningRate * (nesterov ? momentum * v + g : v)`.
 */
import { accumulate, scaled, sumScaled } from './aggregate.ts';
import type { Vector } from './parameters.ts';

export interface SgdSettings {
  learningRate: number;
  /** 0: no velocity is kept. */
  momentum: number;
  nesterov?: boolean;
}

/** One instance belongs to one parameter vector. */
export class Sgd {
  readonly #settings: SgdSettings;
  #velocity: Vector | undefined;

  constructor(settings: SgdSettings, velocity?: Vector) {
    this.#settings = settings;
    this.#velocity = velocity;
  }

  /** Changes `parameters` in place. */
  step(parameters: Vector, gradient: Vector): void {
    const { learningRate, momentum, nesterov } = this.#settings;
    if (momentum === 0) {
      accumulate(parameters, -learningRate, gradient);
      return;
    }
    const velocity = (this.#velocity ??= new Float32Array(parameters.length));
    for (let index = 0; index < velocity.length; index++) {
      velocity[index] = momentum * (velocity[index] as number) + (gradient[index] as number);
    }
    if (nesterov) {
      accumulate(parameters, -learningRate * momentum, velocity);
      accumulate(parameters, -learningRate, gradient);
    } else {
      accumulate(parameters, -learningRate, velocity);
    }
  }

  /** A step along `weight * gradient`, on a copy: `parameters` stay as they are. */
  stepped(parameters: Vector, gradient: Vector, weight = 1): Vector {
    const { learningRate, momentum } = this.#settings;
    if (momentum === 0) return sumScaled(parameters, -learningRate, gradient, weight);
    const next = parameters.slice();
    this.step(next, weight === 1 ? gradient : scaled(gradient, weight));
    return next;
  }

  /** For checkpoints; absent before the first step and without momentum. */
  get velocity(): Vector | undefined {
    return this.#velocity;
  }
}
