/**
 * The child's half of the choice of an engine: load one, check one gradient, measure one step, tell
 * the parent. Whatever goes wrong in here, a dying process included, is a result for the parent.
 *
 * A program that chooses engines calls `runEngineProbe` when its second argument is PROBE_COMMAND,
 * before it does anything else.
 */
import { CaduceusError } from '../core/errors.ts';
import { validateModel } from '../core/model.ts';
import { type EngineName, ENGINES, isAbsent, openEngine } from './engine.ts';
import { checkGradient } from './gradient-check.ts';
import { measureTraining } from './measure-step.ts';
import { createTrainer } from './trainer.ts';

export const PROBE_COMMAND = 'probe-engine';

/** Parent → child, over the process's IPC channel. */
export interface ProbeRequest {
  /** A ModelSpec, checked on arrival. */
  model: unknown;
  batch: number;
  measureMs: number;
}

/** Child → parent. A child that says nothing has crashed or hangs. */
export type ProbeReport =
  { outcome: 'ok'; samplesPerSecond: number } | { outcome: 'absent' | 'crashed' | 'wrong'; reason: string };

/** Answers one request for the engine named in the third argument, then ends the process. */
export async function runEngineProbe(): Promise<void> {
  const request = await new Promise<ProbeRequest>((resolve) =>
    process.once('message', (message) => resolve(message as ProbeRequest)),
  );
  process.once('disconnect', () => process.exit(1));
  const report = await probe(process.argv[3], request);
  process.send?.(report, () => process.exit(0));
}

async function probe(name: string | undefined, { model, batch, measureMs }: ProbeRequest): Promise<ProbeReport> {
  const engineName = ENGINES.find((candidate) => candidate === name);
  if (engineName === undefined) return { outcome: 'absent', reason: `there is no engine named ${name}` };
  try {
    return await tryEngine(engineName, model, batch, measureMs);
  } catch (error) {
    const cause = error instanceof CaduceusError && error.cause !== undefined ? error.cause : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    return { outcome: isAbsent(error) ? 'absent' : 'crashed', reason };
  }
}

async function tryEngine(name: EngineName, model: unknown, batch: number, measureMs: number): Promise<ProbeReport> {
  const spec = validateModel(model);
  const trainer = createTrainer(await openEngine(name), spec);
  const complaint = checkGradient(trainer, spec);
  if (complaint !== undefined) return { outcome: 'wrong', reason: complaint };
  return { outcome: 'ok', samplesPerSecond: measureTraining(trainer, spec, batch, measureMs) };
}
