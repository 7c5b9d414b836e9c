/**
 * The agent asked who it is: started once after it came to a device, it says what it runs on, which
 * addresses it reaches, and which engine works there. One line of JSON on standard output for each
 * finding, as soon as it is known.
 */
import { readFileSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { availableParallelism } from 'node:os';
import { present } from '../core/assert.ts';
import { reportError } from '../core/errors.ts';
import { modelNamed } from '../core/model.ts';
import type { SelfCheckFinding, SelfCheckRequest } from '../core/self-check.ts';
import { chooseEngine } from '../learn/choose-engine.ts';
import { openEngine } from '../learn/engine.ts';
import { measureTraining } from '../learn/measure-step.ts';
import { createTrainer } from '../learn/trainer.ts';
import { EXIT } from './exit-codes.ts';

export const SELF_CHECK_COMMAND = 'self-check';
/** For one address. */
const REACH_MS = 4000;
const MAX_ANSWER_BYTES = 64;
/** Of an engine on a core of its own; where there is less of one, it takes longer to warm up. */
const MEASURE_MS = 300;
const LONGEST_MEASURE_MS = 3000;
const SHARE_MS = 200;

export async function runSelfCheck(): Promise<void> {
  try {
    const { reach, engine, benchmark } = JSON.parse(readFileSync(0, 'utf8')) as SelfCheckRequest;
    say({
      type: 'started',
      node: process.versions.node,
      architecture: process.arch,
      platform: process.platform,
      cores: availableParallelism(),
    });
    await Promise.all(reach.map(async (wanted) => say(await reachable(wanted))));
    if (engine) await tryEngine(engine, benchmark);
    process.exit(EXIT.done);
  } catch (error) {
    say({ type: 'failed', error: reportError(error) });
    process.exit(EXIT.engine);
  }
}

async function tryEngine(
  { model, batch }: NonNullable<SelfCheckRequest['engine']>,
  benchmark: SelfCheckRequest['benchmark'],
): Promise<void> {
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

/** Whether whoever listens there is the one that gave us the word. */
function reachable({ host, port, word }: SelfCheckRequest['reach'][number]): Promise<SelfCheckFinding> {
  return new Promise((resolve) => {
    let askedMs = performance.now();
    let answer = '';
    const end = (reason?: string): void => {
      clearTimeout(timer);
      socket.destroy();
      const tookMs = performance.now() - askedMs;
      resolve({ type: 'reach', host, port, tookMs, ...(reason !== undefined && { reason }) });
    };
    const timer = setTimeout(() => end(`no answer within ${REACH_MS / 1000} s`), REACH_MS);
    const socket = connect({ host, port }, () => {
      askedMs = performance.now();
      socket.write(`${word}\n`);
    });
    socket.setEncoding('utf8');
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    socket.on('data', (text: string) => {
      answer += text;
      if (answer.endsWith('\n')) end(answer === 'heard\n' ? undefined : 'someone else listens there');
      else if (answer.length > MAX_ANSWER_BYTES) end('someone else listens there');
    });
    socket.on('end', () => end('someone else listens there'));
  });
}

function say(finding: SelfCheckFinding): void {
  writeSync(1, `${JSON.stringify(finding)}\n`);
}
