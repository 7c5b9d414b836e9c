/**
 * A model as somebody builds it, layer by layer: what each layer becomes, and what is wrong where.
 * Everything that can be told is told, whatever else is wrong.
 */
import type { DescribedLayer, ModelDescription } from './api/experiment.ts';
import { CaduceusError } from './errors.ts';
import { type Issue, issuesOf } from './issue.ts';
import { layerSchema, layerShapes, modelSchema, validateModel } from './model.ts';

const FLOAT_BYTES = 4;

export interface ModelDraft {
  name: string;
  input: readonly number[];
  classes: number;
  layers: readonly Readonly<Record<string, unknown>>[];
}

export function describeModel(draft: ModelDraft): ModelDescription {
  const frame = modelSchema.omit({ layers: true }).safeParse({
    name: draft.name,
    input: draft.input,
    classes: draft.classes,
  });
  const issues = frame.success ? [] : issuesOf(frame.error);
  const layers = describeLayers(draft, frame.success && draft.input.length > 0);
  const isSound = issues.length === 0 && layers.every((layer) => layer.issues.length === 0);
  if (draft.layers.length === 0) issues.push(problem('layers', 'the model has no layers yet'));
  else if (isSound) issues.push(...complaintsAbout(draft));
  const sum = (of: 'parameters' | 'multiplyAdds'): number | null => {
    const counts = layers.map((layer) => layer[of]);
    return counts.includes(null) || counts.length === 0
      ? null
      : counts.reduce<number>((all, one) => all + (one ?? 0), 0);
  };
  const parameters = sum('parameters');
  return {
    name: draft.name,
    input: draft.input,
    classes: draft.classes,
    layers,
    parameters,
    multiplyAdds: sum('multiplyAdds'),
    bytes: parameters === null ? null : parameters * FLOAT_BYTES,
    issues,
    valid: isSound && issues.length === 0,
  };
}

function describeLayers({ name, input, classes, layers }: ModelDraft, hasInput: boolean): DescribedLayer[] {
  let before: readonly number[] | null = hasInput ? input : null;
  return layers.map((given, index) => {
    const type = typeof given['type'] === 'string' ? given['type'] : '';
    const parsed = layerSchema.safeParse(given);
    const layer: DescribedLayer = {
      index,
      type,
      spec: parsed.success ? parsed.data : null,
      output: null,
      parameters: null,
      multiplyAdds: null,
      issues: parsed.success ? [] : issuesOf(parsed.error),
    };
    const from = before;
    before = null;
    if (!parsed.success || from === null) return layer;
    try {
      const [shape] = layerShapes({ name, classes, input: [...from], layers: [parsed.data] });
      if (shape === undefined) return layer;
      before = shape.output;
      return { ...layer, output: shape.output, parameters: shape.parameters, multiplyAdds: shape.multiplyAdds };
    } catch (error) {
      return { ...layer, issues: [problem('', wordsOf(error, index))] };
    }
  });
}

function complaintsAbout(draft: ModelDraft): Issue[] {
  try {
    validateModel(draft);
    return [];
  } catch (error) {
    return [problem('layers', wordsOf(error))];
  }
}

/** The complaint without its preface; layers are checked alone there, and have their own number here. */
function wordsOf(error: unknown, index?: number): string {
  if (!(error instanceof CaduceusError)) throw error;
  const words = error.message.replace(/^the model is not valid: /, '');
  return index === undefined ? words : words.replace(/^layer 0\b/, `layer ${index + 1}`);
}

function problem(path: string, message: string): Issue {
  return { path, severity: 'error', code: 'model', message, range: null };
}
