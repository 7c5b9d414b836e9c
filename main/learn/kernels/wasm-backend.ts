/** The few members of tfjs's wasm backend that our kernels use; the library does not export its type. */
import type { KernelConfig, KernelFunc, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import { present } from '../../core/assert.ts';
import type { Tf } from '../engine.ts';

export interface WasmBackend {
  /** Memory on the heap, not yet written, with a tensor that owns it. */
  makeOutput(shape: number[], dtype: 'float32'): TensorInfo;
  /** A view of a tensor on the heap. Any allocation may move the heap: take it after the last one. */
  typedArrayFromHeap(tensor: TensorInfo): Float32Array;
  disposeData(dataId: object): boolean;
}

/** What a kernel is called with; tfjs types inputs and attributes as open maps. */
export interface KernelCall<Inputs, Attributes> {
  inputs: Inputs;
  attrs: Attributes;
  backend: WasmBackend;
}

export function wasmKernel<Inputs, Attributes>(
  kernelName: string,
  compute: (call: KernelCall<Inputs, Attributes>) => TensorInfo,
): KernelConfig {
  return { kernelName, backendName: 'wasm', kernelFunc: compute as unknown as KernelFunc };
}

/** The kernel as the library ships it, asked for before ours takes its name. */
export function shippedKernel(tf: Tf, kernelName: string): KernelConfig {
  return present(tf.getKernel(kernelName, 'wasm'), `wasm kernel ${kernelName}`);
}

/** Runs another kernel from inside one; its output is the caller's to dispose of. */
export function run(
  kernel: KernelConfig,
  backend: WasmBackend,
  inputs: Record<string, TensorInfo | undefined>,
  attrs: object,
): TensorInfo {
  const call = { backend, inputs: inputs as NamedTensorInfoMap, attrs: attrs as NamedAttrMap };
  return kernel.kernelFunc(call) as TensorInfo;
}

/** The same values under another shape, without a tensor of its own: nothing to dispose of. */
export function reshaped(tensor: TensorInfo, shape: number[]): TensorInfo {
  return { dataId: tensor.dataId, dtype: tensor.dtype, shape };
}
