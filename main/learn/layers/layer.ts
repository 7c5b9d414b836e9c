/** A layer as two functions over tensors. The state of a step (x, y) stays with the trainer. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayerShape } from '../../core/model.ts';
import type { Tf } from '../engine.ts';
import { conv2d } from './conv2d.ts';
import { dense } from './dense.ts';
import { flatten } from './flatten.ts';
import { maxPool } from './max-pool.ts';

export interface Step {
  /** Input and output of the forward pass, [rows, …]. */
  x: Tensor;
  y: Tensor;
  /** Derivative of the loss by y. */
  dy: Tensor;
  /** The layer's own parameters, in the order of the layout. */
  parameters: readonly Tensor[];
  /** False for the first layer: nobody needs the derivative by the data. */
  wantsInput: boolean;
}

export interface Gradients {
  /** Derivative by x, when wanted. */
  dx: Tensor | undefined;
  parameters: readonly Tensor[];
}

/** Intermediate tensors are left to the caller's `tidy`. */
export interface Layer {
  forward(x: Tensor, parameters: readonly Tensor[]): Tensor;
  backward(step: Step): Gradients;
}

export function layerFor(tf: Tf, shape: LayerShape): Layer {
  switch (shape.spec.type) {
    case 'dense':
      return dense(tf, shape.spec);
    case 'conv2d':
      return conv2d(tf, shape.spec);
    case 'maxPool':
      return maxPool(tf, shape.spec);
    case 'flatten':
      return flatten(tf, shape);
  }
}
