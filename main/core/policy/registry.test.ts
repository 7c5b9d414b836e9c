/** What every policy owes: options that can be checked, a file that says what it does, a toy to show how little it takes. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CaduceusError } from '../errors.ts';
import type { Vector } from '../parameters.ts';
import { prng } from '../prng.ts';
import { inTurn, Testbed } from '../testbed.ts';
import { judge } from '../testbed/problem.ts';
import { type OptionSpec, type OptionValue, parseOption, resolveOptions } from './options.ts';
import { definePolicy, type Policy } from './policy.ts';
import { POLICIES, policyNamed } from './registry.ts';

const setupOf = (policy: Policy, options = {}) => ({
  options: resolveOptions(policy.name, policy.options, options),
  batch: 16,
  trainRows: 1000,
  rowBytes: 10,
  random: prng(1),
});

describe.each(POLICIES.map((policy) => ({ name: policy.name, policy })))('$name', ({ name, policy }) => {
  it('starts with its defaults, and with its released options where it has any', () => {
    for (const options of [{}, policy.faithful ?? {}]) {
      const setup = setupOf(policy, options);
      const state = policy.start(setup);
      expect(JSON.parse(JSON.stringify(state))).toEqual(state); // plain JSON, infinities and all
      const gate = policy.startGate(setup.options, prng(2));
      expect(JSON.parse(JSON.stringify(gate))).toEqual(gate);
      expect(['gradient', 'delta', 'parameters', 'drift']).toContain(policy.carry(setup.options));
    }
  });

  it('refuses what is outside the range of an option, by its name and range', () => {
    for (const [option, spec] of Object.entries<OptionSpec>(policy.options)) {
      for (const value of wrongValues(spec)) {
        const attempt = (): unknown => resolveOptions(name, policy.options, { [option]: value });
        expect(attempt).toThrow(CaduceusError);
        expect(attempt).toThrow(new RegExp(`option ${option} of policy ${name}`));
      }
      expect(spec.help.length).toBeLessThan(130);
      expect(spec.help).not.toMatch(/\n|\.$/);
      expect(parseOption(spec, String(spec.default))).toBe(spec.default);
    }
  });

  it('has a file of its own that begins with its rule, and is not long', () => {
    const text = readFileSync(new URL(`./${name}.ts`, import.meta.url), 'utf8');
    for (const part of ['Rule:', 'Units:', 'Source:', 'Differs:', 'Limits:']) {
      expect(text.slice(0, text.indexOf('*/'))).toContain(` * ${part}`);
    }
    expect(text.split('\n').length).toBeLessThanOrEqual(300);
  });

  it('is found by its name', () => expect(policyNamed(name)).toBe(policy));
});

function wrongValues(spec: OptionSpec): OptionValue[] {
  switch (spec.kind) {
    case 'integer':
      return [spec.min - 1, spec.max + 1, spec.min + 0.5, NaN, 'three'];
    case 'number':
      return [spec.min - 1, spec.max + 1, NaN, true];
    case 'choice':
      return ['none of these', 1];
    case 'flag':
      return ['yes', 0];
  }
}

it('a new policy is one value: this one averages models after every second iteration, and trains', () => {
  const toy = definePolicy<{ here: string[]; pushes: number[] }, null>({
    name: 'toy',
    title: 'Toy',
    summary: 'Pushes models every second iteration.',
    options: {},
    carry: () => 'parameters',
    start: () => ({ here: [], pushes: [] }),
    step(state, event) {
      if (event.type === 'joined') {
        state.here.push(event.worker);
        return [
          { type: 'assign', worker: event.worker, assignment: { samples: 8, batch: 8, epochs: 1 }, reason: 'joined' },
          { type: 'release', worker: event.worker, model: true },
        ];
      }
      if (event.type !== 'pushed' || state.pushes.push(event.push) < state.here.length) return [];
      const pushes = state.pushes.splice(0).map((push) => ({ push, weight: 1 / state.here.length }));
      return [
        { type: 'apply', pushes },
        ...state.here.map((worker) => ({ type: 'release', worker, model: true }) as const),
      ];
    },
    startGate: () => null,
    gate: (_state, { iteration }) => ({ verdict: iteration.clock % 2 === 0 ? 'push-and-wait' : 'continue' }),
  });
  const bed = new Testbed({ policy: toy, workers: ['a', 'b'] });
  bed.connectAll();
  bed.run(inTurn, () => bed.server.version >= 40);
  const lossOf = (parameters: Vector): number => judge(parameters, bed.problem.rows.slice(-60)).loss;
  expect(lossOf(bed.server.parameters)).toBeLessThan(0.8 * lossOf(bed.initial));
});
