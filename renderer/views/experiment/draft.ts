/**
 * The experiment that is being put together. What is not filled in is absent, so that the control plane's
 * defaults hold; what is typed and no number yet stays text, so that the check can name it. It outlives
 * the screen, and a reload.
 */
import { createStore } from '../../state/store.ts';
import type { Json } from '../../components/typed-value.ts';

export type JsonObject = Readonly<Record<string, Json>>;

export interface Draft {
  /** Of the saved experiment that it came from or was kept as. */
  saved: { id: string; name: string } | null;
  config: JsonObject;
}

const KEY = 'caduceus.experiment';

export const FIRST_CONFIG: JsonObject = {
  policy: 'hermes',
  model: 'mlp-109k',
  dataset: { name: 'digits' },
  workers: { local: 4, devices: [], speeds: [1, 0.6, 0.35, 0.2] },
  stop: { targetAccuracy: 0.97, maxSeconds: 600 },
};

export const draft = createStore<Draft>(restored());

function restored(): Draft {
  const fresh: Draft = { saved: null, config: FIRST_CONFIG };
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    return isObject(kept) && isObject(kept['config']) ? (kept as unknown as Draft) : fresh;
  } catch {
    return fresh;
  }
}

export function setDraft(next: Draft): void {
  draft.set(next);
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // A browser that keeps nothing: the draft lasts until the window closes.
  }
}

/** Sets one field; `undefined` takes it away, so that its default holds. */
export function setField(path: string, value: Json | undefined): void {
  const known = draft.get();
  setDraft({ ...known, config: withField(known.config, path.split('.'), value) });
}

export function fieldOf(config: Json | undefined, path: string): Json | undefined {
  let value: Json | undefined = config;
  for (const part of path.split('.')) {
    if (!isObject(value) || !Object.hasOwn(value, part)) return undefined;
    value = value[part];
  }
  return value;
}

export function withField(config: JsonObject, [head, ...rest]: readonly string[], value: Json | undefined): JsonObject {
  if (head === undefined) return config;
  const inner = config[head];
  const next = rest.length === 0 ? value : withField(isObject(inner) ? inner : {}, rest, value);
  const others = Object.fromEntries(Object.entries(config).filter(([key]) => key !== head));
  return next === undefined ? others : { ...others, [head]: next };
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An experiment from a file. @throws Error in words for a person */
export function readExperimentFile(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('it is not JSON');
  }
  const config = isObject(value) && isObject(value['config']) ? value['config'] : value;
  if (!isObject(config)) throw new Error('it holds no settings of a run');
  if (typeof config['policy'] !== 'string') throw new Error('it names no policy');
  return config;
}
