import type { Scenario } from '../scenario.ts';
import { smallCluster } from './small-cluster.ts';

export const partition: Scenario = {
  title: 'two partitions under SSP',
  story:
    'First b’s link is dead for three seconds: the others run ahead as far as the bound lets them, and nothing is ' +
    'lost. Then for half a minute: after 15 s of silence b is given up and the others go on; when the link heals b rejoins.',
  cluster: {
    ...smallCluster,
    faults: [
      { kind: 'partition', device: 'b', atSeconds: 2, forSeconds: 3 },
      { kind: 'partition', device: 'b', atSeconds: 10, forSeconds: 30 },
    ],
  },
  settings: { policy: 'ssp', options: { staleness: 3 }, stop: { maxSeconds: 70 } },
  transcript: [
    '  0.000 a joined: simulated',
    '  0.000 b joined: simulated',
    '  0.000 c joined: simulated',
    '  0.000 - started: 3 workers start',
    ' 24.920 b lost: nothing heard for 15 s',
    ' 50.089 b rejoined: simulated',
    ' 70.000 - stopped: 70 s are over',
    'a: 1069 applied',
    'b: 550 applied',
    'c: 1069 applied',
  ],
};
