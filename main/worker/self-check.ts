/**
 * The agent asked what it can do: started once after it came to a device, it says which engine works there, and how
 * fast it trains. One line of JSON on standard output for each finding, as soon as it is known.
 */
import { readFileSync, writeSync } from 'node:fs';
import { present } from '../core/assert.ts';
import { reportError } from '../core/errors.ts';
import { modelNamed } from '../core/model.ts';
import type { EngineQuestion, SelfCheckFinding } from '../core/self-check.ts';
import { chooseEngine } from '../learn/choose-engine.ts';
import { openEngine } from '../learn/engine.ts';
import { measureTraining } from '../learn/measure-step.ts';
import { createTrainer } from '../learn/trainer.ts';
import { EXIT } from './exit-codes.ts';

export const SELF_CHECK_COMMAND = 'self-check';
/** Of an engine on a core of its own; where there is less of one, it takes longer to warm up. */
const MEASURE_MS = 300;
const LONGEST_MEASURE_MS = 3000;
const SHARE_MS = 200;

export async function runSelfCheck(): Promise<void> {
  try {
    await tryEngine(JSON.parse(readFileSync(0, 'utf8')) as EngineQuestion);
    process.exit(EXIT.done);
  } catch (error) {
    say({ type: 'failed', error: reportError(error) });
    process.exit(EXIT.engine);
  }
}

async function tryEngine({ engine: { model, batch }, benchmark }: EngineQuestion): Promise<void> {
  const spec = modelNamed(model);
  const entry = present(process.argv[1], 'path of the agent');
  const measureMs = Math.min(LONGEST_MEASURE_MS, MEASURE_MS / shareOfCore());
  const { engine, outcomes } = await chooseEngine({ model: spec, batch, entry, measureMs });
  say({
    type: 'engine',
    engine,
    refused: outcomes.flatMap(({ engine: name, outcome, reason }) =>
      outcome === 'ok'
        ? []
        : [`${name} ${outcome}${reason === undefined || outcome === 'absent' ? '' : `: ${reason}`}`],
    ),
  });
  if (!benchmark) return;
  const trainer = createTrainer(await openEngine(engine), spec);
  const samplesPerSecond = measureTraining(trainer, spec, batch, benchmark.milliseconds);
  say({ type: 'benchmark', engine, model, batch, samplesPerSecond });
}

/** How much of a core this process gets, as it is now: a quota, or others at work. */
function shareOfCore(): number {
  const startedMs = performance.now();
  const before = process.cpuUsage();
  while (performance.now() - startedMs < SHARE_MS);
  const { user, system } = process.cpuUsage(before);
  return Math.min(1, Math.max(0.01, (user + system) / 1000 / (performance.now() - startedMs)));
}

function say(finding: SelfCheckFinding): void {
  writeSync(1, `${JSON.stringify(finding)}\n`);
}
