/**
 * Scenarios of a policy as text. A line at the margin is an event; the indented lines below it are
 * the commands that it led to. `playPolicy` reads the events, asks the policy, and writes the whole
 * text anew: a test holds when it comes out as it went in.
 *
 *   joined a                    pushed a #1 stale=2 samples=16     judged model v1 loss=0.5
 *   left a                      reported a ms=400 steps=8          judged #1 v1 loss=0.4
 *   refused a                   flagged a norm=2                   woke
 *   at 500 (the clock, no event)
 */
import { assert, present } from '../assert.ts';
import { type OptionValues, resolveOptions } from '../policy/options.ts';
import type { IterationSummary, Policy, PolicyCommand, PolicyEvent } from '../policy/policy.ts';
import { prng } from '../prng.ts';
import { PROFILE } from './device.ts';

export interface ScriptSetup {
  options?: OptionValues;
  batch?: number;
  trainRows?: number;
  /** Bytes of one row on a device of 1 GB. */
  rowBytes?: number;
}

export class PolicyScript {
  readonly #policy: Policy;
  #state: unknown;
  readonly #clocks = new Map<string, number>();
  #nowMs = 0;

  constructor(policy: Policy, { options = {}, batch = 16, trainRows = 1000, rowBytes = 10 }: ScriptSetup = {}) {
    const resolved = resolveOptions(policy.name, policy.options, options);
    this.#policy = policy;
    this.#state = policy.start({ options: resolved, batch, trainRows, rowBytes, random: prng(1, 'policy') });
  }

  /** The events of a script with the commands they lead to now. */
  play(script: string): string {
    const lines: string[] = [];
    for (const line of unindented(script)) {
      if (line === '' || line.startsWith('#')) lines.push(line);
      else if (!line.startsWith(' ')) lines.push(line, ...this.tell(line).map((command) => `  ${command}`));
    }
    return lines.join('\n');
  }

  /** The commands that one event leads to. The state goes through JSON after each. */
  tell(line: string): string[] {
    const event = this.#event(line);
    if (event === undefined) return [];
    const commands = this.#policy.step(this.#state, event);
    this.#state = JSON.parse(JSON.stringify(this.#state));
    return commands.map(commandText);
  }

  #event(line: string): PolicyEvent | undefined {
    const [verb, name = '', ...words] = line.split(' ');
    const figures = new Map(
      words.filter((word) => word.includes('=')).map((word) => word.split('=') as [string, string]),
    );
    const figure = (key: string, otherwise: number): number => Number(figures.get(key) ?? otherwise);
    const id = Number(words[0]?.match(/^#(\d+)$/)?.[1]);
    const nowMs = this.#nowMs;
    const iteration = (): IterationSummary => ({
      ...this.#iteration(name, figure),
      ...(figures.has('norm') && { gradientNormSquared: figure('norm', NaN) }),
    });
    switch (verb) {
      case 'at':
        this.#nowMs = Number(name);
        return undefined;
      case 'joined': {
        const rate = figures.has('rate') ? { samplesPerSecond: figure('rate', 0) } : {};
        const profile = { ...PROFILE, memoryBytes: figure('memory', 1e9), ...rate };
        return { type: 'joined', nowMs, worker: name, profile };
      }
      case 'left':
        return { type: 'left', nowMs, worker: name };
      case 'pushed': {
        const waits = !words.includes('goes-on');
        return {
          type: 'pushed',
          nowMs,
          worker: name,
          push: id,
          staleness: figure('stale', 0),
          waits,
          iteration: iteration(),
        };
      }
      case 'reported':
        return { type: 'reported', nowMs, worker: name, iteration: iteration() };
      case 'flagged':
        return { type: 'flagged', nowMs, worker: name, iteration: iteration() };
      case 'refused':
        return { type: 'rejected', nowMs, worker: name };
      case 'judged': {
        const version = Number(words[0]?.slice(1));
        const subject = name === 'model' ? name : Number(name.slice(1));
        return { type: 'evaluated', nowMs, subject, version, loss: figure('loss', 1), accuracy: figure('accuracy', 0) };
      }
      case 'woke':
        return { type: 'woke', nowMs };
      default:
        assert(false, `a script has no ${verb}`);
    }
  }

  #iteration(worker: string, figure: (key: string, otherwise: number) => number): IterationSummary {
    const clock = figure('clock', (this.#clocks.get(worker) ?? 0) + 1);
    this.#clocks.set(worker, clock);
    return {
      clock,
      steps: figure('steps', 1),
      samples: figure('samples', 16),
      batch: figure('batch', 16),
      loss: figure('loss', 1),
      computeMs: figure('ms', 100),
      waitMs: figure('wait', 0),
    };
  }
}

/** A script played from the start. */
export function playPolicy(policy: Policy, script: string, setup?: ScriptSetup): string {
  return new PolicyScript(policy, setup).play(script);
}

/** Lines of a script without the indentation that they share, and without empty lines at its ends. */
export function unindented(script: string): string[] {
  const lines = script.split('\n').map((line) => line.trimEnd());
  while (lines[0] === '') lines.shift();
  while (lines.at(-1) === '') lines.pop();
  const margin = Math.min(...lines.filter((line) => line !== '').map((line) => line.length - line.trimStart().length));
  return lines.map((line) => line.slice(margin));
}

/** A script as `play` writes it. */
export function tidy(script: string): string {
  return unindented(script).join('\n');
}

function commandText(command: PolicyCommand): string {
  switch (command.type) {
    case 'apply': {
      const pushes = command.pushes.map(({ push, weight }) => `#${push}*${short(weight)}`).join(' ');
      return `apply ${pushes}${command.keep === undefined ? '' : ` keep ${short(command.keep)}`}`;
    }
    case 'drop':
      return `drop #${command.push}: ${command.reason}`;
    case 'release':
      return `release ${command.worker} ${command.model ? 'model' : 'own'}`;
    case 'collect':
      return `collect ${command.worker}`;
    case 'assign': {
      const { samples, batch, epochs, ...rest } = command.assignment;
      const more = Object.entries(rest).map(([key, value]) => `, ${key} ${short(present(value, key))}`);
      return `assign ${command.worker} ${samples} rows / ${batch} x ${epochs}${more.join('')}: ${command.reason}`;
    }
    case 'evaluate':
      return `judge ${command.subject === 'model' ? 'model' : `#${command.subject}`}`;
    case 'wake':
      return `wake ${short(command.atMs)}`;
    case 'stop':
      return `stop: ${command.reason}`;
  }
}

/** Four significant digits. */
function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
