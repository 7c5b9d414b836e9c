/** A network that takes what is sent and delivers nothing. */
import { describe, it } from 'vitest';
import { FaultProxy } from '../scripts/testbed/fault-proxy.ts';
import { eventually, TinyRun } from './tiny-run.ts';

export const QUICK = { pingEveryMs: 200, deadAfterMs: 1000 };

export function has(run: TinyRun, start: string): boolean {
  return run.incidents.some((text) => text.startsWith(start));
}

export function silentNetworks(
  ways: readonly (readonly [name: string, directions: readonly ('up' | 'down')[]])[],
): void {
  describe('a silent network', () => {
    it.each(ways)('carries nothing %s: that is noticed at both ends, and healed', async (_name, directions) => {
      const run = await TinyRun.start({ workers: ['a'], heartbeat: QUICK });
      const proxy = await FaultProxy.start(run.port);
      const agent = await run.launch('a', { url: proxy.url });
      await eventually(
        () => run.iterations > 20,
        () => run.incidents,
      );
      for (const direction of directions) proxy.deafen(direction);
      await eventually(
        () => has(run, 'lost a'),
        () => run.incidents,
      );
      await eventually(
        () => agent.lastLines().some((line) => line.includes('no connection')),
        () => agent.lastLines(),
      );
      proxy.heal();
      await eventually(
        () => has(run, 'rejoined a'),
        () => [run.incidents, agent.lastLines()],
      );
      const before = run.iterations;
      await eventually(
        () => run.iterations > before + 20,
        () => run.incidents,
      );
      await proxy.close();
    });
  });
}
