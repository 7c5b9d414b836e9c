/** Settings that somebody is typing: all that is wrong with them, and what a run of them would be. */
import { availableParallelism } from 'node:os';
import type { Issue, Validation } from '../../core/api.ts';
import { modelBytes } from '../../core/accounting.ts';
import { checkRunConfig, modelOf, type RunConfig } from '../../core/config.ts';
import type { DeviceView } from '../../core/device.ts';
import { CaduceusError, reportError } from '../../core/errors.ts';
import { modelLayout, type ModelSpec } from '../../core/model.ts';
import { type OptionValues, rangeOf, resolveOptions } from '../../core/policy/options.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { policyNamed } from '../../core/policy/registry.ts';
import { prng } from '../../core/prng.ts';
import { type DatasetEntry, DATASETS } from '../../learn/datasets/registry.ts';
import { chooseDevices } from '../run-workers.ts';

export interface DraftSurroundings {
  devices: readonly DeviceView[];
  /** Training rows of a data set that was opened before. */
  knownRows(dataset: RunConfig['dataset']): number | null;
}

export function validateDraft(draft: unknown, { devices, knownRows }: DraftSurroundings): Validation {
  const { config: whole, issues: complaints } = checkRunConfig(draft);
  const found = firstOfEach(complaints);
  // One wrong field does not make the rest unknown.
  const config = whole ?? soundPartOf(draft, found);
  if (config === null) return { config: null, options: null, issues: found, estimate: NOTHING_KNOWN };
  const wrong = new Set(found.map(fieldOf));
  const isWrong = (...fields: string[]): boolean => fields.some((field) => wrong.has(field));
  const issues: Issue[] = [];
  const policy = attempt(issues, 'policy', 'unknown_policy', () => policyNamed(config.policy));
  const options = policy === undefined ? null : checkedOptions(policy, config.options, issues);
  const model = attempt(issues, 'model', 'unknown_model', () => modelOf(config));
  const dataset = checkedDataset(config, issues);
  if (model !== undefined && dataset !== undefined && !isWrong('model', 'modelSpec', 'dataset'))
    refuseMismatch(model, dataset, issues);
  const generated = dataset?.needsFiles === false ? dataset.rows.train : null;
  const rows = config.dataset.trainRows ?? knownRows(config.dataset) ?? generated;
  if (rows !== null) refuseTooFewRows(config, rows, issues);
  if (whole !== null && policy !== undefined && options !== null && dataset !== undefined && rows !== null) {
    const trainRows = Math.max(1, rows - config.validationRows);
    const rowBytes = dataset.shape.reduce((product, extent) => product * extent, 1) + 1;
    const random = prng(config.seed, 'policy');
    attempt(issues, 'options', 'contradiction', () =>
      policy.start({ options, batch: config.batch, trainRows, rowBytes, random }),
    );
  }
  checkWorkers(config, devices, issues);
  const parameters = model === undefined || isWrong('model', 'modelSpec') ? null : modelLayout(model).size;
  const { encoding, encodingDown = encoding } = config;
  const sized = (way: 'up' | 'down', encoded: typeof encoding, ...fields: string[]): number | null =>
    parameters === null || isWrong(...fields) ? null : modelBytes(encoded, parameters, way);
  // What is wrong already is not judged by the default that stands in for it.
  const all = [...found, ...issues.filter((issue) => !isWrong(fieldOf(issue)))];
  return {
    config: all.some(({ severity }) => severity === 'error') ? null : config,
    options: isWrong('options') ? null : options,
    issues: all,
    estimate: {
      parameters,
      updateBytes: sized('up', encoding, 'encoding'),
      modelBytes: sized('down', encodingDown, 'encoding', 'encodingDown'),
      trainRows:
        rows === null || isWrong('dataset', 'validationRows') ? null : Math.max(0, rows - config.validationRows),
    },
  };
}

/** A schema may find two things wrong with one value, such as a number far too big: one sentence is enough. */
function firstOfEach(issues: readonly Issue[]): Issue[] {
  const seen = new Set<string>();
  return issues.filter(({ path }) => !seen.has(path) && seen.add(path));
}

const NOTHING_KNOWN = { parameters: null, updateBytes: null, modelBytes: null, trainRows: null };
const fieldOf = ({ path }: Issue): string => path.split('.')[0] ?? '';

/** Deeper, what is wrong goes with what it is a part of: a layer with its model. */
const FIELD_DEPTH = 2;

/** The draft without its wrong fields, defaults in their place; null where that is no run either. */
function soundPartOf(draft: unknown, issues: readonly Issue[]): RunConfig | null {
  const rest = issues.reduce((left, { path }) => without(left, path.split('.').slice(0, FIELD_DEPTH)), draft);
  return checkRunConfig(rest).config;
}

function without(value: unknown, [head, ...rest]: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || head === undefined) return value;
  const { [head]: inner, ...others } = value as Readonly<Record<string, unknown>>;
  // A model that lacks a layer would be another model.
  if (rest.length === 0 || head === 'modelSpec') return others;
  return { ...others, [head]: without(inner, rest) };
}

/** Each option by itself, so that every wrong one is named. */
function checkedOptions({ name, options: schema }: Policy, given: OptionValues, issues: Issue[]): OptionValues | null {
  const before = issues.length;
  for (const [option, value] of Object.entries(given)) {
    const spec = Object.hasOwn(schema, option) ? schema[option] : undefined;
    const range = spec === undefined ? null : rangeOf(spec);
    attempt(
      issues,
      `options.${option}`,
      spec === undefined ? 'unknown_option' : 'option_range',
      () => resolveOptions(name, schema, { [option]: value }),
      range,
    );
  }
  return issues.length > before ? null : resolveOptions(name, schema, given);
}

function checkedDataset({ dataset: { name, dataDir } }: RunConfig, issues: Issue[]): DatasetEntry | undefined {
  const entry = Object.hasOwn(DATASETS, name) ? DATASETS[name] : undefined;
  if (entry === undefined) {
    issues.push(problem('dataset.name', 'unknown_dataset', `there is no data set named ${name}`, oneOf(DATASETS)));
  } else if (entry.needsFiles && dataDir === undefined) {
    issues.push(
      problem('dataset.dataDir', 'missing_files', `${name} is read from files`, 'the folder that holds them'),
    );
  }
  return entry;
}

function refuseMismatch(model: ModelSpec, { name, shape, classes }: DatasetEntry, issues: Issue[]): void {
  const size = (extents: readonly number[]): number => extents.reduce((product, extent) => product * extent, 1);
  if (size(model.input) !== size(shape)) {
    const message = `${model.name} takes ${model.input.join('×')}, but rows of ${name} are ${shape.join('×')}`;
    issues.push(problem('model', 'shape_mismatch', message, null));
  }
  if (model.classes < classes) {
    const message = `${model.name} tells ${model.classes} classes apart, but ${name} has ${classes}`;
    issues.push(problem('model', 'class_mismatch', message, null));
  }
}

function refuseTooFewRows({ validationRows }: RunConfig, rows: number, issues: Issue[]): void {
  if (validationRows < rows) return;
  const message = `${validationRows} validation rows leave nothing of ${rows} training rows`;
  issues.push(problem('validationRows', 'too_big', message, `from 1 to ${rows - 1}`));
}

function checkWorkers({ workers }: RunConfig, devices: readonly DeviceView[], issues: Issue[]): void {
  if (workers.devices.length > 0) {
    attempt(issues, 'workers.devices', 'devices', () => chooseDevices(devices, workers.devices));
  }
  const processors = availableParallelism();
  if (workers.local > processors) {
    const message = `${workers.local} worker processes share ${processors} processors`;
    issues.push({
      ...problem('workers.local', 'crowded', message, `up to ${processors} have one each`),
      severity: 'warning',
    });
  }
}

/** What it gives, or an issue made of what it throws. */
function attempt<T>(
  issues: Issue[],
  path: string,
  code: string,
  get: () => T,
  range: string | null = null,
): T | undefined {
  try {
    return get();
  } catch (error) {
    if (!(error instanceof CaduceusError)) throw error;
    const { message, remedy } = reportError(error);
    issues.push(problem(path, code, message, range ?? remedy));
    return undefined;
  }
}

function problem(path: string, code: string, message: string, range: string | null): Issue {
  return { path, severity: 'error', code, message, range };
}

function oneOf(names: Readonly<Record<string, unknown>>): string {
  return `one of ${Object.keys(names).join(', ')}`;
}
