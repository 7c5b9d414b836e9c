/** Derivative of the loss by what went into an activation, from the derivative by what came out. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Activation } from '../../core/model.ts';
import type { Tf } from '../engine.ts';

/** ReLU passes where its output is above 0; at 0 its derivative is taken as 0. */
export function beforeActivation(tf: Tf, activation: Activation, y: Tensor, dy: Tensor): Tensor {
  return activation === 'relu' ? tf.mul(dy, tf.step(y)) : dy;
}
