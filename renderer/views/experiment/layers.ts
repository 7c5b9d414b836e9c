/** Layers while a model is built: what may be added, which numbers each has, and moves between them. */
import type { Json } from '../../components/typed-value.ts';
import type { JsonObject } from './draft.ts';

export const LAYER_TYPES = ['conv2d', 'maxPool', 'flatten', 'dense'] as const;
export type LayerType = (typeof LAYER_TYPES)[number];

export const LAYER_WORDS: Record<LayerType, string> = {
  conv2d: 'Convolution',
  maxPool: 'Max pooling',
  flatten: 'Flatten',
  dense: 'Dense',
};

/** What a new one starts with. */
export const NEW_LAYERS: Record<LayerType, JsonObject> = {
  conv2d: { type: 'conv2d', filters: 16, kernel: 3, stride: 1, padding: 'same', activation: 'relu' },
  maxPool: { type: 'maxPool', size: 2, stride: 2 },
  flatten: { type: 'flatten' },
  dense: { type: 'dense', units: 64, activation: 'relu' },
};

export const LAYER_NUMBERS: Record<LayerType, readonly { field: string; label: string }[]> = {
  conv2d: [
    { field: 'filters', label: 'filters' },
    { field: 'kernel', label: 'kernel' },
    { field: 'stride', label: 'stride' },
  ],
  maxPool: [
    { field: 'size', label: 'window' },
    { field: 'stride', label: 'stride' },
  ],
  flatten: [],
  dense: [{ field: 'units', label: 'units' }],
};

export const LAYER_CHOICES: Record<LayerType, readonly { field: string; label: string; options: readonly string[] }[]> =
  {
    conv2d: [
      { field: 'padding', label: 'padding', options: ['same', 'valid'] },
      { field: 'activation', label: 'activation', options: ['relu', 'linear'] },
    ],
    maxPool: [],
    flatten: [],
    dense: [{ field: 'activation', label: 'activation', options: ['relu', 'linear'] }],
  };

/** Before the last one, which gives the logits. */
export function addLayer(layers: readonly JsonObject[], type: LayerType): JsonObject[] {
  const at = Math.max(0, layers.length - 1);
  return [...layers.slice(0, at), NEW_LAYERS[type], ...layers.slice(at)];
}

export function removeLayer(layers: readonly JsonObject[], index: number): JsonObject[] {
  return layers.filter((_, at) => at !== index);
}

export function moveLayer(layers: readonly JsonObject[], index: number, by: -1 | 1): JsonObject[] {
  const moved = layers[index];
  const to = index + by;
  if (moved === undefined || to < 0 || to >= layers.length) return [...layers];
  const others = removeLayer(layers, index);
  return [...others.slice(0, to), moved, ...others.slice(to)];
}

export function changeLayer(
  layers: readonly JsonObject[],
  index: number,
  field: string,
  value: Json | undefined,
): JsonObject[] {
  return layers.map((layer, at) => {
    if (at !== index) return layer;
    const others = Object.fromEntries(Object.entries(layer).filter(([key]) => key !== field));
    return value === undefined ? others : { ...others, [field]: value };
  });
}

/** `28 × 28 × 8`; unknown stays unknown. */
export function shapeWords(shape: readonly number[] | null): string {
  return shape === null ? '–' : shape.join(' × ');
}
