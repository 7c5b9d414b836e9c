import type { Scenario } from '../scenario.ts';
import { smallCluster } from './small-cluster.ts';

export const straggler: Scenario = {
  title: 'a straggler under Hermes',
  story:
    'After ten seconds one device of four becomes five times as slow. It is seen as an outlier and gets less to do.',
  cluster: {
    ...smallCluster,
    devices: [...smallCluster.devices, { name: 'd', samplesPerSecond: 400 }],
    defaults: { jitter: 0.02 },
    faults: [{ kind: 'slow-down', device: 'd', atSeconds: 10, factor: 5 }],
  },
  settings: {
    policy: 'hermes',
    options: { samples: 160, 'min-samples': 16, epochs: 1, 'probe-samples': 16 },
    stop: { maxSeconds: 20 },
  },
  transcript: [
    '  0.000 a joined: simulated',
    '  0.000 b joined: simulated',
    '  0.000 c joined: simulated',
    '  0.000 d joined: simulated',
    '  0.000 - started: 4 workers start',
    ' 10.349 d assigned: 183 rows by 32: an iteration takes 1.7× longer than the median',
    ' 14.029 d assigned: 105 rows by 64: an iteration takes 3.5× longer than the median',
    ' 16.351 d assigned: 74 rows by 64: an iteration takes 1.4× longer than the median',
    ' 17.005 d assigned: 90 rows by 64: an iteration takes 1.2× less than the median',
    ' 20.000 - stopped: 20 s are over',
    'a: 4 applied',
    'b: 5 applied',
    'c: 4 applied',
    'd: 5 applied',
  ],
};
