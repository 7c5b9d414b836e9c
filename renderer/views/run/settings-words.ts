/** The settings of a run in one line of words. */
import type { RunDetail } from '../../../main/core/api.ts';
import { allocationName } from '../../../main/core/policy/allocation-words.ts';
import { POLICIES } from '../../../main/core/policy/registry.ts';
import { decimal, plural } from '../../../main/core/display/format.ts';

/** Options that differ from their defaults are named; the others are what everybody has. */
const MAX_OPTIONS = 4;

export function settingsWords({ config, options, virtual }: RunDetail, workers: number): string {
  const { allocation } = config;
  const schema = POLICIES.find(({ name }) => name === config.policy)?.options ?? {};
  const own = Object.entries(options)
    .filter(([name, value]) => schema[name]?.default !== value)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? decimal(value, 4, 0) : String(value)}`);
  const named = own.length > MAX_OPTIONS ? [...own.slice(0, MAX_OPTIONS), `${own.length - MAX_OPTIONS} more`] : own;
  return [
    `${modelName(config.model)} on ${config.dataset.name}`,
    ...(named.length === 0 ? [] : [named.join(' · ')]),
    `batch ${config.batch}`,
    `rate ${decimal(config.learningRate, 4, 0)}`,
    ...(allocation === undefined || allocation === 'policy' ? [] : [`allocation ${allocationName(allocation)}`]),
    ...(config.encoding === 'f32' ? [] : [config.encoding]),
    `seed ${config.seed}`,
    plural(workers, virtual === true ? 'simulated device' : 'worker'),
  ].join(', ');
}

function modelName(model: unknown): string {
  if (typeof model === 'string') return model;
  const named = model as { name?: unknown };
  return typeof named.name === 'string' ? named.name : 'own model';
}
