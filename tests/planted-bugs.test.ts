/** The planted bugs themselves: all of them fit the sources, and a few are planted (`npm run planted-bugs` plants all). */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plantedIn } from '../scripts/planted-bugs/bug.ts';
import { PLANTED_BUGS } from '../scripts/planted-bugs/catalogue.ts';
import { Workshop } from '../scripts/planted-bugs/workshop.ts';

const ROOT = dirname(import.meta.dirname);
const SMOKE = ['ssp-bound-one-too-loose', 'momentum-sign'];

describe('planted bugs', () => {
  it('are at least 30, each with a name of its own', () => {
    expect(PLANTED_BUGS.length).toBeGreaterThanOrEqual(30);
    expect(new Set(PLANTED_BUGS.map(({ name }) => name)).size).toBe(PLANTED_BUGS.length);
  });

  it('fit the sources as they are, in exactly one place each', () => {
    const complaints = PLANTED_BUGS.flatMap((bug) => {
      try {
        plantedIn(readFileSync(join(ROOT, bug.file), 'utf8'), bug);
        return bug.tests.filter((test) => !existsSync(join(ROOT, test)));
      } catch (error) {
        return [(error as Error).message];
      }
    });
    expect(complaints).toEqual([]);
  });

  it('must not fit twice, nor nowhere, nor change nothing', () => {
    const bug = { name: 'b', file: 'f', search: 'x', replacement: '$&y', breaks: '', tests: [] };
    expect(plantedIn('a x b', bug)).toBe('a $&y b');
    expect(() => plantedIn('x x', bug)).toThrow('2 times');
    expect(() => plantedIn('', bug)).toThrow('0 times');
    expect(() => plantedIn('x', { ...bug, replacement: 'x' })).toThrow('changes nothing');
  });

  it(`are caught: ${SMOKE.join(', ')}; and what breaks nothing is not`, { timeout: 180_000 }, async () => {
    const workshop = await Workshop.open(ROOT);
    try {
      for (const name of SMOKE) {
        const bug = PLANTED_BUGS.find((candidate) => candidate.name === name);
        expect(bug && (await workshop.plant(bug))).toMatchObject({ caught: true });
      }
      const harmless = PLANTED_BUGS.find(({ name }) => name === 'momentum-sign');
      const comment = harmless && { ...harmless, search: 'Stochastic gradient', replacement: 'stochastic gradient' };
      expect(comment && (await workshop.plant(comment))).toMatchObject({ caught: false, by: 'nothing' });
      const syntax = comment && { ...comment, replacement: '*/ (' };
      expect(syntax && (await workshop.plant(syntax))).toMatchObject({ caught: false });
    } finally {
      await workshop.close();
    }
  });
});
