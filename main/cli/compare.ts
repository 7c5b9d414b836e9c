/** `compare` and `ablate`: policies, or variants of one, side by side in the simulator. */
import { accessSync, constants, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  type CompareRequest,
  type ComparisonResult,
  type OptionValue,
  POLICIES,
  policyNamed,
} from '../core/control-plane-api.ts';
import { CaduceusError } from '../core/errors.ts';
import { onInterrupt } from './interrupt.ts';
import { MODEL_FLAGS, settingsFile, settingsFrom } from './settings.ts';
import { type Flags, type FlagValues, type Invocation, numberFlag, textFlag, usageError, type Verb } from './verb.ts';

/**
 * A row that learns no more is given up, and counts as if it had gone on to the time limit. The same for
 * every policy. Judgements come every half second at first, later a hundred in a doubling of the run's time.
 */
const GIVE_UP_AFTER = 100;

/** Virtual time that a simulated run may take, where it is not said. */
export const SIMULATED_MAX_SECONDS = 1200;
const DEFAULT_CLUSTER = 'hermes-12';

export const SIMULATION_FLAGS: Flags = {
  cluster: {
    type: 'string',
    value: 'NAME|FILE',
    help: `Devices and links: a preset or a JSON file (default ${DEFAULT_CLUSTER})`,
  },
  'timing-only': { type: 'boolean', help: 'No tensors: times and bytes of the model, losses of a stand-in' },
};

export const SIMULATED_LIMIT_FLAGS: Flags = {
  'max-seconds': {
    type: 'string',
    value: 'N',
    help: `Stop after N seconds of virtual time (default ${SIMULATED_MAX_SECONDS})`,
  },
};

const COMPARISON_FLAGS: Flags = {
  ...SIMULATION_FLAGS,
  seeds: { type: 'string', value: 'N', help: 'Runs of every row, from --seed on (default 3)' },
  tune: { type: 'string', value: 'N', help: 'Try N learning rates for every row, on other seeds (default 0)' },
  format: { type: 'string', value: 'NAME', help: 'Print the table as text, md, tex, csv or json (default text)' },
  out: { type: 'string', value: 'FILE', help: 'Write the table there' },
  ...MODEL_FLAGS,
  ...SIMULATED_LIMIT_FLAGS,
  'give-up-after': {
    type: 'string',
    value: 'N',
    help: `Stop after N judgements in a row without a better accuracy (default ${GIVE_UP_AFTER})`,
  },
};

type Variant = { label?: string; policy: string; options: Record<string, OptionValue> };

export const compare: Verb = {
  name: 'compare',
  summary: 'Simulate many policies on the same cluster, model, data and seeds, and compare them.',
  flags: {
    policies: { type: 'string', value: 'A,B,…|all', help: 'Policies to compare (default all)' },
    ...COMPARISON_FLAGS,
  },
  run: (invocation) => runComparison(compareRequest(invocation.flags), invocation),
};

export const ablate: Verb = {
  name: 'ablate',
  summary: 'Simulate one policy with each of its choices turned the other way, and compare.',
  flags: {
    policy: { type: 'string', value: 'NAME', help: 'The policy to take apart (default: that of --config)' },
    ...COMPARISON_FLAGS,
  },
  run: (invocation) => runComparison(ablateRequest(invocation.flags), invocation),
};

/** Of a settings file, the options are those of the policy that it names. */
export function compareRequest(flags: FlagValues): CompareRequest {
  const file = settingsFile(flags);
  const list = textFlag(flags, 'policies') ?? 'all';
  const names = list === 'all' ? POLICIES.map(({ name }) => name) : list.split(',');
  const variants = names.map((name) => ({ policy: policyNamed(name).name, options: optionsIn(file, name) }));
  return requestOf('compare', variants, flags, file);
}

export function ablateRequest(flags: FlagValues): CompareRequest {
  const file = settingsFile(flags);
  const policy = textFlag(flags, 'policy') ?? file['policy'];
  if (typeof policy !== 'string') throw usageError('an ablation needs a policy: --policy NAME', 'ablate');
  return requestOf('ablate', variantsOf(policy, optionsIn(file, policy)), flags, file);
}

function optionsIn(file: Record<string, unknown>, policy: string): Variant['options'] {
  return file['policy'] === policy ? ((file['options'] ?? {}) as Variant['options']) : {};
}

/** The policy as it is asked for, with each choice and switch at each other value, and as released. */
function variantsOf(name: string, asked: Variant['options']): Variant[] {
  const { options, faithful } = policyNamed(name);
  const variants: Variant[] = [
    { label: name, policy: name, options: asked },
    { label: 'bsp', policy: 'bsp', options: {} },
  ];
  for (const [option, spec] of Object.entries(options)) {
    const values: readonly OptionValue[] =
      spec.kind === 'choice' ? spec.choices : spec.kind === 'flag' ? [true, false] : [];
    for (const value of values) {
      if (value === (asked[option] ?? spec.default)) continue;
      variants.push({ label: `${name} ${option}=${value}`, policy: name, options: { ...asked, [option]: value } });
    }
  }
  if (faithful) variants.push({ label: `${name} as released`, policy: name, options: { ...asked, ...faithful } });
  return variants;
}

function requestOf(
  verb: string,
  variants: readonly Variant[],
  flags: FlagValues,
  file: Record<string, unknown>,
): CompareRequest {
  const whole = (name: string, fallback: number, least: number): number => {
    const value = numberFlag(flags, name, verb) ?? fallback;
    if (!Number.isInteger(value) || value < least)
      throw usageError(`--${name} takes a whole number from ${least}`, verb);
    return value;
  };
  const {
    policy: _policy,
    options: _options,
    seed = 1,
    ...config
  } = settingsFrom(
    { ...flags, policy: variants[0]?.policy },
    { file, usual: { maxSeconds: SIMULATED_MAX_SECONDS, giveUpAfter: GIVE_UP_AFTER } },
  );
  return {
    cluster: textFlag(flags, 'cluster') ?? DEFAULT_CLUSTER,
    config,
    variants,
    seeds: whole('seeds', 3, 1),
    firstSeed: whole('seed', seed, 0),
    tune: whole('tune', 0, 0),
    timingOnly: flags['timing-only'] === true,
  };
}

async function runComparison(
  request: CompareRequest,
  { flags, terminal, openControlPlane }: Invocation,
): Promise<ComparisonResult> {
  const tableFormat = textFlag(flags, 'format') ?? 'text';
  const controlPlane = await openControlPlane();
  // Before hours of work: an unknown format, and a file that could not be written.
  controlPlane.comparisonTable([], tableFormat);
  refuseMissingDirectory(textFlag(flags, 'out'));
  const handle = controlPlane.compare(request, {
    onProgress: (done, of, what) => terminal.progress(performance.now(), () => `${done} of ${of} ${what} simulated`),
  });
  const release = onInterrupt(() => handle.stop());
  try {
    const result = await handle.whenDone;
    terminal.endProgress();
    const table = controlPlane.comparisonTable(result.rows, tableFormat);
    publish(table, flags);
    return result;
  } finally {
    release();
  }
}

function refuseMissingDirectory(file: string | undefined): void {
  if (file === undefined) return;
  try {
    accessSync(dirname(file), constants.W_OK);
  } catch (cause) {
    throw notWritten(file, cause);
  }
}

function publish(table: string, flags: FlagValues): void {
  const file = textFlag(flags, 'out');
  if (file === undefined) {
    if (flags['json'] !== true) process.stdout.write(table);
    return;
  }
  try {
    writeFileSync(file, table);
  } catch (cause) {
    throw notWritten(file, cause);
  }
}

function notWritten(file: string, cause: unknown): CaduceusError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `the table cannot be written to ${file}: ${reason}`;
  return new CaduceusError('CAD-OUTPUT', message, 'Choose another --out.', cause);
}

export { DEFAULT_CLUSTER };
