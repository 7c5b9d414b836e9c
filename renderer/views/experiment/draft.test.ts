import { describe, expect, it } from 'vitest';
import { numberOrText } from '../../components/typed-value.ts';
import { fieldOf, readExperimentFile, withField } from './draft.ts';

describe('a field of the draft', () => {
  it('is set without touching the others', () => {
    const config = { policy: 'bsp', stop: { maxSeconds: 60 } };
    expect(withField(config, ['stop', 'targetAccuracy'], 0.9)).toEqual({
      policy: 'bsp',
      stop: { maxSeconds: 60, targetAccuracy: 0.9 },
    });
    expect(config).toEqual({ policy: 'bsp', stop: { maxSeconds: 60 } });
  });

  it('is taken away, so that its default holds', () => {
    expect(withField({ a: { b: 1, c: 2 } }, ['a', 'b'], undefined)).toEqual({ a: { c: 2 } });
  });

  it('is made where there was none, and read where there is one', () => {
    const made = withField({}, ['a', 'b'], 1);
    expect(fieldOf(made, 'a.b')).toBe(1);
    expect(fieldOf(made, 'a.c')).toBeUndefined();
    expect(fieldOf(made, 'a.b.c')).toBeUndefined();
    expect(fieldOf({}, 'constructor')).toBeUndefined();
  });
});

describe('what is typed', () => {
  it('becomes a number where it is one, and stays text where the check has to say what is wrong', () => {
    expect(['16', ' 0.5 ', '1e-3', '−1.3', '', '1.2.3', 'Infinity'].map(numberOrText)).toEqual([
      ...[16, 0.5, 0.001, -1.3, undefined, '1.2.3', 'Infinity'],
    ]);
  });
});

describe('an experiment from a file', () => {
  it('may be the settings alone, or a saved experiment around them', () => {
    expect(readExperimentFile('{"policy":"bsp"}')).toEqual({ policy: 'bsp' });
    expect(readExperimentFile('{"name":"x","config":{"policy":"asp"}}')).toEqual({ policy: 'asp' });
  });

  it.each([
    ['{', 'it is not JSON'],
    ['[1]', 'it holds no settings of a run'],
    ['{"config":{"seed":1}}', 'it names no policy'],
  ])('%s is refused', (text, why) => expect(() => readExperimentFile(text)).toThrow(why));
});
