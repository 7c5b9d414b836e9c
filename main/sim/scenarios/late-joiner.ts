import type { Scenario } from '../scenario.ts';
import { smallCluster } from './small-cluster.ts';

export const lateJoiner: Scenario = {
  title: 'a late joiner under ASP',
  story: 'c comes after three seconds. The run did not wait for it, and nobody waits now.',
  cluster: { ...smallCluster, faults: [{ kind: 'late-join', device: 'c', atSeconds: 3 }] },
  settings: { policy: 'asp', stop: { maxSeconds: 6 } },
  transcript: [
    '  0.000 a joined: simulated',
    '  0.000 b joined: simulated',
    '  0.000 - started: 2 workers start',
    '  3.000 c joined: simulated',
    '  6.000 - stopped: 6 s are over',
    'a: 89 applied',
    'b: 89 applied',
    'c: 44 applied',
  ],
};
