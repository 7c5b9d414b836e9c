/** The largest value of each window, without padding; its gradient goes to the first place that held it. */
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { LayerSpec } from '../../core/model.ts';
import type { Tf } from '../engine.ts';
import type { Layer } from './layer.ts';

export function maxPool(tf: Tf, { size, stride }: Extract<LayerSpec, { type: 'maxPool' }>): Layer {
  return {
    forward: (x) => tf.maxPool(x as Tensor4D, size, stride, 'valid'),
    backward({ x, y, dy, wantsInput }) {
      if (!wantsInput) return { dx: undefined, parameters: [] };
      const attributes = { filterSize: size, strides: stride, pad: 'valid' };
      return { dx: tf.engine().runKernel('MaxPoolGrad', { dy, input: x, output: y }, attributes), parameters: [] };
    },
  };
}
