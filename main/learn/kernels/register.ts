/** Our kernels for the wasm backend, in place of the shipped ones where there are any. */
import type { KernelConfig } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine.ts';
import { conv2dBackpropFilter } from './conv2d-backprop-filter.ts';
import { conv2dBackpropInput } from './conv2d-backprop-input.ts';
import { matMul } from './mat-mul.ts';
import { maxPoolGrad } from './max-pool-grad.ts';

/** Must run after the backend's package is loaded and before the backend starts; once. */
export function registerWasmKernels(tf: Tf): void {
  const kernels: KernelConfig[] = [
    conv2dBackpropFilter(tf),
    conv2dBackpropInput(tf),
    matMul(tf, 'BatchMatMul'),
    matMul(tf, '_FusedMatMul'),
    maxPoolGrad(tf),
  ];
  for (const kernel of kernels) {
    if (tf.getKernel(kernel.kernelName, 'wasm') !== undefined) tf.unregisterKernel(kernel.kernelName, 'wasm');
    tf.registerKernel(kernel);
  }
}
