/** Stochastic gradient descent with heavy-ball momentum (Polyak 1964, as in Sutskever et al. 2013). */
import { accumulate } from './aggregate.ts';
import type { Vector } from './parameters.ts';

/**
 * `v = momentum * v + g; w -= learningRate * v`. Without momentum there is no velocity to keep.
 * One instance belongs to one parameter vector.
 */
export class Sgd {
  #velocity: Vector | undefined;
  readonly learningRate: number;
  readonly momentum: number;

  constructor(learningRate: number, momentum: number, velocity?: Vector) {
    this.learningRate = learningRate;
    this.momentum = momentum;
    this.#velocity = velocity;
  }

  /** Changes `parameters` in place. */
  step(parameters: Vector, gradient: Vector): void {
    if (this.momentum === 0) {
      accumulate(parameters, -this.learningRate, gradient);
      return;
    }
    const velocity = (this.#velocity ??= new Float32Array(parameters.length));
    for (let index = 0; index < velocity.length; index++) {
      velocity[index] = this.momentum * (velocity[index] as number) + (gradient[index] as number);
    }
    accumulate(parameters, -this.learningRate, velocity);
  }

  /** For checkpoints; absent before the first step and without momentum. */
  get velocity(): Vector | undefined {
    return this.#velocity;
  }
}
