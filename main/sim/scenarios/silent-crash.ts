import type { Scenario } from '../scenario.ts';
import { smallCluster } from './small-cluster.ts';

export const silentCrash: Scenario = {
  title: 'power loss under BSP',
  story: 'b loses power, so nobody tells the server. All wait until it has been silent for 15 s; then they go on.',
  cluster: { ...smallCluster, faults: [{ kind: 'crash', device: 'b', atSeconds: 2, silent: true }] },
  settings: { policy: 'bsp', stop: { maxSeconds: 20 } },
  transcript: [
    '  0.000 a joined: simulated',
    '  0.000 b joined: simulated',
    '  0.000 c joined: simulated',
    '  0.000 - started: 3 workers start',
    ' 16.920 b lost: nothing heard for 15 s',
    ' 20.000 - stopped: 20 s are over',
    'a: 74 applied',
    'b: 28 applied',
    'c: 74 applied',
  ],
};
