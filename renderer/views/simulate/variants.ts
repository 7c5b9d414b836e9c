/** What races: policies, each as often as wanted, with options of its own. */
import { type OptionValues, resolveOptions } from '../../../main/core/policy/options.ts';
import { POLICIES } from '../../../main/core/policy/registry.ts';
import type { Json } from '../../components/typed-value.ts';

export interface Variant {
  /** Stable while the race is set up. */
  key: string;
  policy: string;
  /** As typed; what is no number yet is text. Absent: the policy's default. */
  options: Readonly<Record<string, Json>>;
}

interface Variants {
  variants: readonly Variant[];
}

export function variantsOf({ variants }: Variants, policy: string): Variant[] {
  return variants.filter((variant) => variant.policy === policy);
}

export function withVariant<Settings extends Variants>(
  settings: Settings,
  key: string,
  options: Variant['options'],
): Settings {
  const variants = settings.variants.map((variant) => (variant.key === key ? { ...variant, options } : variant));
  return { ...settings, variants };
}

/** One more of a policy, beginning as its last one is. */
export function withOneMore<Settings extends Variants>(settings: Settings, policy: string): Settings {
  const keys = new Set(settings.variants.map(({ key }) => key));
  let number = 1;
  while (keys.has(`${policy}-${number}`)) number += 1;
  const options = variantsOf(settings, policy).at(-1)?.options ?? {};
  return { ...settings, variants: [...settings.variants, { key: `${policy}-${number}`, policy, options }] };
}

export function withoutVariants<Settings extends Variants>(settings: Settings, keys: readonly string[]): Settings {
  return { ...settings, variants: settings.variants.filter(({ key }) => !keys.includes(key)) };
}

/** `defaults`, or what is set otherwise: `alpha −1.5, lambda 3`. */
export function optionsInWords({ options }: Pick<Variant, 'options'>): string {
  const set = Object.entries(options).map(
    ([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`,
  );
  return set.length === 0 ? 'defaults' : set.join(', ');
}

export interface Contender {
  label: string;
  policy: string;
  options: Readonly<Record<string, number | string | boolean>>;
}

/** Rows in the order of the registry; of a policy that races more than once, each is told apart by its options. */
export function contendersOf(settings: Variants): Contender[] {
  const labels = new Set<string>();
  return POLICIES.flatMap(({ name }) => {
    const own = variantsOf(settings, name);
    return own.map((variant): Contender => {
      const plain = own.length === 1 ? name : `${name}: ${optionsInWords(variant)}`.slice(0, 76);
      let label = plain;
      for (let number = 2; labels.has(label); number++) label = `${plain} ${number}`;
      labels.add(label);
      return { label, policy: name, options: variant.options as Contender['options'] };
    });
  });
}

export function raceWords(contenders: readonly Contender[]): string {
  if (contenders.length <= 1) return 'Race one policy';
  const policies = new Set(contenders.map(({ policy }) => policy)).size;
  return policies === contenders.length ? `Race ${policies} policies` : `Race ${contenders.length} variants`;
}

/** Each option by itself is within its range; what contradicts another is refused when it starts. */
export function isVariantReady({ policy, options }: Variant): boolean {
  const schema = POLICIES.find(({ name }) => name === policy)?.options;
  if (schema === undefined) return false;
  try {
    resolveOptions(policy, schema, options as OptionValues);
    return true;
  } catch {
    return false;
  }
}
