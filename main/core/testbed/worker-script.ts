/**
 * Scenarios of the worker machine as text. A line at the margin is an input; the indented lines below
 * it are what the machine answered with. All parameters of a model have one value; training adds to
 * it (or gives it as the gradient).
 *
 *   welcome                         rows 0                       trained 0.5 probe=0.2 ms=30
 *   model v1 = 2 answers=1          orders 32 rows / 8 x 2       disconnected
 *   release answers=1               collect                      pause · resume · stop · at 100 (the clock)
 */
import { assert, present } from '../assert.ts';
import { decodeVector, encodeVector } from '../compression/encoding.ts';
import { CaduceusError } from '../errors.ts';
import type { Policy } from '../policy/policy.ts';
import { resolveOptions } from '../policy/options.ts';
import type { Orders, ServerMessage, WorkerMessage, WorkerPlan } from '../protocol/messages.ts';
import { Worker, type WorkerInput, type WorkerOutput, type Work } from '../worker.ts';
import { PROFILE } from './device.ts';
import { unindented } from './policy-script.ts';
import { Problem, TINY_MODEL } from './problem.ts';

const PARAMETERS = 15;

export class WorkerScript {
  readonly machine: Worker;
  readonly plan: WorkerPlan;
  /** The work under way. */
  work: Work | undefined;
  /** What the worker sent in answer to the newest input. */
  sent: WorkerMessage[] = [];
  readonly #problem: Problem;
  #orders: Orders;
  #nowMs = 0;

  constructor(policy: Policy, plan: Partial<WorkerPlan> = {}) {
    const options = resolveOptions(policy.name, policy.options, {});
    this.plan = {
      seed: 1,
      policy: policy.name,
      options,
      carry: policy.carry(options),
      sampling: present(policy.sampling?.(options), 'sampling'),
      model: TINY_MODEL,
      learningRate: 0.1,
      momentum: 0,
      gradientNorm: false,
      encoding: 'f32',
      trainRows: 200,
      probeRows: 0,
      featureSize: 4,
      ...plan,
    };
    this.machine = new Worker('w', PROFILE, () => policy);
    this.#problem = new Problem(1, this.plan.trainRows + this.plan.probeRows);
    this.#orders = { assignment: { samples: 16, batch: 16, epochs: 1 }, shard: { start: 0, length: 100 } };
  }

  /** The inputs of a script with what they lead to now. */
  play(script: string): string {
    const lines: string[] = [];
    for (const line of unindented(script)) {
      if (line === '' || line.startsWith('#')) lines.push(line);
      else if (!line.startsWith(' ')) lines.push(line, ...this.give(line).map((answer) => `  ${answer}`));
    }
    return lines.join('\n');
  }

  /** What one input leads to. */
  give(line: string): string[] {
    const input = this.#input(line);
    return input === undefined ? [] : this.take(input);
  }

  take(input: WorkerInput): string[] {
    this.sent = [];
    try {
      return this.machine.handle(input).map((output) => this.#answer(output));
    } catch (error) {
      if (error instanceof CaduceusError) return [`${error.code}: ${error.message}`];
      throw error;
    }
  }

  #input(line: string): WorkerInput | undefined {
    const words = line.split(' ');
    const figure = (key: string, otherwise: number): number => {
      const word = words.find((candidate) => candidate.startsWith(`${key}=`));
      return word === undefined ? otherwise : Number(word.slice(key.length + 1));
    };
    const message = (content: ServerMessage): WorkerInput => ({
      type: 'message',
      nowMs: this.#nowMs,
      message: content,
    });
    const answers = figure('answers', 0);
    switch (words[0]) {
      case 'at':
        this.#nowMs = Number(words[1]);
        return undefined;
      case 'welcome':
        return message({ kind: 'welcome', incarnation: 1, plan: this.plan });
      case 'model': {
        const value = new Float32Array(PARAMETERS).fill(Number(words[3]));
        const version = Number(words[1]?.slice(1));
        const payload = encodeVector('f32', value);
        const includes = figure('includes', answers);
        return message({ kind: 'model', version, answers, includes, orders: this.#orders, encoding: 'f32', payload });
      }
      case 'release':
        return message({ kind: 'release', answers, orders: this.#orders });
      case 'orders': {
        const [samples, batch, epochs] = [1, 4, 6].map((place) => Number(words[place])) as [number, number, number];
        const { start, length } = this.#orders.shard;
        const shard = { start: figure('start', start), length: figure('length', length) };
        this.#orders = { assignment: { samples, batch, epochs }, shard };
        return message({ kind: 'orders', orders: this.#orders });
      }
      case 'collect':
      case 'pause':
      case 'resume':
        return message({ kind: words[0] });
      case 'rows': {
        const block = Number(words[1]);
        return message({ kind: 'rows', block, ...this.#problem.block(block, this.#problem.rows.length) });
      }
      case 'trained': {
        const work = present(this.work, 'work');
        this.work = undefined;
        return { type: 'trained', nowMs: this.#nowMs, result: this.#trained(work, Number(words[1]), figure) };
      }
      case 'disconnected':
        return { type: 'disconnected', nowMs: this.#nowMs };
      case 'stop':
        return message({ kind: 'stop', reason: 'the run is over' });
      default:
        assert(false, `a script has no ${words[0]}`);
    }
  }

  #trained(
    work: Work,
    value: number,
    figure: (key: string, otherwise: number) => number,
  ): Extract<WorkerInput, { type: 'trained' }>['result'] {
    const { id, parameters } = work;
    const probe = work.probe.length > 0 ? { probeLoss: figure('probe', 1) } : {};
    const about = { id, parameters, loss: figure('loss', 1), computeMs: figure('ms', 10), ...probe };
    if (work.mode === 'gradient') return { ...about, steps: 1, gradient: new Float32Array(PARAMETERS).fill(value) };
    for (let index = 0; index < parameters.length; index++) parameters[index] = (parameters[index] as number) + value;
    return { ...about, steps: Math.ceil(work.order.length / work.batch) };
  }

  #answer(output: WorkerOutput): string {
    switch (output.type) {
      case 'send':
        this.sent.push(output.message);
        return messageText(output.message);
      case 'store-rows':
        return `store ${output.count} rows of block ${output.block}`;
      case 'forget-rows':
        return `forget blocks ${output.blocks.join(' ')}`;
      case 'train': {
        const { parameters, order, batch, epochs, mode } = output.work;
        this.work = output.work;
        const passes = epochs === 1 ? '' : ` in ${epochs} epochs`;
        return `train ${order.length} rows / ${batch}${passes} on ${short(parameters[0])} for ${mode}`;
      }
      case 'stopped':
        return `stopped: ${output.reason}`;
    }
  }
}

function messageText(message: WorkerMessage): string {
  switch (message.kind) {
    case 'push': {
      const { sequence, baseVersion, waits, encoding, payload } = message;
      const value = short(decodeVector(encoding, payload, PARAMETERS)[0]);
      return `-> push ${sequence} of ${value} since v${baseVersion}, ${waits ? 'waits' : 'goes on'}`;
    }
    case 'report':
    case 'flag':
      return `-> ${message.kind} ${message.sequence}`;
    case 'rows-wanted':
      return `-> rows ${message.block}?`;
    default:
      return `-> ${message.kind}`;
  }
}

function short(value: number | undefined): string {
  return String(Number((value as number).toPrecision(4)));
}
