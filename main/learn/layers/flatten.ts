/** The same values along one axis. */
import type { LayerShape } from '../../core/model.ts';
import type { Tf } from '../engine.ts';
import type { Layer } from './layer.ts';

export function flatten(tf: Tf, { output }: LayerShape): Layer {
  return {
    forward: (x) => tf.reshape(x, [-1, ...output]),
    backward: ({ x, dy }) => ({ dx: tf.reshape(dy, x.shape), parameters: [] }),
  };
}
