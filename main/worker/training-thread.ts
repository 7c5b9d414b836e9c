/**
 * The agent's main thread: opens an engine, keeps rows, and computes one local iteration after the
 * other. It is deaf while a step computes; what cannot wait reaches it through shared memory.
 */
import { availableParallelism, totalmem } from 'node:os';
import { Worker as Thread } from 'node:worker_threads';
import { present } from '../core/assert.ts';
import type { DeviceProfile } from '../core/cost.ts';
import { CaduceusError, reportError } from '../core/errors.ts';
import { validateModel } from '../core/model.ts';
import type { JoinTicket, Throttle } from '../core/protocol/join-ticket.ts';
import type { WorkerPlan } from '../core/protocol/messages.ts';
import type { Work } from '../core/worker.ts';
import { chooseEngine } from '../learn/choose-engine.ts';
import { openEngine } from '../learn/engine.ts';
import { LocalTraining } from '../learn/local-iteration.ts';
import { measureTraining } from '../learn/measure-step.ts';
import { createTrainer } from '../learn/trainer.ts';
import { CallOff, type ToNetwork, type ToTraining } from './between-threads.ts';
import { EXIT } from './exit-codes.ts';
import { log } from './log.ts';
import { RowCache } from './row-cache.ts';

/** The run's own default. */
const DEFAULT_BATCH = 16;
const MEASURE_MS = 300;

interface Prepared {
  rows: RowCache;
  training: LocalTraining;
}

/** `file`: this very program, which the network thread runs too. */
export function runTrainingThread(file: string): void {
  const callOff = new CallOff();
  const network = new Thread(file, { workerData: callOff.memory, stdin: false });
  const tell = (message: ToNetwork, transfer: ArrayBuffer[] = []): void => network.postMessage(message, transfer);
  let prepared: Prepared | undefined;
  /** The work whose steps are being computed. */
  let workId = 0;

  network.on('error', (error: Error) => {
    log(`its network thread failed: ${error.stack ?? error.message}`);
    process.exit(EXIT.internal);
  });
  network.on('exit', () => process.exit(EXIT.internal)); // it ends by asking for an exit, never by itself
  network.on('message', (message: ToTraining) => {
    take(message).catch((error: unknown) => {
      const report = reportError(error);
      log(report.message);
      tell({ type: 'failed', error: report });
    });
  });

  async function take(message: ToTraining): Promise<void> {
    switch (message.type) {
      case 'prepare': {
        const { plan, device } = message;
        const { profile, training, rows } = await prepare(plan, device, callOff, () => callOff.covers(workId));
        prepared = { training, rows };
        tell({ type: 'prepared', profile });
        return;
      }
      case 'store-rows':
        present(prepared, 'run').rows.store(message.block, message.count, message.payload);
        return;
      case 'forget-rows':
        present(prepared, 'run').rows.forget(message.blocks);
        return;
      case 'train':
        train(message.work);
        return;
      case 'exit':
        process.exit(message.code);
    }
  }

  function train(work: Work): void {
    workId = work.id;
    if (callOff.covers(work.id)) return;
    const result = present(prepared, 'run').training.run(work);
    if (result === undefined) return;
    const vectors = [result.parameters.buffer, ...(result.gradient ? [result.gradient.buffer] : [])];
    tell({ type: 'trained', result }, vectors);
  }
}

async function prepare(
  plan: WorkerPlan,
  { engine: preferred, batch = DEFAULT_BATCH, throttle }: Pick<JoinTicket, 'engine' | 'batch' | 'throttle'>,
  callOff: CallOff,
  isCalledOff: () => boolean,
): Promise<Prepared & { profile: DeviceProfile }> {
  const model = validateModel(plan.model);
  const features = model.input.reduce((product, extent) => product * extent, 1);
  if (features !== plan.featureSize) {
    throw new CaduceusError(
      'CAD-PROTOCOL',
      `the model takes ${features} values a row, but the rows have ${plan.featureSize}`,
      'Deploy the same version of Caduceus on the server and the worker.',
    );
  }
  const entry = present(process.argv[1], 'path of the agent');
  const name = preferred ?? (await chooseEngine({ model, batch, entry })).engine;
  const trainer = createTrainer(await openEngine(name), model);
  // A duty cycle does not slow the measurement down, a quota does.
  const share = throttle?.kind === 'duty-cycle' ? throttle.speed : 1;
  const samplesPerSecond = measureTraining(trainer, model, batch, MEASURE_MS) * share;
  const rows = new RowCache(plan.featureSize);
  const training = new LocalTraining({
    trainer,
    rowsAt: (positions) => rows.at(positions),
    nowMs: () => performance.now(),
    afterStep: (stepMs) => {
      if (throttle?.kind === 'duty-cycle') callOff.sleep(stepMs / throttle.speed - stepMs);
      return !isCalledOff();
    },
  });
  return { rows, training, profile: profileOf(name, samplesPerSecond, throttle) };
}

function profileOf(engine: string, samplesPerSecond: number, throttle: Throttle | undefined): DeviceProfile {
  return {
    engine,
    cores: availableParallelism(),
    architecture: process.arch,
    platform: process.platform,
    memoryBytes: totalmem(),
    samplesPerSecond,
    ...(throttle && { throttle: throttle.description }),
  };
}
