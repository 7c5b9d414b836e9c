/** Encodings with feedback under the policies that feedback.test.ts leaves out, so that none is left out altogether. */
import { expect, it } from 'vitest';
import { learnsWithEveryEncoding } from './feedback.contract.ts';
import { adacomm } from './policy/adacomm.ts';
import { adsp } from './policy/adsp.ts';
import { ebsp } from './policy/ebsp.ts';
import { hermes } from './policy/hermes.ts';
import { omnilearnAsp } from './policy/omnilearn-asp.ts';
import { omnilearnBsp } from './policy/omnilearn-bsp.ts';
import { POLICIES } from './policy/registry.ts';
import { selsync } from './policy/selsync.ts';
import { ssp } from './policy/ssp.ts';

const ELSEWHERE = ['bsp', 'asp', 'local-sgd'];
const RUNS = [
  [ssp, { staleness: 2 }],
  [selsync, { delta: 0.1, 'warm-up': 3 }],
  [hermes, { samples: 32, 'min-samples': 8, 'probe-samples': 20, alpha: 0, lambda: 2 }],
  [ebsp, { lookahead: 4 }],
  [adacomm, { tau: 4 }],
  [adsp, { 'check-period': 0.4, rate: 4, 'rate-search': false }],
  [omnilearnBsp, { 'adjust-every': 3 }],
  [omnilearnAsp, { 'adjust-every': 3 }],
] as const;

it('together they are all policies', () => {
  const names = [...ELSEWHERE, ...RUNS.map(([{ name }]) => name)];
  expect(names.toSorted()).toEqual(POLICIES.map(({ name }) => name).toSorted());
});

learnsWithEveryEncoding(RUNS);
