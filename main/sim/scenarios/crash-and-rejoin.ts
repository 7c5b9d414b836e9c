import type { Scenario } from '../scenario.ts';
import { smallCluster } from './small-cluster.ts';

export const crashAndRejoin: Scenario = {
  title: 'a crash in the middle of a BSP round',
  story:
    'b dies while it trains. The barrier does not wait for it: the round ends with the others. Two seconds later ' +
    'a new process of b joins the round under way.',
  cluster: {
    ...smallCluster,
    faults: [{ kind: 'crash', device: 'b', atSeconds: 2, backAfterSeconds: 2 }],
  },
  settings: { policy: 'bsp', stop: { maxSeconds: 6 } },
  transcript: [
    '  0.000 a joined: simulated',
    '  0.000 b joined: simulated',
    '  0.000 c joined: simulated',
    '  0.000 - started: 3 workers start',
    '  1.930 b lost: the connection was lost',
    '  4.000 b rejoined: simulated',
    '  6.000 - stopped: 6 s are over',
    'a: 88 applied',
    'b: 57 applied',
    'c: 88 applied',
  ],
};
