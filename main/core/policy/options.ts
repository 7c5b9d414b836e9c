/**
 * Option schemas: one declaration from which the form in the window, the flags of the command line,
 * the row in the documentation and the check of a run's settings are made.
 */
import { CaduceusError } from '../errors.ts';

export type OptionValue = number | string | boolean;
export type OptionValues = Readonly<Record<string, OptionValue>>;

interface Described {
  /** One line: what it does, with its symbol in the paper where it has one. */
  help: string;
  /** May change while a run goes on: the policy takes it in with an `options` event. */
  live?: true;
}

export type OptionSpec = Described &
  (
    | { kind: 'number'; default: number; min: number; max: number; unit?: string }
    | { kind: 'integer'; default: number; min: number; max: number; unit?: string }
    | { kind: 'choice'; default: string; choices: readonly string[] }
    | { kind: 'flag'; default: boolean }
  );

export type OptionSchema = Readonly<Record<string, OptionSpec>>;

/** The range of one option in words, for errors, forms and documentation. */
export function rangeOf(spec: OptionSpec): string {
  switch (spec.kind) {
    case 'number':
    case 'integer':
      return `${spec.kind === 'integer' ? 'a whole number' : 'a number'} from ${spec.min} to ${spec.max}${spec.unit ? ` ${spec.unit}` : ''}`;
    case 'choice':
      return `one of ${spec.choices.join(', ')}`;
    case 'flag':
      return 'true or false';
  }
}

function accepts(spec: OptionSpec, value: OptionValue): boolean {
  switch (spec.kind) {
    case 'number':
    case 'integer':
      return (
        typeof value === 'number' &&
        value >= spec.min &&
        value <= spec.max &&
        (spec.kind === 'number' || Number.isInteger(value))
      );
    case 'choice':
      return typeof value === 'string' && spec.choices.includes(value);
    case 'flag':
      return typeof value === 'boolean';
  }
}

/**
 * The complete option values of a policy: what was given, checked, and the default for the rest.
 * @throws CAD-POLICY-OPTION naming the option and its range.
 */
export function resolveOptions(policy: string, schema: OptionSchema, given: OptionValues): OptionValues {
  const resolved: Record<string, OptionValue> = {};
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(schema, name)) {
      const known = Object.keys(schema);
      throw new CaduceusError(
        'CAD-POLICY-OPTION',
        `policy ${policy} has no option "${name}"`,
        known.length === 0 ? `Remove it: ${policy} takes no options.` : `Use one of: ${known.join(', ')}.`,
      );
    }
  }
  for (const [name, spec] of Object.entries(schema)) {
    const value = given[name] ?? spec.default;
    if (!accepts(spec, value)) {
      throw new CaduceusError(
        'CAD-POLICY-OPTION',
        `option ${name} of policy ${policy} cannot be ${JSON.stringify(value)}`,
        `Give ${rangeOf(spec)}.`,
      );
    }
    resolved[name] = value;
  }
  return resolved;
}

/** Names of the options that may change while a run goes on. */
export function liveOptions(schema: OptionSchema): string[] {
  return Object.keys(schema).filter((name) => schema[name]?.live === true);
}

/**
 * All option values of a run under way after a change.
 * @throws CAD-POLICY-OPTION when a value is out of its range, or belongs to an option that is fixed at the start.
 */
export function changeOptions(
  policy: string,
  schema: OptionSchema,
  current: OptionValues,
  change: OptionValues,
): OptionValues {
  const changed = resolveOptions(policy, schema, { ...current, ...change });
  const live = liveOptions(schema);
  for (const name of Object.keys(change)) {
    if (changed[name] === current[name] || live.includes(name)) continue;
    throw new CaduceusError(
      'CAD-POLICY-OPTION',
      `option ${name} of policy ${policy} cannot change while a run goes on`,
      live.length === 0 ? 'Start another run with it.' : `Start another run with it, or change: ${live.join(', ')}.`,
    );
  }
  return changed;
}

/**
 * Reads an option's value from text, as typed on a command line. What is no number stays text, so that
 * the check of resolveOptions can name it.
 */
export function parseOption(spec: OptionSpec | undefined, text: string): OptionValue {
  if (spec === undefined || spec.kind === 'choice') return text;
  if (spec.kind === 'flag') return text === 'true' ? true : text === 'false' ? false : text;
  const number = Number(text);
  return text.trim() === '' || !Number.isFinite(number) ? text : number;
}

export function numberOption(values: OptionValues, name: string): number {
  return values[name] as number;
}

export function textOption(values: OptionValues, name: string): string {
  return values[name] as string;
}

export function flagOption(values: OptionValues, name: string): boolean {
  return values[name] as boolean;
}
