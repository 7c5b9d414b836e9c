/**
 * The forward pass in plain loops and double precision: slow, obvious, and independent of every
 * engine. What an engine says is held against it, in its probe and in tests.
 */
import { assert, present } from '../core/assert.ts';
import { type LayerShape, type ModelSpec, layerShapes, modelLayout } from '../core/model.ts';
import { type Vector, tensorView } from '../core/parameters.ts';
import type { Rows } from './datasets/dataset.ts';

/** Logits, count × classes. */
export function referenceLogits(model: ModelSpec, parameters: Vector, rows: Rows): Float64Array {
  const slots = modelLayout(model).tensors;
  const shapes = layerShapes(model);
  const logits = new Float64Array(rows.count * model.classes);
  const featureSize = rows.features.length / rows.count;
  for (let row = 0; row < rows.count; row++) {
    let values = Float64Array.from(
      rows.features.subarray(row * featureSize, (row + 1) * featureSize),
      (byte) => byte / 255,
    );
    let next = 0;
    for (const shape of shapes) {
      const own = shape.tensors.map(() => tensorView(parameters, present(slots[next++], 'slot')));
      values = forward(shape, values, own);
    }
    logits.set(values, row * model.classes);
  }
  return logits;
}

function forward(shape: LayerShape, x: Float64Array<ArrayBuffer>, [kernel, bias]: Vector[]): Float64Array<ArrayBuffer> {
  const { spec } = shape;
  if (spec.type === 'flatten') return x;
  if (spec.type === 'maxPool') return window(shape, x, spec.size, -Infinity, (sum, value) => Math.max(sum, value));
  assert(kernel !== undefined && bias !== undefined, 'a layer with parameters has a kernel and a bias');
  const y =
    spec.type === 'conv2d'
      ? window(shape, x, spec.kernel, 0, (sum, value, weight) => sum + value * (kernel[weight] as number))
      : Float64Array.from(bias, (_, unit) =>
          x.reduce((sum, value, i) => sum + value * (kernel[i * bias.length + unit] as number), 0),
        );
  return y.map((value, index) => {
    const z = value + (bias[index % bias.length] as number);
    return spec.activation === 'relu' ? Math.max(0, z) : z;
  });
}

/**
 * Slides a window over [height, width, channels]. `take` gets every value in it and, for a
 * convolution, the place of its weight in [kernel, kernel, channels, filters].
 */
function window(
  { spec, input, output }: LayerShape,
  x: Float64Array,
  size: number,
  start: number,
  take: (sum: number, value: number, weight: number) => number,
): Float64Array<ArrayBuffer> {
  assert(spec.type === 'conv2d' || spec.type === 'maxPool', 'only these slide');
  const [height, width, channels] = input as [number, number, number];
  const [outHeight, outWidth, outChannels] = output as [number, number, number];
  const padded = spec.type === 'conv2d' && spec.padding === 'same';
  // The smaller half of the padding goes above and to the left, as in TensorFlow.
  const before = (length: number, out: number): number =>
    padded ? Math.floor(Math.max(0, (out - 1) * spec.stride + size - length) / 2) : 0;
  const [top, left] = [before(height, outHeight), before(width, outWidth)];
  const y = new Float64Array(outHeight * outWidth * outChannels);
  for (let place = 0; place < y.length; place++) {
    const out = place % outChannels;
    const outX = Math.floor(place / outChannels) % outWidth;
    const outY = Math.floor(place / (outChannels * outWidth));
    let sum = start;
    for (let ky = 0; ky < size; ky++) {
      for (let kx = 0; kx < size; kx++) {
        const [inY, inX] = [outY * spec.stride + ky - top, outX * spec.stride + kx - left];
        if (inY < 0 || inX < 0 || inY >= height || inX >= width) continue;
        const [first, end] = spec.type === 'conv2d' ? [0, channels] : [out, out + 1];
        for (let channel = first; channel < end; channel++) {
          const weight = ((ky * size + kx) * channels + channel) * outChannels + out;
          sum = take(sum, x[(inY * width + inX) * channels + channel] as number, weight);
        }
      }
    }
    y[place] = sum;
  }
  return y;
}
