/**
 * The parameter server as a machine: messages in; messages, work for the evaluator and records out.
 * It owns the model, its version, the roster and the push table. The policy decides what happens to
 * pushes and who goes on; this machine performs it. It knows no socket and no clock: every input
 * carries `nowMs`, on any clock that does not run backwards.
 */
import { Ledger, counterfactualBytes, type Traffic } from './accounting.ts';
import { assert, present, unreachable } from './assert.ts';
import { decodeVector, encodedBytes, encodeVector } from './compression/encoding.ts';
import type { RunConfig } from './config.ts';
import { EvaluationDesk } from './evaluation-desk.ts';
import { GlobalModel } from './global-model.ts';
import type { EndReason, IncidentKind, RunRecord } from './metrics.ts';
import { isFinite, type Vector } from './parameters.ts';
import type { Policy, PolicyCommand, PolicyEvent, WorkerId } from './policy/policy.ts';
import { prng } from './prng.ts';
import type { ServerMessage, WorkerMessage, WorkerPlan } from './protocol/messages.ts';
import { protocolError } from './protocol/shape.ts';
import { MAX_PUSHES_PER_WORKER, PushTable } from './push-table.ts';
import { type Member, Roster, type RosterSnapshot } from './roster.ts';

export interface ServerSettings {
  policy: Policy;
  plan: WorkerPlan;
  /** Workers that the run waits for before it starts. */
  workers: readonly WorkerId[];
  batch: number;
  initial: Vector;
  config: Pick<RunConfig, 'stop' | 'evaluateEveryMs' | 'joinGraceMs' | 'lostGraceMs'>;
}

export type ServerInput =
  /** A worker has proved who it is. An older connection of the same worker is ended. */
  | { type: 'connected'; nowMs: number; worker: WorkerId }
  | { type: 'message'; nowMs: number; worker: WorkerId; incarnation: number; message: WorkerMessage }
  | { type: 'disconnected'; nowMs: number; worker: WorkerId; incarnation: number; reason: string }
  | { type: 'evaluated'; nowMs: number; ticket: number; loss: number; accuracy: number; rows: number }
  | { type: 'woke'; nowMs: number }
  | { type: 'pause'; nowMs: number }
  | { type: 'resume'; nowMs: number }
  | { type: 'stop'; nowMs: number; reason: EndReason; text: string };

export type ServerOutput =
  | { type: 'send'; worker: WorkerId; message: ServerMessage }
  /** Send `modelMessage(worker)` as soon as the connection has room: the newest version then. */
  | { type: 'send-model'; worker: WorkerId }
  | { type: 'close'; worker: WorkerId; incarnation: number; reason: string }
  /** Judge these parameters on the validation split; the vector never changes. */
  | { type: 'evaluate'; ticket: number; parameters: Vector }
  | { type: 'record'; record: RunRecord }
  | { type: 'ended'; reason: EndReason; text: string };

/** Plain JSON and vectors: all that a later process needs to go on with the run. */
export interface ServerSnapshot {
  state: {
    version: number;
    elapsedMs: number;
    iterations: number;
    samples: number;
    nextPush: number;
    policy: unknown;
    roster: RosterSnapshot;
    ledger: Record<string, Traffic>;
  };
  vectors: { model: Vector; velocity?: Vector };
}

const MAX_REJECTIONS = 3;
const TRAFFIC_EVERY_MS = 1000;

export class ParameterServer {
  readonly ledger = new Ledger();
  readonly #settings: ServerSettings;
  readonly #policy: Policy;
  readonly #policyState: unknown;
  readonly #model: GlobalModel;
  readonly #roster: Roster;
  readonly #pushes: PushTable;
  readonly #desk: EvaluationDesk;

  #phase: 'gathering' | 'running' | 'ended' = 'gathering';
  #nowMs = 0;
  #gatheringSinceMs: number | undefined;
  #startedAtMs = 0;
  readonly #elapsedBeforeMs: number = 0;
  #emptySinceMs: number | undefined;
  #policyWakeMs = Infinity;
  #lastTrafficMs = -Infinity;
  #iterations = 0;
  #samples = 0;
  #paused = false;
  readonly #heldReleases = new Map<WorkerId, boolean>();
  /** Versions sent but not yet encoded for other workers: BSP sends the same bytes to everyone. */
  #encoded: { version: number; payload: Uint8Array } | undefined;
  #outputs: ServerOutput[] = [];

  constructor(settings: ServerSettings, resumed?: ServerSnapshot) {
    const { plan, policy, initial } = settings;
    this.#settings = settings;
    this.#policy = policy;
    this.#roster = new Roster(plan.trainRows, settings.workers);
    this.#desk = new EvaluationDesk(settings.config.evaluateEveryMs);
    this.#pushes = new PushTable(resumed?.state.nextPush);
    this.#model = new GlobalModel(
      plan.carry,
      initial,
      plan.carry === 'gradient' ? plan : (policy.outerOptimizer?.(plan.options) ?? { learningRate: 1, momentum: 0 }),
      resumed && {
        parameters: resumed.vectors.model,
        version: resumed.state.version,
        ...(resumed.vectors.velocity && { velocity: resumed.vectors.velocity }),
      },
    );
    this.#policyState = resumed
      ? structuredClone(resumed.state.policy)
      : policy.start({
          options: plan.options,
          batch: settings.batch,
          trainRows: plan.trainRows,
          rowBytes: plan.featureSize + 1,
          random: prng(plan.seed, 'policy'),
        });
    if (resumed) {
      this.#elapsedBeforeMs = resumed.state.elapsedMs;
      this.#iterations = resumed.state.iterations;
      this.#samples = resumed.state.samples;
      this.#roster.restore(resumed.state.roster);
      this.ledger.restore(resumed.state.ledger);
    }
  }

  get parameters(): Vector {
    return this.#model.parameters;
  }

  get version(): number {
    return this.#model.version;
  }

  /** Milliseconds of training so far, earlier processes of a resumed run included. */
  get elapsedMs(): number {
    return this.#elapsedBeforeMs + (this.#phase === 'gathering' ? 0 : this.#nowMs - this.#startedAtMs);
  }

  /** When the host must give a `woke` input at the latest; Infinity for never. */
  get wakeAtMs(): number {
    if (this.#phase === 'ended') return Infinity;
    const { joinGraceMs, lostGraceMs, stop } = this.#settings.config;
    if (this.#phase === 'gathering') return (this.#gatheringSinceMs ?? this.#nowMs) + joinGraceMs;
    return Math.min(
      this.#policyWakeMs,
      this.#desk.nextTurnMs(this.#model.version),
      this.#startedAtMs + stop.maxSeconds * 1000 - this.#elapsedBeforeMs,
      this.#emptySinceMs === undefined ? Infinity : this.#emptySinceMs + lostGraceMs,
    );
  }

  /**
   * Takes one input; the host performs all outputs in order before it gives the next.
   * @throws CAD-PROTOCOL when the worker that the input names breaks the protocol; nothing has changed.
   */
  handle(input: ServerInput): ServerOutput[] {
    if (this.#phase === 'ended') return [];
    assert(input.nowMs >= this.#nowMs, 'time does not run backwards');
    this.#nowMs = input.nowMs;
    this.#gatheringSinceMs ??= input.nowMs;
    this.#take(input);
    this.#keepTime();
    return this.#drain();
  }

  /** The newest model with the worker's orders, to be sent at once. */
  modelMessage(worker: WorkerId): ServerMessage {
    const member = this.#roster.get(worker);
    const { encoding } = this.#settings.plan;
    if (this.#encoded?.version !== this.#model.version) {
      this.#encoded = { version: this.#model.version, payload: encodeVector(encoding, this.#model.parameters) };
    }
    return {
      kind: 'model',
      version: this.#model.version,
      answers: member.lastSequence,
      orders: this.#roster.orders(member),
      encoding,
      payload: this.#encoded.payload,
    };
  }

  snapshot(): ServerSnapshot {
    const { velocity } = this.#model;
    return {
      state: {
        version: this.#model.version,
        elapsedMs: this.elapsedMs,
        iterations: this.#iterations,
        samples: this.#samples,
        nextPush: this.#pushes.nextId,
        policy: structuredClone(this.#policyStateWithoutWorkers()),
        roster: this.#roster.snapshot(),
        ledger: this.ledger.snapshot(),
      },
      vectors: { model: this.#model.parameters.slice(), ...(velocity && { velocity: velocity.slice() }) },
    };
  }

  /** As it will be when the process that resumes finds every worker gone. */
  #policyStateWithoutWorkers(): unknown {
    const state = structuredClone(this.#policyState);
    for (const { worker } of this.#roster.active()) {
      this.#policy.step(state, { type: 'left', nowMs: this.elapsedMs, worker });
    }
    return state;
  }

  #take(input: ServerInput): void {
    switch (input.type) {
      case 'connected':
        this.#connect(input.worker);
        return;
      case 'message':
        this.#receive(input.worker, input.incarnation, input.message);
        return;
      case 'disconnected': {
        const member = this.#roster.find(input.worker);
        if (member?.incarnation === input.incarnation) this.#lose(member, input.reason);
        return;
      }
      case 'evaluated':
        this.#judged(input.ticket, input.loss, input.accuracy, input.rows);
        return;
      case 'woke':
        if (this.#nowMs >= this.#policyWakeMs) {
          this.#policyWakeMs = Infinity;
          this.#inform({ type: 'woke', nowMs: this.elapsedMs });
        }
        return;
      case 'pause':
        this.#paused = true;
        this.#incident('info', 'paused', 'The run is paused: workers stop after their current iteration');
        return;
      case 'resume':
        this.#paused = false;
        this.#incident('info', 'resumed', 'The run goes on');
        for (const [worker, model] of this.#heldReleases) this.#release(this.#roster.get(worker), model);
        this.#heldReleases.clear();
        return;
      case 'stop':
        this.#end(input.reason, input.text);
        return;
      default:
        unreachable(input);
    }
  }

  #connect(worker: WorkerId): void {
    const member = this.#roster.find(worker) ?? this.#roster.add(worker);
    if (member.state !== 'absent') {
      this.#outputs.push({
        type: 'close',
        worker,
        incarnation: member.incarnation,
        reason: 'the same worker connected again',
      });
      this.#lose(member, 'replaced by a newer connection');
    }
    this.#roster.connect(member);
    const { incarnation } = member;
    this.#outputs.push({ type: 'send', worker, message: { kind: 'welcome', incarnation, plan: this.#settings.plan } });
  }

  #receive(worker: WorkerId, incarnation: number, message: WorkerMessage): void {
    const member = this.#roster.find(worker);
    if (member === undefined || member.incarnation !== incarnation || member.state === 'absent') {
      this.#incident('warning', 'rejected', `A ${message.kind} from an ended connection was ignored`, worker);
      return;
    }
    switch (message.kind) {
      case 'ready':
        if (member.state !== 'connected') throw protocolError('a worker was ready twice');
        this.#activate(member, message.profile);
        return;
      case 'push':
      case 'report':
      case 'flag':
        if (member.state !== 'active') throw protocolError(`a ${message.kind} before the worker was ready`);
        if (message.sequence <= member.lastSequence) {
          this.#incident('warning', 'rejected', `A repeated ${message.kind} was ignored`, worker);
          return;
        }
        this.#iterationMessage(member, message);
        return;
      case 'failed':
        this.#incident('error', 'worker-failed', message.message, worker);
        return;
      case 'hello':
      case 'rows-wanted':
        throw protocolError(`a ${message.kind} message at the wrong time`);
      default:
        unreachable(message);
    }
  }

  #activate(member: Member, profile: Member['profile'] & object): void {
    const returned = member.incarnation > 1;
    this.#roster.activate(member, profile);
    this.#record({ type: 'worker', worker: member.worker, incarnation: member.incarnation, profile });
    const text = `${profile.engine}${profile.throttle ? `, ${profile.throttle}` : ''}`;
    this.#incident('info', returned ? 'rejoined' : 'joined', text, member.worker);
    if (this.#phase === 'gathering') return;
    if (this.#emptySinceMs !== undefined) {
      this.#emptySinceMs = undefined;
      this.#incident('info', 'resumed', 'A worker is back: the run goes on');
    }
    this.#inform({ type: 'joined', nowMs: this.elapsedMs, worker: member.worker, profile });
  }

  #start(): void {
    this.#phase = 'running';
    this.#startedAtMs = this.#nowMs;
    const missing = this.#settings.workers.length - this.#roster.activeCount;
    const note = missing > 0 ? `; ${missing} did not join in time` : '';
    this.#incident(missing > 0 ? 'warning' : 'info', 'started', `${this.#roster.activeCount} workers start${note}`);
    for (const { worker, profile } of this.#roster.active()) {
      this.#inform({ type: 'joined', nowMs: this.elapsedMs, worker, profile: present(profile, 'profile') });
    }
  }

  #lose(member: Member, reason: string): void {
    const wasActive = member.state === 'active';
    this.#roster.disconnect(member);
    this.#heldReleases.delete(member.worker);
    if (!wasActive) return;
    this.#incident('warning', 'lost', reason, member.worker);
    if (this.#phase === 'running') this.#inform({ type: 'left', nowMs: this.elapsedMs, worker: member.worker });
    // A lost worker takes its undecided pushes with it: nobody is left to answer.
    for (const { id } of this.#pushes.ofWorker(member.worker)) this.#drop(id, 'its worker was lost');
    if (this.#phase === 'running' && this.#roster.activeCount === 0) {
      this.#emptySinceMs = this.#nowMs;
      const seconds = Math.round(this.#settings.config.lostGraceMs / 1000);
      this.#incident('error', 'paused', `No worker is left; the run waits ${seconds} s for one to come back`);
    }
  }

  #iterationMessage(member: Member, message: WorkerMessage & { kind: 'push' | 'report' | 'flag' }): void {
    const { worker } = member;
    const { iteration, sequence } = message;
    const vector = message.kind === 'push' ? this.#decodePush(member, message) : undefined;
    member.lastSequence = sequence;
    member.waits = message.kind === 'flag' || (message.kind === 'push' && message.waits);
    // A collected push repeats the summary of an iteration that was counted when it was reported.
    if (iteration.steps > 0) this.#iterations += 1;
    this.#samples += iteration.samples;
    this.#record({ type: 'iteration', worker, pushed: message.kind === 'push', iteration });
    const nowMs = this.elapsedMs;
    if (message.kind !== 'push') {
      this.#inform({ type: message.kind === 'flag' ? 'flagged' : 'reported', nowMs, worker, iteration });
      return;
    }
    if (vector === undefined || !isFinite(vector)) {
      this.#reject(member);
      return;
    }
    const { baseVersion } = message;
    const push = this.#pushes.add({ worker, sequence, baseVersion, vector, iteration, bytes: message.payload.length });
    const staleness = this.#model.version - baseVersion;
    this.#inform({ type: 'pushed', nowMs, worker, push: push.id, staleness, iteration });
  }

  #decodePush(member: Member, message: WorkerMessage & { kind: 'push' }): Vector {
    const size = this.#model.parameters.length;
    if (message.payload.length !== encodedBytes(message.encoding, size)) {
      throw protocolError(`a push of ${message.payload.length} bytes for ${size} parameters`);
    }
    if (message.baseVersion > this.#model.version) throw protocolError('a push from a version that does not exist');
    if (this.#pushes.countOf(member.worker) >= MAX_PUSHES_PER_WORKER) throw protocolError('too many undecided pushes');
    return decodeVector(message.encoding, message.payload, size);
  }

  #reject(member: Member): void {
    const { worker } = member;
    member.rejections += 1;
    this.#incident('warning', 'rejected', 'A push with values that are not finite was refused', worker);
    this.#inform({ type: 'rejected', nowMs: this.elapsedMs, worker });
    if (member.rejections < MAX_REJECTIONS) return;
    this.#outputs.push({ type: 'close', worker, incarnation: member.incarnation, reason: 'too many refused pushes' });
    this.#lose(member, `${MAX_REJECTIONS} of its pushes were refused`);
  }

  /** Tells the policy, records what it decided and does it. */
  #inform(event: PolicyEvent): void {
    const commands = this.#policy.step(this.#policyState, event);
    this.#record({ type: 'decision', event: structuredClone(event), commands });
    const reordered = new Set<Member>();
    for (const command of commands) this.#perform(command, reordered);
    for (const member of reordered) {
      if (member.state !== 'active' || member.waits) continue; // a waiting worker's orders come with its release
      this.#outputs.push({
        type: 'send',
        worker: member.worker,
        message: { kind: 'orders', orders: this.#roster.orders(member) },
      });
    }
  }

  #perform(command: PolicyCommand, reordered: Set<Member>): void {
    switch (command.type) {
      case 'apply':
        this.#apply(command);
        return;
      case 'drop':
        this.#drop(command.push, command.reason);
        return;
      case 'release': {
        const member = this.#roster.get(command.worker);
        reordered.delete(member);
        this.#release(member, command.model);
        return;
      }
      case 'collect':
        this.#outputs.push({ type: 'send', worker: command.worker, message: { kind: 'collect' } });
        return;
      case 'assign': {
        const member = this.#roster.get(command.worker);
        this.#roster.assign(member, command.assignment);
        const { worker, assignment, reason } = command;
        this.#record({ type: 'allocation', worker, assignment, reason });
        reordered.add(member);
        return;
      }
      case 'evaluate':
        if (command.subject === 'model') this.#desk.wantModel();
        else this.#evaluatePush(command.subject);
        return;
      case 'wake':
        this.#policyWakeMs = this.#startedAtMs + command.atMs - this.#elapsedBeforeMs;
        return;
      case 'stop':
        this.#end('policy', command.reason);
        return;
      default:
        unreachable(command);
    }
  }

  #apply({ pushes, keep = 0 }: PolicyCommand & { type: 'apply' }): void {
    const taken = pushes.map(({ push, weight }) => ({ push: this.#pushes.take(push), weight }));
    const before = this.#model.version;
    this.#model.apply(
      taken.map(({ push, weight }) => ({ vector: push.vector, weight })),
      keep,
    );
    for (const { push, weight } of taken) {
      const { worker, sequence, baseVersion, bytes } = push;
      const [version, staleness] = [this.#model.version, before - baseVersion];
      this.#record({
        type: 'push',
        worker,
        sequence,
        baseVersion,
        version,
        staleness,
        weight,
        outcome: 'applied',
        bytes,
      });
    }
    if (!this.#model.isFinite) this.#end('diverged', 'The model stopped being finite; try a smaller learning rate');
  }

  #drop(id: number, reason: string): void {
    const { worker, sequence, baseVersion, bytes } = this.#pushes.take(id);
    const staleness = this.#model.version - baseVersion;
    this.#record({
      type: 'push',
      worker,
      sequence,
      baseVersion,
      staleness,
      weight: 0,
      outcome: 'dropped',
      reason,
      bytes,
    });
  }

  #release(member: Member, model: boolean): void {
    if (member.state !== 'active') return;
    if (this.#paused) {
      this.#heldReleases.set(member.worker, model || this.#heldReleases.get(member.worker) === true);
      return;
    }
    member.waits = false;
    const { worker } = member;
    if (model) {
      this.#outputs.push({ type: 'send-model', worker });
      return;
    }
    const orders = this.#roster.orders(member);
    this.#outputs.push({ type: 'send', worker, message: { kind: 'release', answers: member.lastSequence, orders } });
  }

  #evaluatePush(id: number): void {
    const ticket = this.#desk.open(id, this.#progress());
    const parameters = this.#model.implied(this.#pushes.get(id).vector);
    this.#outputs.push({ type: 'evaluate', ticket: ticket.id, parameters });
  }

  #judged(id: number, loss: number, accuracy: number, rows: number): void {
    const ticket = this.#desk.close(id);
    if (ticket === undefined) return;
    const { subject, version, iterations, samples, bytes } = ticket;
    if (subject === 'model') {
      const progress = { version, iterations, samples, bytes };
      this.#record({ type: 'evaluation', split: 'validation', loss, accuracy, rows, ...progress });
    }
    this.#inform({ type: 'evaluated', nowMs: this.elapsedMs, subject, version, loss, accuracy });
    const { targetAccuracy } = this.#settings.config.stop;
    if (subject === 'model' && targetAccuracy !== undefined && accuracy >= targetAccuracy) {
      this.#incident('info', 'target', `Validation accuracy reached ${targetAccuracy}`);
      this.#end('target', `Validation accuracy ${accuracy} reached the target ${targetAccuracy}`);
    }
  }

  /** What is due because of the time, after every input. */
  #keepTime(): void {
    if (this.#phase === 'gathering') {
      const { joinGraceMs } = this.#settings.config;
      const everyone = this.#roster.activeCount >= this.#settings.workers.length;
      const late = this.#nowMs >= present(this.#gatheringSinceMs, 'start of gathering') + joinGraceMs;
      if (everyone || (late && this.#roster.activeCount > 0)) this.#start();
      else if (late) this.#end('workers-lost', 'No worker joined in time');
    }
    if (this.#phase !== 'running') return;
    const { maxSeconds, maxIterations } = this.#settings.config.stop;
    if (this.#emptySinceMs !== undefined && this.#nowMs >= this.#emptySinceMs + this.#settings.config.lostGraceMs) {
      this.#end('workers-lost', 'No worker came back in time');
    } else if (maxIterations !== undefined && this.#iterations >= maxIterations) {
      this.#end('iteration-limit', `${maxIterations} local iterations are done`);
    } else if (this.elapsedMs >= maxSeconds * 1000) {
      this.#end('time-limit', `${maxSeconds} s are over`);
    } else {
      if (this.#desk.takeModelTurn(this.#nowMs, this.#model.version)) {
        const ticket = this.#desk.openModel(this.#progress());
        this.#outputs.push({ type: 'evaluate', ticket: ticket.id, parameters: this.#model.parameters });
      }
      if (this.#nowMs >= this.#lastTrafficMs + TRAFFIC_EVERY_MS) this.#recordTraffic();
    }
  }

  #end(reason: EndReason, text: string): void {
    if (this.#phase === 'ended') return;
    this.#recordTraffic();
    this.#incident(reason === 'workers-lost' || reason === 'diverged' ? 'error' : 'info', 'stopped', text);
    for (const { worker } of this.#roster.active()) {
      this.#outputs.push({ type: 'send', worker, message: { kind: 'stop', reason: text } });
    }
    this.#outputs.push({ type: 'ended', reason, text });
    this.#phase = 'ended';
  }

  #progress(): { version: number; iterations: number; samples: number; bytes: number } {
    const { model, update, data, control } = this.ledger.total();
    const bytes = model + update + data + control;
    return { version: this.#model.version, iterations: this.#iterations, samples: this.#samples, bytes };
  }

  #recordTraffic(): void {
    this.#lastTrafficMs = this.#nowMs;
    const counterfactual = counterfactualBytes(this.#iterations, this.#model.parameters.length);
    this.#record({ type: 'traffic', traffic: this.ledger.total(), iterations: this.#iterations, counterfactual });
  }

  #incident(level: 'info' | 'warning' | 'error', what: IncidentKind, text: string, worker?: WorkerId): void {
    this.#record({ type: 'incident', level, what, text, ...(worker !== undefined && { worker }) });
  }

  #record(record: DistributiveOmit<RunRecord, 'atMs'>): void {
    this.#outputs.push({ type: 'record', record: { ...record, atMs: this.elapsedMs } as RunRecord });
  }

  #drain(): ServerOutput[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }
}

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;
