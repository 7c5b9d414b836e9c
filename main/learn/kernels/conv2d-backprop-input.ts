/**
 * Conv2DBackpropInput, an order of magnitude faster than the shipped kernel when strides are 1.
 *
 * Rule: dX[b,y,x,i] = Σ_{ky,kx,o} dY[b, y−ky+top, x−kx+left, o] · W[ky,kx,i,o], which is the
 * convolution of dY with W turned by 180° and its channel axes swapped, padded by kernel − 1 − pad.
 * Other strides keep the shipped kernel.
 */
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine.ts';
import { type KernelCall, type WasmBackend, run, shippedKernel, wasmKernel } from './wasm-backend.ts';

interface Inputs {
  dy: TensorInfo;
  filter: TensorInfo;
}

interface Attributes {
  strides: number | [number, number];
  pad: 'same' | 'valid' | number;
  dataFormat: 'NHWC' | 'NCHW';
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
  inputShape: [number, number, number, number];
}

export function conv2dBackpropInput(tf: Tf): KernelConfig {
  const shipped = shippedKernel(tf, 'Conv2DBackpropInput');
  const conv2d = shippedKernel(tf, 'Conv2D');

  const ours = wasmKernel('Conv2DBackpropInput', ({ inputs, attrs, backend }: KernelCall<Inputs, Attributes>) => {
    const { dy, filter } = inputs;
    const filterShape = filter.shape as [number, number, number, number];
    const [kernelHeight, kernelWidth] = filterShape;
    const info = tf.backend_util.computeConv2DInfo(
      attrs.inputShape,
      filterShape,
      attrs.strides,
      1,
      attrs.pad,
      attrs.dimRoundingMode,
      false,
      tf.backend_util.convertConv2DDataFormat(attrs.dataFormat),
    );
    const above = kernelHeight - 1 - info.padInfo.top;
    const below = kernelHeight - 1 - info.padInfo.bottom;
    const left = kernelWidth - 1 - info.padInfo.left;
    const right = kernelWidth - 1 - info.padInfo.right;
    const stridden = info.strideHeight !== 1 || info.strideWidth !== 1;
    if (stridden || attrs.dataFormat !== 'NHWC' || Math.min(above, below, left, right) < 0) {
      return run(shipped, backend, { dy, filter }, attrs);
    }
    const turned = turn(backend, filter, filterShape);
    const pad = [
      [0, 0],
      [above, below],
      [left, right],
      [0, 0],
    ];
    const output = run(
      conv2d,
      backend,
      { x: dy, filter: turned },
      { strides: 1, dilations: 1, pad, dataFormat: 'NHWC' },
    );
    backend.disposeData(turned.dataId);
    return output;
  });
  return shipped.setupFunc === undefined ? ours : { ...ours, setupFunc: shipped.setupFunc };
}

/** [ky, kx, i, o] → [height−1−ky, width−1−kx, o, i]. */
function turn(backend: WasmBackend, filter: TensorInfo, shape: [number, number, number, number]): TensorInfo {
  const [height, width, inputs, outputs] = shape;
  const turned = backend.makeOutput([height, width, outputs, inputs], 'float32');
  const from = backend.typedArrayFromHeap(filter);
  const to = backend.typedArrayFromHeap(turned);
  const area = inputs * outputs;
  for (let place = 0; place < height * width; place++) {
    const source = place * area;
    const target = (height * width - 1 - place) * area;
    for (let input = 0; input < inputs; input++) {
      for (let output = 0; output < outputs; output++) {
        to[target + output * inputs + input] = from[source + input * outputs + output] as number;
      }
    }
  }
  return turned;
}
