/**
 * Which engine trains this model fastest on this machine? Each candidate is loaded and measured in a
 * child process of its own, so that a missing package, a wrong gradient, an illegal instruction or a
 * hang is a result to choose by, and not the end of the worker.
 */
import { fork } from 'node:child_process';
import { CaduceusError } from '../core/errors.ts';
import type { ModelSpec } from '../core/model.ts';
import { type EngineName, ENGINES } from './engine.ts';
import { PROBE_COMMAND, type ProbeReport, type ProbeRequest } from './probe-engine.ts';

export interface ProbeOutcome {
  engine: EngineName;
  outcome: 'ok' | 'absent' | 'crashed' | 'wrong' | 'timeout';
  /** In training steps of the batch asked for; only when ok. */
  samplesPerSecond?: number;
  /** Only when not ok. */
  reason?: string;
}

export interface EngineChoice {
  engine: EngineName;
  samplesPerSecond: number;
  /** What became of every candidate, in the order tried. */
  outcomes: ProbeOutcome[];
}

export interface ChooseOptions {
  model: ModelSpec;
  batch: number;
  /**
   * A script that calls `runEngineProbe` when its second argument is PROBE_COMMAND: the bundled agent
   * itself, or `probe-engine-entry.ts` in the source tree.
   */
  entry: string;
  /** Try this one only. */
  preferred?: EngineName;
  /** For each candidate. */
  timeoutMs?: number;
  /** How long a candidate is measured, after half as much warm-up. */
  measureMs?: number;
  /** The Node that runs the children; this process's own when left out. A packaged desktop app has to name one. */
  execPath?: string;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const MEASURE_MS = 300;
/** Kept of what a dying child wrote, to say why. */
const MAX_COMPLAINT_CHARACTERS = 4096;

const choices = new Map<string, Promise<EngineChoice>>();

/**
 * The fastest engine that works; the order of ENGINES decides between equals. Asked again in the same
 * process, answers from memory. @throws CAD-ENGINE when none works.
 */
export function chooseEngine(options: ChooseOptions): Promise<EngineChoice> {
  const key = JSON.stringify([
    options.model,
    options.batch,
    options.entry,
    options.preferred,
    options.timeoutMs,
    options.measureMs,
    options.execPath,
  ]);
  let choice = choices.get(key);
  if (choice === undefined) {
    choice = choose(options);
    choices.set(key, choice);
    choice.catch(() => choices.delete(key));
  }
  return choice;
}

async function choose(options: ChooseOptions): Promise<EngineChoice> {
  const outcomes: ProbeOutcome[] = [];
  // One after the other: measured side by side they would slow each other down.
  for (const engine of options.preferred === undefined ? ENGINES : [options.preferred]) {
    outcomes.push(await probeEngine(engine, options));
  }
  let best: { engine: EngineName; samplesPerSecond: number } | undefined;
  for (const { engine, samplesPerSecond = 0, outcome } of outcomes) {
    if (outcome === 'ok' && samplesPerSecond > (best?.samplesPerSecond ?? 0)) best = { engine, samplesPerSecond };
  }
  if (best !== undefined) return { ...best, outcomes };
  const told = outcomes.map(
    ({ engine, outcome, reason }) => `${engine}: ${outcome}${reason === undefined ? '' : ` (${reason})`}`,
  );
  throw new CaduceusError(
    'CAD-ENGINE',
    `no engine can train ${options.model.name} here: ${told.join('; ')}`,
    options.preferred === undefined
      ? 'Reinstall Caduceus on this machine: the engines wasm and cpu come with it and need nothing else.'
      : 'Leave the choice of the engine to Caduceus.',
  );
}

function probeEngine(
  engine: EngineName,
  {
    model,
    batch,
    entry,
    timeoutMs = DEFAULT_TIMEOUT_MS,
    measureMs = MEASURE_MS,
    execPath = process.execPath,
  }: ChooseOptions,
): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    const child = fork(entry, [PROBE_COMMAND, engine], {
      execPath,
      execArgv: [],
      // What a library prints must not end up in our own output.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let complaint = '';
    let report: ProbeReport | undefined;
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-MAX_COMPLAINT_CHARACTERS);
    });
    child.once('message', (message) => {
      report = message as ProbeReport;
    });
    const finish = (end: string): void => {
      clearTimeout(timer);
      if (report !== undefined) resolve({ engine, ...report });
      else if (timedOut) resolve({ engine, outcome: 'timeout', reason: `no answer within ${timeoutMs} ms` });
      else
        resolve({
          engine,
          outcome: 'crashed',
          reason: [end, lastLine(complaint)].filter((part) => part !== '').join(': '),
        });
    };
    child.once('error', (error) => finish(error.message));
    child.once('close', (code, signal) => finish(signal === null ? `exit code ${code}` : `killed by ${signal}`));
    const request: ProbeRequest = { model, batch, measureMs };
    // A child that is gone before it reads: `close` tells.
    child.send(request, () => undefined);
  });
}

/** The line that names the error in a stack trace; else the last one. */
function lastLine(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.findLast((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? '';
}
