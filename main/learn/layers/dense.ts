/**
 * y = f(x · W + b), f = ReLU or identity.
 * dz = dy ⊙ f'(z), dW = xᵀ · dz, db = Σ_rows dz, dx = dz · Wᵀ.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { present } from '../../core/assert.ts';
import type { LayerSpec } from '../../core/model.ts';
import type { Tf } from '../engine.ts';
import type { Layer } from './layer.ts';
import { beforeActivation } from './activation.ts';

export function dense(tf: Tf, { activation }: Extract<LayerSpec, { type: 'dense' }>): Layer {
  return {
    forward(x, parameters) {
      const [kernel, bias] = both(parameters);
      return tf.fused.matMul({ a: x, b: kernel, bias, activation });
    },
    backward({ x, y, dy, parameters, wantsInput }) {
      const [kernel] = both(parameters);
      const dz = beforeActivation(tf, activation, y, dy);
      return {
        dx: wantsInput ? tf.matMul(dz, kernel, false, true) : undefined,
        parameters: [tf.matMul(x, dz, true, false), tf.sum(dz, 0)],
      };
    },
  };
}

function both(parameters: readonly Tensor[]): [Tensor, Tensor] {
  return [present(parameters[0], 'kernel'), present(parameters[1], 'bias')];
}
