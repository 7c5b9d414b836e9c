/**
 * BatchMatMul and _FusedMatMul that transpose a transposed operand first.
 *
 * The shipped kernels multiply one pair of plain matrices with XNNPACK and everything else, a
 * transposed operand included, with a loop that is ten times slower. A transpose costs far less than
 * the difference. Products of more than one pair keep the shipped path.
 */
import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine.ts';
import { type KernelCall, reshaped, run, shippedKernel, wasmKernel } from './wasm-backend.ts';

interface Inputs {
  a: TensorInfo;
  b: TensorInfo;
  /** For the fused kernel, and handed through. */
  bias?: TensorInfo;
  preluActivationWeights?: TensorInfo;
}

interface Attributes {
  transposeA: boolean;
  transposeB: boolean;
}

export function matMul(tf: Tf, kernelName: 'BatchMatMul' | '_FusedMatMul'): KernelConfig {
  const shipped = shippedKernel(tf, kernelName);
  const transpose = shippedKernel(tf, 'Transpose');

  const ours = wasmKernel(kernelName, ({ inputs, attrs, backend }: KernelCall<Inputs, Attributes>) => {
    const onePair = isOneMatrix(inputs.a) && isOneMatrix(inputs.b);
    if (!onePair || !(attrs.transposeA || attrs.transposeB)) return run(shipped, backend, { ...inputs }, attrs);
    const upright = (matrix: TensorInfo): TensorInfo => {
      const [rows, columns] = matrix.shape.slice(-2) as [number, number];
      const turned = run(transpose, backend, { x: reshaped(matrix, [rows, columns]) }, { perm: [1, 0] });
      return { ...turned, shape: [...matrix.shape.slice(0, -2), columns, rows] };
    };
    const a = attrs.transposeA ? upright(inputs.a) : inputs.a;
    const b = attrs.transposeB ? upright(inputs.b) : inputs.b;
    const product = run(shipped, backend, { ...inputs, a, b }, { ...attrs, transposeA: false, transposeB: false });
    if (attrs.transposeA) backend.disposeData(a.dataId);
    if (attrs.transposeB) backend.disposeData(b.dataId);
    return product;
  });
  return shipped.setupFunc === undefined ? ours : { ...ours, setupFunc: shipped.setupFunc };
}

function isOneMatrix({ shape }: TensorInfo): boolean {
  return shape.slice(0, -2).every((extent) => extent === 1);
}
