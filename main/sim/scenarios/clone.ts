import type { Scenario } from '../scenario.ts';
import { smallCluster } from './small-cluster.ts';

export const clone: Scenario = {
  title: 'two processes under one name',
  story:
    'Somebody starts a second process with a’s ticket. The newer one takes the place of the older, what the older ' +
    'still had on its way is refused, and the older is told not to come back.',
  cluster: {
    ...smallCluster,
    // Slow enough that a push is on its way most of the time.
    link: { upBitsPerSecond: 20e6, downBitsPerSecond: 1e9, latencyMs: 10 },
    faults: [{ kind: 'clone', device: 'a', atSeconds: 2 }],
  },
  settings: { policy: 'asp', stop: { maxSeconds: 4 } },
  transcript: [
    '  0.000 a joined: simulated',
    '  0.000 b joined: simulated',
    '  0.000 c joined: simulated',
    '  0.000 - started: 3 workers start',
    '  1.980 a lost: replaced by a newer connection',
    '  2.000 a rejoined: simulated',
    '  2.147 a rejected: A push from an ended connection was ignored',
    '  4.000 - stopped: 4 s are over',
    'a: 16 applied',
    'b: 16 applied',
    'c: 16 applied',
  ],
};
