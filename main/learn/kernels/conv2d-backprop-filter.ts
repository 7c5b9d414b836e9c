/**
 * Conv2DBackpropFilter, which the wasm backend lacks.
 *
 * Rule: dW[ky,kx,i,o] = Σ_{b,y,x} X[b, y·s+ky−top, x·s+kx−left, i] · dY[b,y,x,o]
 *
 * Read with the axes renamed, this is itself a convolution: the input channels are its batch, the
 * batch is its channels, dY is its filter (as large as the output, dilated by the stride), and its
 * output has the size of the kernel. So it runs on the library's fast convolution.
 */
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine.ts';
import { type KernelCall, reshaped, run, shippedKernel, wasmKernel } from './wasm-backend.ts';

interface Inputs {
  x: TensorInfo;
  dy: TensorInfo;
}

interface Attributes {
  strides: number | [number, number];
  pad: 'same' | 'valid' | number;
  dataFormat: 'NHWC' | 'NCHW';
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
  filterShape: [number, number, number, number];
}

export function conv2dBackpropFilter(tf: Tf): KernelConfig {
  const conv2d = shippedKernel(tf, 'Conv2D');
  const transpose = shippedKernel(tf, 'Transpose');
  const slice = shippedKernel(tf, 'Slice');

  return wasmKernel('Conv2DBackpropFilter', ({ inputs: { x, dy }, attrs, backend }: KernelCall<Inputs, Attributes>) => {
    const { strides, pad, dataFormat, dimRoundingMode, filterShape } = attrs;
    tf.util.assert(dataFormat === 'NHWC', () => `Conv2DBackpropFilter: wasm knows NHWC only, not ${dataFormat}`);
    const info = tf.backend_util.computeConv2DInfo(
      x.shape as [number, number, number, number],
      filterShape,
      strides,
      1,
      pad,
      dimRoundingMode,
    );
    const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
    const [kernelHeight, kernelWidth] = filterShape;

    // Height and width move together, so three axes do: the transpose is faster for it.
    const input = run(
      transpose,
      backend,
      { x: reshaped(x, [batchSize, inHeight * inWidth, inChannels]) },
      { perm: [2, 1, 0] },
    );
    const filter = run(
      transpose,
      backend,
      { x: reshaped(dy, [batchSize, outHeight * outWidth, outChannels]) },
      { perm: [1, 0, 2] },
    );

    // A stride that leaves the last input rows unused gives more output than the kernel has: cut it.
    const below = kernelHeight + (outHeight - 1) * info.strideHeight - inHeight - info.padInfo.top;
    const right = kernelWidth + (outWidth - 1) * info.strideWidth - inWidth - info.padInfo.left;
    const gradient = run(
      conv2d,
      backend,
      {
        x: reshaped(input, [inChannels, inHeight, inWidth, batchSize]),
        filter: reshaped(filter, [outHeight, outWidth, batchSize, outChannels]),
      },
      {
        strides: 1,
        dilations: [info.strideHeight, info.strideWidth],
        pad: [
          [0, 0],
          [info.padInfo.top, Math.max(0, below)],
          [info.padInfo.left, Math.max(0, right)],
          [0, 0],
        ],
        dataFormat,
      },
    );
    const size = [inChannels, kernelHeight, kernelWidth, outChannels];
    const whole = below >= 0 && right >= 0;
    const cut = whole ? gradient : run(slice, backend, { x: gradient }, { begin: [0, 0, 0, 0], size });
    const output = run(
      transpose,
      backend,
      { x: reshaped(cut, [inChannels, kernelHeight * kernelWidth, outChannels]) },
      { perm: [1, 0, 2] },
    );
    for (const part of whole ? [input, filter, gradient] : [input, filter, gradient, cut])
      backend.disposeData(part.dataId);
    return { ...output, shape: [...filterShape] };
  });
}
