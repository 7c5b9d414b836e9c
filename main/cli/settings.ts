/** A run's settings from the command line: a file, and flags that override it. */
import { readFileSync } from 'node:fs';
import type { RunConfigInput } from '../core/config.ts';
import { CaduceusError } from '../core/errors.ts';
import {
  ALLOCATIONS,
  ENCODINGS,
  type OptionValue,
  parseOption,
  POLICIES,
  policyNamed,
  rangeOf,
} from '../core/control-plane-api.ts';
import { type Flags, type FlagValues, numberFlag, textFlag, usageError } from './verb.ts';

/** Under which policy. */
export const POLICY_CHOICE: Flags = {
  name: { type: 'string', value: 'TEXT', help: 'A name for the run' },
  policy: {
    type: 'string',
    value: 'NAME',
    help: `Synchronization policy: ${POLICIES.map(({ name }) => name).join(', ')}`,
  },
  faithful: { type: 'boolean', help: 'The policy as its authors released it, instead of the corrected one' },
};

/** What is trained, and how: for real and simulated runs alike. */
export const MODEL_FLAGS: Flags = {
  config: { type: 'string', value: 'FILE', help: 'Read settings from a JSON file; other flags override it' },
  dataset: { type: 'string', value: 'NAME', help: 'Data set: digits, mnist or cifar10 (default digits)' },
  'data-dir': { type: 'string', value: 'DIR', help: 'Directory of the data set’s files' },
  'train-rows': { type: 'string', value: 'N', help: 'Use at most N training rows' },
  'test-rows': { type: 'string', value: 'N', help: 'Use at most N test rows' },
  model: { type: 'string', value: 'NAME', help: 'Model: mlp-109k or cnn-109k (default mlp-109k)' },
  seed: { type: 'string', value: 'N', help: 'Seed of everything random (default 1)' },
  batch: { type: 'string', value: 'N', help: 'Mini-batch size at the start (default 16)' },
  'learning-rate': { type: 'string', value: 'X', help: 'Step size (default 0.1)' },
  momentum: { type: 'string', value: 'X', help: 'Momentum, 0 to 1 (default 0)' },
  encoding: {
    type: 'string',
    value: 'NAME',
    help: `Updates and models on the wire: ${ENCODINGS.join(', ')} (default f32)`,
  },
  'encoding-down': { type: 'string', value: 'NAME', help: 'Models on the wire (default: as --encoding)' },
  allocation: {
    type: 'string',
    value: 'NAME',
    help: `How rows are shared out: ${ALLOCATIONS.join(', ')} (default policy: as the policy has it)`,
  },
  'validation-rows': {
    type: 'string',
    value: 'N',
    help: 'Rows cut from training to judge the model on (default 2000)',
  },
  'target-accuracy': { type: 'string', value: 'X', help: 'Stop at this validation accuracy, 0 to 1' },
  'max-seconds': { type: 'string', value: 'N', help: 'Stop after N seconds of training (default 600)' },
  'give-up-after': {
    type: 'string',
    value: 'N',
    help: 'Stop after N judgements in a row without a better accuracy',
  },
  'max-iterations': { type: 'string', value: 'N', help: 'Stop after N local iterations of all workers together' },
};

/** Where real workers come from. */
const WORKER_FLAGS: Flags = {
  resume: { type: 'string', value: 'RUN', help: 'Go on with an interrupted run' },
  workers: {
    type: 'string',
    value: 'LIST',
    help: 'Who trains: local:N for N processes here, devices by name, tag:TAG, all (default local:4)',
  },
  speeds: { type: 'string', value: 'A,B,…', help: 'Relative speeds of the local workers, fastest 1' },
  engine: { type: 'string', value: 'NAME', help: 'tfjs-node, wasm or cpu (default: the fastest that works)' },
  host: {
    type: 'string',
    value: 'ADDRESS',
    help: 'Address the server listens on (default: the loopback, and where devices reach this machine)',
  },
  port: { type: 'string', value: 'N', help: 'Port the server listens on (default: any free one)' },
  tls: {
    type: 'string',
    value: 'WHEN',
    help: 'auto: outside loopback, tailnet and tunnels; always: on the tailnet too',
  },
};

export const RUN_FLAGS: Flags = { ...POLICY_CHOICE, ...MODEL_FLAGS, ...WORKER_FLAGS };

/** Policies' own options, as flags. The same name in several policies is one flag. */
export const POLICY_FLAGS: Flags = policyFlags();

function policyFlags(): Flags {
  const policiesOf = new Map<string, Map<string, string[]>>();
  for (const policy of POLICIES) {
    for (const [name, spec] of Object.entries(policy.options)) {
      const meanings = policiesOf.get(name) ?? new Map<string, string[]>();
      const meaning = `${spec.help} (${rangeOf(spec)}; default ${spec.default})`;
      meanings.set(meaning, [...(meanings.get(meaning) ?? []), policy.name]);
      policiesOf.set(name, meanings);
    }
  }
  return Object.fromEntries(
    [...policiesOf].map(([name, meanings]) => {
      const help = [...meanings].map(([meaning, policies]) => `${policies.join(', ')}: ${meaning}`).join('; ');
      return [name, { type: 'string' as const, value: 'X', help }];
    }),
  );
}

/**
 * Settings from the file, overridden by flags. Values are checked by the control plane.
 *
 * @param file What the settings file says.
 * @param usual Limits of this verb, where neither file nor flag says another.
 */
export function settingsFrom(
  flags: FlagValues,
  { file = settingsFile(flags), usual = {} }: { file?: Record<string, unknown>; usual?: RunConfigInput['stop'] } = {},
): RunConfigInput {
  const base = withUsual(file, usual);
  const number = (name: string): number | undefined => numberFlag(flags, name, 'train');
  const policy = textFlag(flags, 'policy') ?? base['policy'];
  if (typeof policy !== 'string') throw usageError('a run needs a policy: --policy NAME', 'train');
  return {
    ...base,
    policy,
    ...given({
      name: textFlag(flags, 'name'),
      model: textFlag(flags, 'model'),
      seed: number('seed'),
      batch: number('batch'),
      learningRate: number('learning-rate'),
      momentum: number('momentum'),
      allocation: textFlag(flags, 'allocation'),
      encoding: textFlag(flags, 'encoding'),
      encodingDown: textFlag(flags, 'encoding-down'),
      validationRows: number('validation-rows'),
    }),
    ...section(base, 'options', policyOptions(policy, flags)),
    ...section(base, 'dataset', {
      name: textFlag(flags, 'dataset'),
      dataDir: textFlag(flags, 'data-dir'),
      trainRows: number('train-rows'),
      testRows: number('test-rows'),
    }),
    ...section(base, 'stop', {
      targetAccuracy: number('target-accuracy'),
      maxSeconds: number('max-seconds'),
      maxIterations: number('max-iterations'),
      giveUpAfter: number('give-up-after'),
    }),
    ...section(base, 'workers', {
      ...workersFrom(flags),
      speeds: speeds(flags),
      engine: textFlag(flags, 'engine'),
    }),
    ...section(base, 'server', {
      host: textFlag(flags, 'host'),
      port: number('port'),
      tls: textFlag(flags, 'tls'),
    }),
  };
}

/** What is no object stays as it is, for the check of settings to refuse it. */
function withUsual(file: Record<string, unknown>, usual: RunConfigInput['stop']): Record<string, unknown> {
  const { stop = {} } = file;
  if (typeof stop !== 'object' || stop === null || Object.keys({ ...usual }).length === 0) return file;
  return { ...file, stop: { ...usual, ...stop } };
}

/** What the file of `--config` says; nothing without one. @throws CAD-CONFIG */
export function settingsFile(flags: FlagValues): Record<string, unknown> {
  const file = textFlag(flags, 'config');
  return file === undefined ? {} : readSettings(file);
}

function readSettings(file: string): Record<string, unknown> {
  try {
    const settings = JSON.parse(readFileSync(file, 'utf8')) as unknown;
    if (typeof settings === 'object' && settings !== null && !Array.isArray(settings)) {
      return settings as Record<string, unknown>;
    }
  } catch (cause) {
    throw new CaduceusError(
      'CAD-CONFIG',
      `the settings file ${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      'Give a file with one JSON object; a report shows that of its run.',
      cause,
    );
  }
  throw new CaduceusError('CAD-CONFIG', `the settings file ${file} is not a JSON object`, 'Give one JSON object.');
}

function policyOptions(policy: string, flags: FlagValues): Record<string, OptionValue | undefined> {
  const { name, options, faithful } = policyNamed(policy);
  if (flags['faithful'] === true && faithful === undefined) {
    throw usageError(`the policy ${name} has no variant as released`, 'train');
  }
  const values: Record<string, OptionValue | undefined> = flags['faithful'] === true ? { ...faithful } : {};
  // A flag of another policy is kept as it is: the check of options refuses it by name.
  for (const flag of Object.keys(POLICY_FLAGS)) {
    const text = textFlag(flags, flag);
    if (text !== undefined) values[flag] = parseOption(options[flag], text);
  }
  return values;
}

/** `local:2,pi-desk,tag:attic`. What is named takes the place of all workers in a settings file. */
function workersFrom(flags: FlagValues): { local?: number; devices?: string[] } {
  const text = textFlag(flags, 'workers');
  if (text === undefined) return {};
  const names = text.split(',').map((name) => name.trim());
  const isLocal = (name: string): boolean => /^local:-?\d+$/.test(name);
  const isDevice = (name: string): boolean => /^(tag:)?[^:]+$/.test(name);
  const local = names.filter(isLocal);
  if (local.length > 1 || !names.every((name) => isLocal(name) || isDevice(name))) {
    throw usageError(`--workers takes local:N once, names of devices, tag:TAG or all, not "${text}"`, 'train');
  }
  return { local: Number(local[0]?.slice('local:'.length) ?? 0), devices: names.filter(isDevice) };
}

function speeds(flags: FlagValues): number[] | undefined {
  return textFlag(flags, 'speeds')
    ?.split(',')
    .map((text) => (text.trim() === '' ? NaN : Number(text)));
}

function given(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** A nested part of the settings, only when something is said about it. */
function section(
  base: Record<string, unknown>,
  name: string,
  values: Record<string, unknown>,
): Record<string, unknown> {
  const overrides = given(values);
  if (Object.keys(overrides).length === 0) return {};
  return { [name]: { ...(base[name] as object | undefined), ...overrides } };
}
