import { describe, expect, it } from 'vitest';
import { CaduceusError } from '../errors.ts';
import { type OptionSchema, type OptionValues, parseOption, rangeOf, resolveOptions } from './options.ts';
import { POLICIES, policyNamed } from './registry.ts';

const SCHEMA = {
  rate: { kind: 'number', default: 0.5, min: 0, max: 1, unit: 'commits', help: 'How often' },
  size: { kind: 'integer', default: 8, min: 2, max: 64, help: 'How much' },
  search: { kind: 'choice', default: 'dual', choices: ['dual', 'released'], help: 'How' },
  restore: { kind: 'flag', default: true, help: 'Whether' },
} as const satisfies OptionSchema;

const resolve = (given: OptionValues): OptionValues => resolveOptions('toy', SCHEMA, given);

function refusal(given: OptionValues): CaduceusError {
  try {
    resolve(given);
  } catch (error) {
    if (error instanceof CaduceusError) return error;
  }
  throw new Error('it was accepted');
}

describe('options', () => {
  it('are complete: what is not given has its default', () => {
    expect(resolve({})).toEqual({ rate: 0.5, size: 8, search: 'dual', restore: true });
    expect(resolve({ size: 2, restore: false })).toEqual({ rate: 0.5, size: 2, search: 'dual', restore: false });
  });

  it('may be at either end of their range', () => {
    for (const given of [{ rate: 0 }, { rate: 1 }, { size: 2 }, { size: 64 }])
      expect(resolve(given)).toMatchObject(given);
  });

  it.each([
    [{ rate: -0.01 }, 'rate', 'a number from 0 to 1 commits'],
    [{ rate: 1.01 }, 'rate', 'a number from 0 to 1 commits'],
    [{ rate: NaN }, 'rate', 'a number from 0 to 1 commits'],
    [{ rate: '0.5' }, 'rate', 'a number from 0 to 1 commits'],
    [{ rate: true }, 'rate', 'a number from 0 to 1 commits'],
    [{ size: 1 }, 'size', 'a whole number from 2 to 64'],
    [{ size: 65 }, 'size', 'a whole number from 2 to 64'],
    [{ size: 2.5 }, 'size', 'a whole number from 2 to 64'],
    [{ size: Infinity }, 'size', 'a whole number from 2 to 64'],
    [{ search: 'linear' }, 'search', 'one of dual, released'],
    [{ search: 0 }, 'search', 'one of dual, released'],
    [{ restore: 'true' }, 'restore', 'true or false'],
    [{ restore: 1 }, 'restore', 'true or false'],
  ] as [OptionValues, string, string][])(
    '%o is CAD-POLICY-OPTION, which names the option and its range',
    (given, name, range) => {
      const { code, message, remedy } = refusal(given);
      expect(code).toBe('CAD-POLICY-OPTION');
      expect(message).toContain(`option ${name} of policy toy`);
      expect(remedy).toBe(`Give ${range}.`);
    },
  );

  it('that nobody knows are refused with the ones there are', () => {
    for (const name of ['sizes', 'toString', 'constructor']) {
      const { code, message, remedy } = refusal({ [name]: 1 });
      expect([code, remedy]).toEqual(['CAD-POLICY-OPTION', 'Use one of: rate, size, search, restore.']);
      expect(message).toContain(`"${name}"`);
    }
    expect(() => resolveOptions('bsp', {}, { size: 1 })).toThrow(
      expect.objectContaining({ remedy: 'Remove it: bsp takes no options.' }),
    );
  });
});

describe('an option typed as text', () => {
  it.each([
    [SCHEMA.rate, '0.25', 0.25],
    [SCHEMA.size, '16', 16],
    [SCHEMA.search, 'released', 'released'],
    [SCHEMA.restore, 'false', false],
  ])('is read by its kind: %o', (spec, text, value) => {
    expect(parseOption(spec, text)).toBe(value);
  });

  it.each(['', ' ', 'many', '1,5', 'NaN', 'Infinity'])('%j is no number, and the refusal quotes it', (text) => {
    expect(refusal({ size: parseOption(SCHEMA.size, text) }).message).toContain(`cannot be ${JSON.stringify(text)}`);
    expect(refusal({ rate: parseOption(SCHEMA.rate, text) }).message).toContain(`cannot be ${JSON.stringify(text)}`);
  });

  it('is no flag unless it says so', () => {
    for (const text of ['', 'yes', '1', 'TRUE'])
      expect(() => resolve({ restore: parseOption(SCHEMA.restore, text) })).toThrow();
  });
});

describe.each(POLICIES)('policy $name', ({ name, options, faithful, summary, carry, sampling }) => {
  it('is found by its name', () => {
    expect(policyNamed(name).name).toBe(name);
  });

  it('has defaults in range, faithful values in range, and a sentence for everything', () => {
    const defaults = Object.fromEntries(Object.entries(options).map(([key, spec]) => [key, spec.default]));
    expect(resolveOptions(name, options, {})).toEqual(defaults);
    expect(resolveOptions(name, options, faithful ?? {})).toMatchObject(faithful ?? {});
    expect(summary).toMatch(/\.$/);
    for (const [key, spec] of Object.entries(options)) {
      expect(key).toMatch(/^[a-z][a-z-]*$/);
      expect(spec.help.length).toBeGreaterThan(10);
      expect(rangeOf(spec).length).toBeGreaterThan(3);
    }
  });

  it('says what it carries and how it samples for its defaults and its faithful values', () => {
    for (const values of [{}, faithful ?? {}]) {
      const resolved = resolveOptions(name, options, values);
      expect(['gradient', 'delta', 'parameters', 'drift']).toContain(carry(resolved));
      const { probe = 'none', probeSize = 0 } = sampling?.(resolved) ?? {};
      expect(probe === 'none' ? probeSize === 0 : probeSize > 0).toBe(true);
    }
  });
});

it('an unknown policy is CAD-POLICY-UNKNOWN, with the names there are', () => {
  for (const name of ['', 'BSP', 'toString', '__proto__']) {
    expect(() => policyNamed(name)).toThrow(
      expect.objectContaining({
        code: 'CAD-POLICY-UNKNOWN',
        remedy: expect.stringMatching(/bsp, asp,.*hermes/) as string,
      }),
    );
  }
});
