/** Records incidents as fast as it can until it is killed; says the run, then a line every 100 records. */
import { setImmediate } from 'node:timers/promises';
import { parseRunConfig } from '../core/config.ts';
import { openStore } from './runs.ts';

const store = openStore(process.argv[2] as string);
const run = store.createRun({
  config: parseRunConfig({ policy: 'bsp' }),
  options: {},
  environment: { caduceus: '0', node: '0', system: 'test', cpus: 1, engine: 'none' },
});
process.stdout.write(`${run}\n`);
const recorder = store.recorder(run);
for (let index = 0; ; index++) {
  recorder.record({ type: 'incident', atMs: index, level: 'info', what: 'joined', text: `record ${index}` });
  if (index % 100 === 0) {
    process.stdout.write('.\n');
    await setImmediate();
  }
}
