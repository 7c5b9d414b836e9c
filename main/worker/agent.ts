/**
 * The program on the device, bundled into one file with everything it needs. Started without
 * arguments it joins the run that its ticket on standard input names; it also starts itself as the
 * child that tries engines; asked for a self-check it says what it finds on the device.
 */
import { isMainThread } from 'node:worker_threads';

async function run(): Promise<void> {
  // Loaded late: the network thread must not load an engine, nor the engine's trial the network.
  if (!isMainThread) {
    (await import('./network-thread.ts')).runNetworkThread();
    return;
  }
  const { PROBE_COMMAND, runEngineProbe } = await import('../learn/probe-engine.ts');
  if (process.argv[2] === PROBE_COMMAND) {
    await runEngineProbe();
    return;
  }
  const { SELF_CHECK_COMMAND, runSelfCheck } = await import('./self-check.ts');
  if (process.argv[2] === SELF_CHECK_COMMAND) {
    await runSelfCheck();
    return;
  }
  (await import('./training-thread.ts')).runTrainingThread(process.argv[1] ?? '');
}

void run();
