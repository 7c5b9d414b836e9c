/**
 * MaxPoolGrad as a loop over the wasm heap; the shipped kernel scans every window for every input.
 *
 * Rule: dX = 0; for each window, dX at the first place (row by row) that holds the maximum += dY.
 * The same place as on cpu, so ties (a window of zeros after a ReLU) go the same way.
 */
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine.ts';
import { type KernelCall, wasmKernel } from './wasm-backend.ts';

interface Inputs {
  dy: TensorInfo;
  input: TensorInfo;
  output: TensorInfo;
}

interface Attributes {
  filterSize: number | [number, number];
  strides: number | [number, number];
  pad: 'same' | 'valid' | number;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

export function maxPoolGrad(tf: Tf): KernelConfig {
  return wasmKernel('MaxPoolGrad', ({ inputs, attrs, backend }: KernelCall<Inputs, Attributes>) => {
    const info = tf.backend_util.computePool2DInfo(
      inputs.input.shape as [number, number, number, number],
      attrs.filterSize,
      attrs.strides,
      1,
      attrs.pad,
      attrs.dimRoundingMode,
    );
    const { batchSize, inHeight, inWidth, inChannels: channels, outHeight, outWidth, filterHeight, filterWidth } = info;
    const gradient = backend.makeOutput([...inputs.input.shape], 'float32');
    const dx = backend.typedArrayFromHeap(gradient);
    const dy = backend.typedArrayFromHeap(inputs.dy);
    const x = backend.typedArrayFromHeap(inputs.input);
    const y = backend.typedArrayFromHeap(inputs.output);
    dx.fill(0);
    const rowStride = inWidth * channels;
    let place = 0;
    for (let batch = 0; batch < batchSize; batch++) {
      const image = batch * inHeight * rowStride;
      for (let outY = 0; outY < outHeight; outY++) {
        const top = outY * info.strideHeight - info.padInfo.top;
        const firstY = Math.max(0, top);
        const endY = Math.min(inHeight, top + filterHeight);
        for (let outX = 0; outX < outWidth; outX++) {
          const left = outX * info.strideWidth - info.padInfo.left;
          const firstX = Math.max(0, left);
          const endX = Math.min(inWidth, left + filterWidth);
          for (let channel = 0; channel < channels; channel++, place++) {
            const maximum = y[place] as number;
            search: for (let inY = firstY; inY < endY; inY++) {
              const row = image + inY * rowStride + channel;
              for (let inX = firstX; inX < endX; inX++) {
                const index = row + inX * channels;
                if (x[index] !== maximum) continue;
                dx[index] = (dx[index] as number) + (dy[place] as number);
                break search;
              }
            }
          }
        }
      }
    }
    return gradient;
  });
}
