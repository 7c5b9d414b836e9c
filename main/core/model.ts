/**
 * A model as plain data: what it takes in, its layers, and what follows from them (shapes, parameter
 * counts, layout, first values). Nothing here computes a gradient; `learn` does, on any engine, from
 * the same specification and the same bits.
 */
import { z } from 'zod';
import { CaduceusError } from './errors.ts';
import { type ParameterLayout, type TensorSpec, type Vector, layoutOf, tensorView } from './parameters.ts';
import { prng, uniform } from './prng.ts';

const extent = z.number().int().min(1).max(65_536);
const activation = z.enum(['relu', 'linear']);

export const layerSchema = z.discriminatedUnion('type', [
  /** Fully connected; its input is one axis long (`flatten` first). */
  z.strictObject({ type: z.literal('dense'), units: extent, activation }),
  /** Square kernel, channels last; `same` pads so that output = ceil(input / stride). */
  z.strictObject({
    type: z.literal('conv2d'),
    filters: extent,
    kernel: extent,
    stride: extent,
    padding: z.enum(['same', 'valid']),
    activation,
  }),
  /** Square window without padding: what does not fill a window is left out. */
  z.strictObject({ type: z.literal('maxPool'), size: extent, stride: extent }),
  z.strictObject({ type: z.literal('flatten') }),
]);

export const modelSchema = z.strictObject({
  name: z.string().min(1).max(80),
  /** One row without the batch axis: [features] or [height, width, channels]. */
  input: z.array(extent).min(1).max(3),
  classes: z.number().int().min(2).max(256),
  /** The last layer is dense, linear, with one unit per class: it gives the logits. */
  layers: z.array(layerSchema).min(1).max(64),
});

export type LayerSpec = z.infer<typeof layerSchema>;
export type ModelSpec = z.infer<typeof modelSchema>;
export type Activation = z.infer<typeof activation>;

/** What a layer becomes once its input is known. Shapes are without the batch axis. */
export interface LayerShape {
  spec: LayerSpec;
  input: readonly number[];
  output: readonly number[];
  /** Tensors that it owns, in the order of the layout; [] for layers without parameters. */
  tensors: readonly TensorSpec[];
  parameters: number;
  /** Multiply-adds of one row's forward pass; a training step takes about three times as many. */
  multiplyAdds: number;
}

/** Parameters that a model may have at most: 1 GiB of float32. */
const MAX_PARAMETERS = 2 ** 28;

/** A model must fit a row's index into a byte label, and its own numbers into memory. @throws CAD-CONFIG */
export function validateModel(input: unknown): ModelSpec {
  const parsed = modelSchema.safeParse(input);
  if (!parsed.success) {
    const complaints = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'model'}: ${issue.message}`);
    throw invalid(complaints.join('; '));
  }
  const model = parsed.data;
  const layers = layerShapes(model);
  const parameters = layers.reduce((sum, layer) => sum + layer.parameters, 0);
  if (parameters > MAX_PARAMETERS) throw invalid(`it has ${parameters} parameters, more than ${MAX_PARAMETERS}`);
  const last = model.layers.at(-1);
  if (last?.type !== 'dense' || last.activation !== 'linear' || last.units !== model.classes) {
    throw invalid(`its last layer must be dense, linear, with ${model.classes} units, one per class`);
  }
  return model;
}

/** Every layer with its shapes and counts, in order. @throws CAD-CONFIG when a layer cannot follow the one before. */
export function layerShapes(model: ModelSpec): LayerShape[] {
  const shapes: LayerShape[] = [];
  let input: readonly number[] = model.input;
  for (const [index, spec] of model.layers.entries()) {
    const layer = layerShape(spec, index, input);
    shapes.push(layer);
    input = layer.output;
  }
  return shapes;
}

function layerShape(spec: LayerSpec, index: number, input: readonly number[]): LayerShape {
  const where = `layer ${index} (${spec.type})`;
  const named = (part: string, shape: number[]): TensorSpec => ({ name: `${index}.${spec.type}.${part}`, shape });
  if (spec.type === 'flatten') {
    return { spec, input, output: [volume(input)], tensors: [], parameters: 0, multiplyAdds: 0 };
  }
  if (spec.type === 'dense') {
    if (input.length !== 1) throw invalid(`${where} needs one axis but gets ${input.join('×')}: put flatten before it`);
    const fanIn = volume(input);
    return {
      spec,
      input,
      output: [spec.units],
      tensors: [named('kernel', [fanIn, spec.units]), named('bias', [spec.units])],
      parameters: fanIn * spec.units + spec.units,
      multiplyAdds: fanIn * spec.units,
    };
  }
  const [height, width, channels] = input;
  if (height === undefined || width === undefined || channels === undefined) {
    throw invalid(`${where} needs height × width × channels but gets ${input.join('×')}`);
  }
  const window = spec.type === 'conv2d' ? spec.kernel : spec.size;
  const same = spec.type === 'conv2d' && spec.padding === 'same';
  const slide = (length: number): number =>
    same ? Math.ceil(length / spec.stride) : Math.floor((length - window) / spec.stride) + 1;
  const [outHeight, outWidth] = [slide(height), slide(width)];
  if (outHeight < 1 || outWidth < 1) throw invalid(`${where}: a window of ${window} does not fit ${height}×${width}`);
  if (spec.type === 'maxPool') {
    const output = [outHeight, outWidth, channels];
    return { spec, input, output, tensors: [], parameters: 0, multiplyAdds: 0 };
  }
  const kernel = window * window * channels * spec.filters;
  return {
    spec,
    input,
    output: [outHeight, outWidth, spec.filters],
    tensors: [named('kernel', [window, window, channels, spec.filters]), named('bias', [spec.filters])],
    parameters: kernel + spec.filters,
    multiplyAdds: outHeight * outWidth * kernel,
  };
}

/** Where every tensor of the model lies in its flat vector: kernel and bias of each layer, in order. */
export function modelLayout(model: ModelSpec): ParameterLayout {
  return layoutOf(layerShapes(model).flatMap((layer) => layer.tensors));
}

/**
 * The model that training starts from; the same bits on every host (only +, ×, ÷ and √ are used).
 * Kernels are uniform in ±√(6 / fanIn) before a ReLU (He et al. 2015, arXiv:1502.01852) and in
 * ±√(6 / (fanIn + fanOut)) before logits (Glorot & Bengio 2010); biases are 0.
 */
export function initialParameters(model: ModelSpec, seed: number): Vector {
  const layout = modelLayout(model);
  const flat: Vector = new Float32Array(layout.size);
  const slots = new Map(layout.tensors.map((slot) => [slot.name, slot]));
  for (const { spec, tensors } of layerShapes(model)) {
    const kernel = tensors[0];
    const slot = kernel === undefined ? undefined : slots.get(kernel.name);
    if (kernel === undefined || slot === undefined || spec.type === 'maxPool' || spec.type === 'flatten') continue;
    const outputs = kernel.shape.at(-1) ?? 1;
    const fanIn = slot.size / outputs;
    const window = spec.type === 'conv2d' ? spec.kernel * spec.kernel : 1;
    const limit = Math.sqrt(6 / (spec.activation === 'relu' ? fanIn : fanIn + outputs * window));
    const chance = prng(seed, 'initial', slot.name);
    const values = tensorView(flat, slot);
    for (let index = 0; index < values.length; index++) values[index] = (2 * uniform(chance) - 1) * limit;
  }
  return flat;
}

function volume(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

function invalid(complaint: string): CaduceusError {
  return new CaduceusError('CAD-CONFIG', `the model is not valid: ${complaint}`, 'Correct the model specification.');
}

/** The models that come with Caduceus, by name. */
export const MODELS: Readonly<Record<string, ModelSpec>> = {
  'mlp-109k': {
    name: 'mlp-109k',
    input: [28, 28, 1],
    classes: 10,
    layers: [
      { type: 'flatten' },
      { type: 'dense', units: 128, activation: 'relu' },
      { type: 'dense', units: 64, activation: 'relu' },
      { type: 'dense', units: 10, activation: 'linear' },
    ],
  },
  'cnn-109k': {
    name: 'cnn-109k',
    input: [28, 28, 1],
    classes: 10,
    layers: [
      { type: 'conv2d', filters: 8, kernel: 3, stride: 1, padding: 'same', activation: 'relu' },
      { type: 'maxPool', size: 2, stride: 2 },
      { type: 'conv2d', filters: 16, kernel: 3, stride: 1, padding: 'same', activation: 'relu' },
      { type: 'maxPool', size: 2, stride: 2 },
      { type: 'flatten' },
      { type: 'dense', units: 136, activation: 'relu' },
      { type: 'dense', units: 10, activation: 'linear' },
    ],
  },
};

/** @throws CAD-MODEL-UNKNOWN listing the names there are. */
export function modelNamed(name: string): ModelSpec {
  const model = Object.hasOwn(MODELS, name) ? MODELS[name] : undefined;
  if (model !== undefined) return model;
  throw new CaduceusError(
    'CAD-MODEL-UNKNOWN',
    `there is no model named ${JSON.stringify(name)}`,
    `Use one of: ${Object.keys(MODELS).join(', ')}.`,
  );
}
