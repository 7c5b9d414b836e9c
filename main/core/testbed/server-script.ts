/**
 * Scenarios of the parameter-server machine as text. A line at the margin is an input; the indented
 * lines below it are what the machine answered with. The model has one parameter, which starts at 0
 * with a learning rate of 1, so that a version can be checked in the head.
 *
 *   a connects            a pushes 1 of 0.5         a is lost           pause · resume · stop
 *   a is ready            a reports 1               judged 1 loss=0.2 accuracy=0.9
 *   at 500                a flags 1                 restart (from a snapshot made now)
 *
 *   a enlists             a shall-go                options staleness=5
 *
 * A push `goes-on` or waits; `base=`, `incarnation=`, `samples=` and `bytes=` change what it says.
 */
import { assert } from '../assert.ts';
import { encodeVector } from '../compression/encoding.ts';
import { CaduceusError } from '../errors.ts';
import type { RunRecord } from '../metrics.ts';
import { ParameterServer, type ServerInput, type ServerOutput, type ServerSettings } from '../parameter-server.ts';
import { changeOptions, type OptionValues, parseOption, resolveOptions } from '../policy/options.ts';
import { type IterationSummary, PLAIN_SAMPLING, type Policy } from '../policy/policy.ts';
import type { ServerMessage, WorkerMessage } from '../protocol/messages.ts';
import { PROFILE } from './device.ts';
import { unindented } from './policy-script.ts';
import { TINY_MODEL } from './problem.ts';

type Config = ServerSettings['config'];

export class ServerScript {
  server: ParameterServer;
  nowMs = 0;
  readonly #settings: ServerSettings;
  readonly #incarnations = new Map<string, number>();
  /** All outputs of the newest input, records and all. */
  outputs: readonly ServerOutput[] = [];

  constructor(policy: Policy, workers: readonly string[], config: Partial<Config> = {}) {
    // Pushes in full where they are applied one by one, so that scripts can be in whole numbers.
    const inFull = 'round-scaling' in policy.options ? { 'round-scaling': false } : {};
    const options = resolveOptions(policy.name, policy.options, inFull);
    this.#settings = {
      policy,
      workers,
      batch: 16,
      initial: Float32Array.of(0),
      plan: {
        seed: 1,
        policy: policy.name,
        options,
        carry: policy.carry(options),
        sampling: PLAIN_SAMPLING,
        model: TINY_MODEL,
        learningRate: 1,
        momentum: 0,
        gradientNorm: false,
        encoding: 'f32',
        trainRows: 1000,
        probeRows: 0,
        featureSize: 4,
      },
      config: { stop: { maxSeconds: 1000 }, evaluateEveryMs: 1e9, joinGraceMs: 1000, lostGraceMs: 2000, ...config },
    };
    this.server = new ParameterServer(this.#settings);
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
    if (input === undefined) return [];
    try {
      this.outputs = this.server.handle(input);
    } catch (error) {
      if (error instanceof CaduceusError) return [`${error.code}: ${error.message}`];
      throw error;
    }
    return this.outputs.flatMap((output) => this.#answer(output) ?? []);
  }

  #input(line: string): ServerInput | undefined {
    const words = line.split(' ');
    const [worker = '', verb = ''] = words;
    const { nowMs } = this;
    const figure = (key: string, otherwise: number): number => {
      const word = words.find((candidate) => candidate.startsWith(`${key}=`));
      return word === undefined ? otherwise : Number(word.slice(key.length + 1));
    };
    const incarnation = figure('incarnation', this.#incarnations.get(worker) ?? 0);
    const message = (content: WorkerMessage): ServerInput => ({
      type: 'message',
      nowMs,
      worker,
      incarnation,
      message: content,
    });
    const iteration: IterationSummary = {
      clock: 1,
      steps: figure('steps', 1),
      samples: figure('samples', 16),
      batch: 16,
      loss: 1,
      computeMs: 10,
      waitMs: 0,
    };
    if (worker === 'at') {
      this.nowMs = Number(verb);
      return { type: 'woke', nowMs: this.nowMs };
    }
    if (worker === 'judged') {
      return {
        type: 'evaluated',
        nowMs,
        ticket: Number(verb),
        loss: figure('loss', 1),
        accuracy: figure('accuracy', 0),
        rows: 10,
      };
    }
    if (worker === 'pause' || worker === 'resume') return { type: worker, nowMs };
    if (worker === 'stop') return { type: 'stop', nowMs, reason: 'user', text: 'Stopped by its user' };
    if (worker === 'options') {
      const { policy } = this.#settings;
      const change = Object.fromEntries(words.slice(1).map((word) => word.split('=') as [string, string]));
      const values = Object.entries(change).map(([name, value]) => [name, parseOption(policy.options[name], value)]);
      const given = Object.fromEntries(values) as OptionValues;
      return { type: 'options', nowMs, options: changeOptions('p', policy.options, this.server.options, given) };
    }
    if (worker === 'restart') {
      const { state, vectors } = this.server.snapshot();
      this.server = new ParameterServer(this.#settings, {
        state: JSON.parse(JSON.stringify(state)) as typeof state,
        vectors,
      });
      return { type: 'woke', nowMs };
    }
    const sequence = Number(words[2]);
    switch (verb) {
      case 'enlists':
        return { type: 'enlist', nowMs, worker };
      case 'shall-go':
        return { type: 'dismiss', nowMs, worker, text: 'asked to go' };
      case 'connects':
        return { type: 'connected', nowMs, worker };
      case 'is':
        if (words[2] === 'ready') return message({ kind: 'ready', profile: PROFILE });
        return { type: 'disconnected', nowMs, worker, incarnation, reason: 'the connection broke' };
      case 'reports':
      case 'flags':
        return message({ kind: verb === 'reports' ? 'report' : 'flag', sequence, iteration });
      case 'pushes': {
        const value = Number(words[words.indexOf('of') + 1]);
        const payload = encodeVector('f32', Float32Array.of(value)).slice(0, figure('bytes', 4));
        const baseVersion = figure('base', this.server.version);
        const waits = !words.includes('goes-on');
        return message({ kind: 'push', sequence, baseVersion, waits, iteration, encoding: 'f32', payload });
      }
      case 'fails':
        return message({ kind: 'failed', code: 'CAD-ENGINE', message: 'no engine' });
      case 'asks':
        return message({ kind: 'rows-wanted', block: 0 });
      default:
        assert(false, `a script has no ${verb}`);
    }
  }

  #answer(output: ServerOutput): string | undefined {
    switch (output.type) {
      case 'send':
        if (output.message.kind === 'welcome') this.#incarnations.set(output.worker, output.message.incarnation);
        return `${output.worker} <- ${messageText(output.message)}`;
      case 'send-model':
        return `${output.worker} <- ${messageText(this.server.modelMessage(output.worker))}`;
      case 'close':
        return `close ${output.worker} ${output.incarnation}: ${output.reason}`;
      case 'evaluate':
        return `judge ${output.ticket}: ${output.parameters[0]}`;
      case 'record':
        return recordText(output.record);
      case 'ended':
        return `ended: ${output.reason}`;
    }
  }
}

function messageText(message: ServerMessage): string {
  switch (message.kind) {
    case 'welcome':
      return `welcome ${message.incarnation}`;
    case 'model': {
      const value = new DataView(message.payload.buffer, message.payload.byteOffset).getFloat32(0, true);
      return `model v${message.version} = ${Number(value.toPrecision(4))}, answers ${message.answers}`;
    }
    case 'release':
      return `release, answers ${message.answers}`;
    case 'orders':
      return `orders for ${message.orders.assignment.samples} rows`;
    default:
      return message.kind;
  }
}

/** Outcomes of pushes and incidents; other records are for other tests. */
function recordText(record: RunRecord): string | undefined {
  if (record.type === 'incident') return `! ${record.what}${record.worker === undefined ? '' : ` ${record.worker}`}`;
  if (record.type !== 'push') return undefined;
  const { worker, sequence, outcome, staleness, reason } = record;
  return `push ${sequence} of ${worker} ${outcome}${outcome === 'applied' ? `, stale by ${staleness}` : `: ${reason}`}`;
}
