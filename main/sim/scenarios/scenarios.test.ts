import { describe, expect, it } from 'vitest';
import { play } from '../scenario.ts';
import { clone } from './clone.ts';
import { crashAndRejoin } from './crash-and-rejoin.ts';
import { lateJoiner } from './late-joiner.ts';
import { partition } from './partition.ts';
import { silentCrash } from './silent-crash.ts';
import { straggler } from './straggler.ts';
import { suspended } from './suspended.ts';

describe('scenarios end as they are told', () => {
  it.each(
    [straggler, crashAndRejoin, silentCrash, lateJoiner, clone, partition, suspended].map(
      (one) => [one.title, one] as const,
    ),
  )('%s', (_, scenario) => {
    expect(play(scenario).lines).toEqual(scenario.transcript);
  });
});
