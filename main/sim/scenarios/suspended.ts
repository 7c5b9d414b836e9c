import type { Scenario } from '../scenario.ts';
import { smallCluster } from './small-cluster.ts';

export const suspended: Scenario = {
  title: 'a laptop that is closed and opened again',
  story:
    'All devices stand still for 20 s, one after the other from second 2 on. The run waits, and goes on when the first is back.',
  cluster: {
    ...smallCluster,
    faults: ['a', 'b', 'c'].map((device, index) => ({
      kind: 'pause' as const,
      device,
      atSeconds: 2 + index,
      forSeconds: 20,
    })),
  },
  settings: { policy: 'local-sgd', stop: { maxSeconds: 30 } },
  transcript: [
    '  0.000 a joined: simulated',
    '  0.000 b joined: simulated',
    '  0.000 c joined: simulated',
    '  0.000 - started: 3 workers start',
    ' 16.920 a lost: nothing heard for 15 s',
    ' 17.920 b lost: nothing heard for 15 s',
    ' 18.920 c lost: nothing heard for 15 s',
    ' 18.920 - paused: No worker is left; the run waits 60 s for one to come back',
    ' 22.201 a rejoined: simulated',
    ' 22.201 - resumed: A worker is back: the run goes on',
    ' 23.013 b rejoined: simulated',
    ' 24.217 c rejoined: simulated',
    ' 30.000 - stopped: 30 s are over',
    'a: 9 applied',
    'b: 10 applied',
    'c: 9 applied',
  ],
};
