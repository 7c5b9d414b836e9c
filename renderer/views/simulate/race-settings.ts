/** What a race is run with, as typed, and what of it is wrong. */
import type { CallInput } from '../../../main/core/api.ts';
import type { Allocation } from '../../../main/core/policy/allocated.ts';
import { isVariantReady, type Variant } from './variants.ts';

export interface RaceSettings {
  model: string;
  dataset: string;
  /** One row of the race each. */
  variants: readonly Variant[];
  /** Of all rows alike. */
  allocation: Allocation;
  batch: string;
  learningRate: string;
  /** In percent; empty: none. */
  target: string;
  maxSeconds: string;
  seeds: string;
  /** Learning rates tried for each policy. */
  tune: string;
  timingOnly: boolean;
}

export const USUAL: RaceSettings = {
  model: 'mlp-109k',
  dataset: 'digits',
  variants: ['bsp', 'ssp', 'adsp', 'hermes'].map((policy) => ({ key: policy, policy, options: {} })),
  allocation: 'policy',
  batch: '16',
  learningRate: '0.1',
  target: '95',
  maxSeconds: '600',
  seeds: '3',
  tune: '0',
  timingOnly: true,
};

export type NumberSetting = 'batch' | 'learningRate' | 'target' | 'maxSeconds' | 'seeds' | 'tune';

interface Range {
  min: number;
  max: number;
  isWhole: boolean;
  mayBeEmpty?: boolean;
}

const RANGES: Readonly<Record<NumberSetting, Range>> = {
  batch: { min: 1, max: 65_536, isWhole: true },
  learningRate: { min: 0.000001, max: 1000, isWhole: false },
  target: { min: 0.1, max: 100, isWhole: false, mayBeEmpty: true },
  maxSeconds: { min: 0.1, max: 31_536_000, isWhole: false },
  seeds: { min: 1, max: 100, isWhole: true },
  tune: { min: 0, max: 64, isWhole: true },
};

export function complaintOf(setting: NumberSetting, typed: string): string | undefined {
  const { min, max, isWhole, mayBeEmpty = false } = RANGES[setting];
  if (typed.trim() === '') return mayBeEmpty ? undefined : 'Give a number.';
  const value = Number(typed);
  const isRight = Number.isFinite(value) && value >= min && value <= max && (!isWhole || Number.isInteger(value));
  return isRight ? undefined : `Give a ${isWhole ? 'whole ' : ''}number from ${min} to ${max.toLocaleString('en-GB')}.`;
}

export function isReady(settings: RaceSettings): boolean {
  const isRight = (Object.keys(RANGES) as NumberSetting[]).every(
    (name) => complaintOf(name, settings[name]) === undefined,
  );
  return isRight && settings.variants.length > 0 && settings.variants.every(isVariantReady);
}

export function targetOf({ target }: Pick<RaceSettings, 'target'>): number | null {
  return target.trim() === '' ? null : Number(target) / 100;
}

export function configOf(settings: RaceSettings): CallInput<'comparisons.simulate'>['config'] {
  const target = targetOf(settings);
  return {
    model: settings.model,
    dataset: { name: settings.dataset },
    batch: Number(settings.batch),
    learningRate: Number(settings.learningRate),
    ...(settings.allocation !== 'policy' && { allocation: settings.allocation }),
    stop: { maxSeconds: Number(settings.maxSeconds), ...(target !== null && { targetAccuracy: target }) },
  };
}
