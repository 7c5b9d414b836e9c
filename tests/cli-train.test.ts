/** The result of `train` under the three policies of the field that everything is measured by; under all: cli-train.long.test.ts. */
import { describe, expect, it } from 'vitest';
import { trainsUnder } from './cli-train.contract.ts';

const resultOf = trainsUnder(['bsp', 'asp', 'hermes']);

describe('the three policies of the field that everything is measured by', () => {
  it('send what they should: BSP and ASP every iteration, Hermes fewer', async () => {
    const [bsp, asp, hermes] = await Promise.all(['bsp', 'asp', 'hermes'].map(resultOf));
    for (const result of [bsp, asp]) expect(result?.pushes).toBe(result?.iterations);
    expect(hermes?.pushes).toBeLessThan(hermes?.iterations ?? 0);
  });

  it('are as stale as they should be: never under BSP', async () => {
    const { workers, versions, pushes } = await resultOf('bsp');
    expect(workers.map(({ staleness }) => staleness)).toEqual([0, 0]);
    expect(versions).toBe(Math.floor(pushes / 2));
    expect((await resultOf('asp')).versions).toBe((await resultOf('asp')).pushes);
  });
});
