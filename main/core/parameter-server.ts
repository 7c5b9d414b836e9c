/**
 * The parameter server as a machine: messages in; messages, work for the evaluator and records out.
 * It knows who takes part, admits and loses workers, keeps the run's time and its limits; the policy's
 * word on pushes and releases is carried out by the conductor. It knows no socket and no clock: every
 * input carries `nowMs`, on any clock that does not run backwards.
 */
import { counterfactualBytes, Ledger } from './accounting.ts';
import { assert, present, unreachable } from './assert.ts';
import { ModelSender } from './compression/downlink.ts';
import { PushReceiver } from './compression/uplink.ts';
import { Conductor } from './conductor.ts';
import type { DeviceProfile } from './cost.ts';
import { EvaluationDesk, type Progress } from './evaluation-desk.ts';
import { type GlobalModel, globalModelOf } from './global-model.ts';
import type { EndReason } from './metrics.ts';
import { Outbox } from './outbox.ts';
import { isFinite, type Vector } from './parameters.ts';
import type { WorkerId } from './policy/policy.ts';
import { policySetup } from './policy/setup.ts';
import type { ServerMessage, WorkerMessage } from './protocol/messages.ts';
import { protocolError } from './protocol/shape.ts';
import { MAX_PUSHES_PER_WORKER, PushTable } from './push-table.ts';
import { type Member, Roster } from './roster.ts';
import { RunClock } from './run-clock.ts';
import type { ServerInput, ServerOutput, ServerSettings, ServerSnapshot } from './server-io.ts';

export type { ServerInput, ServerOutput, ServerSettings, ServerSnapshot } from './server-io.ts';

/** Refused pushes after which a worker is sent away. */
const MAX_REJECTIONS = 3;
const TRAFFIC_EVERY_MS = 1000;

export class ParameterServer {
  readonly ledger = new Ledger();
  readonly #settings: ServerSettings;
  readonly #outbox = new Outbox();
  readonly #model: GlobalModel;
  readonly #downlink: ModelSender;
  readonly #uplink: PushReceiver;
  readonly #roster: Roster;
  readonly #pushes: PushTable;
  readonly #desk: EvaluationDesk;
  readonly #conductor: Conductor;

  #phase: 'gathering' | 'running' | 'ended' = 'gathering';
  readonly #clock: RunClock;
  #nowMs = 0;
  #lastTrafficMs = -Infinity;
  #iterations: number;
  #samples: number;

  constructor(settings: ServerSettings, resumed?: ServerSnapshot) {
    const { plan, policy } = settings;
    this.#settings = settings;
    this.#clock = new RunClock(settings.config, resumed?.state.elapsedMs ?? 0);
    this.#iterations = resumed?.state.iterations ?? 0;
    this.#samples = resumed?.state.samples ?? 0;
    this.#roster = new Roster(plan.trainRows, settings.workers);
    this.#desk = new EvaluationDesk(settings.config.evaluateEveryMs);
    this.#pushes = new PushTable(resumed?.state.nextPush);
    this.#model = globalModelOf(settings, resumed);
    this.#downlink = new ModelSender(plan);
    this.#uplink = new PushReceiver(plan, (worker, number) => this.#downlink.sentTo(worker, number));
    this.#conductor = new Conductor({
      policy,
      state: resumed ? structuredClone(resumed.state.policy) : policy.start(policySetup(plan, settings.batch)),
      model: this.#model,
      pushes: this.#pushes,
      roster: this.#roster,
      desk: this.#desk,
      outbox: this.#outbox,
      progress: () => this.#progress(),
    });
    if (resumed) {
      this.#roster.restore(resumed.state.roster);
      this.ledger.restore(resumed.state.ledger);
      this.#outbox.elapsedMs = resumed.state.elapsedMs;
      this.#conductor.wakeAtMs = resumed.state.wakeAtMs ?? Infinity;
      this.#conductor.dismiss(resumed.state.active);
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
    return this.#clock.elapsedMs(this.#nowMs);
  }

  /** When the host must give a `woke` input at the latest; Infinity for never. */
  get wakeAtMs(): number {
    if (this.#phase === 'ended') return Infinity;
    const next = this.#clock.nextMs(this.#nowMs);
    if (this.#phase === 'gathering') return next;
    const wakeMs = this.#clock.hostMs(this.#conductor.wakeAtMs);
    return Math.min(next, wakeMs, this.#desk.nextTurnMs(this.#model.version));
  }

  /**
   * Takes one input; the host performs all outputs in order before it gives the next.
   * @throws CAD-PROTOCOL when the worker that the input names breaks the protocol; nothing has changed.
   */
  handle(input: ServerInput): ServerOutput[] {
    if (this.#phase === 'ended') return [];
    assert(input.nowMs >= this.#nowMs, 'time does not run backwards');
    this.#nowMs = input.nowMs;
    this.#clock.gather(input.nowMs);
    this.#outbox.elapsedMs = this.elapsedMs;
    this.#take(input);
    this.#keepTime();
    return this.#outbox.drain();
  }

  /** The newest model with the worker's orders. It must be sent, at once: a later one may be told as a difference to it. */
  modelMessage(worker: WorkerId): ServerMessage {
    const member = this.#roster.get(worker);
    const { version, parameters } = this.#model;
    const orders = this.#roster.orders(member);
    const undecided = this.#pushes.ofWorker(worker)[0];
    const includes = undecided === undefined ? member.lastSequence : undecided.sequence - 1;
    const body = this.#downlink.encode(worker, version, parameters);
    return { kind: 'model', version, answers: member.answered, includes, orders, ...body };
  }

  snapshot(): ServerSnapshot {
    const { version, velocity, parameters } = this.#model;
    return {
      state: {
        version,
        elapsedMs: this.elapsedMs,
        iterations: this.#iterations,
        samples: this.#samples,
        nextPush: this.#pushes.nextId,
        policy: this.#conductor.policyState(),
        // The policy hears of nobody before the run starts.
        active: this.#phase === 'gathering' ? [] : this.#roster.active().map(({ worker }) => worker),
        wakeAtMs: this.#conductor.wakeAtMs === Infinity ? null : this.#conductor.wakeAtMs,
        roster: this.#roster.snapshot(),
        ledger: this.ledger.snapshot(),
      },
      vectors: { model: parameters.slice(), ...(velocity && { velocity: velocity.slice() }) },
    };
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
        return; // whatever is due is done after every input
      case 'pause':
        this.#conductor.pause();
        this.#outbox.incident('info', 'paused', 'The run is paused: workers stop after their current iteration');
        return;
      case 'resume':
        this.#outbox.incident('info', 'resumed', 'The run goes on');
        this.#conductor.resume();
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
      this.#sendAway(member, 'the same worker connected again', 'replaced by a newer connection');
    }
    this.#roster.connect(member);
    this.#downlink.forget(worker);
    this.#uplink.forget(worker);
    const { incarnation } = member;
    this.#outbox.add({ type: 'send', worker, message: { kind: 'welcome', incarnation, plan: this.#settings.plan } });
  }

  #receive(worker: WorkerId, incarnation: number, message: WorkerMessage): void {
    const member = this.#roster.find(worker);
    if (member === undefined || member.incarnation !== incarnation || member.state === 'absent') {
      this.#outbox.incident('warning', 'rejected', `A ${message.kind} from an ended connection was ignored`, worker);
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
          this.#outbox.incident('warning', 'rejected', `A repeated ${message.kind} was ignored`, worker);
          return;
        }
        if (member.waits && !(message.kind === 'push' && member.isCollecting)) {
          throw protocolError(`a ${message.kind} from a worker that has not been let go on`);
        }
        this.#iterated(member, message);
        return;
      case 'failed':
        this.#outbox.incident('error', 'worker-failed', message.message, worker);
        return;
      case 'hello':
      case 'rows-wanted':
        throw protocolError(`a ${message.kind} message at the wrong time`);
      default:
        unreachable(message);
    }
  }

  #activate(member: Member, profile: DeviceProfile): void {
    const { worker, incarnation } = member;
    this.#roster.activate(member, profile);
    this.#outbox.record({ type: 'worker', worker, incarnation, profile });
    const text = `${profile.engine}${profile.throttle ? `, ${profile.throttle}` : ''}`;
    this.#outbox.incident('info', incarnation > 1 ? 'rejoined' : 'joined', text, worker);
    if (this.#phase === 'gathering') return;
    if (this.#clock.populated()) {
      this.#outbox.incident('info', 'resumed', 'A worker is back: the run goes on');
    }
    this.#conductor.inform({ type: 'joined', nowMs: this.elapsedMs, worker, profile });
  }

  #lose(member: Member, reason: string): void {
    const { worker, state } = member;
    this.#roster.disconnect(member);
    this.#downlink.forget(worker);
    this.#uplink.forget(worker);
    if (state !== 'active') return;
    this.#outbox.incident('warning', 'lost', reason, worker);
    if (this.#phase !== 'running') return;
    this.#conductor.inform({ type: 'left', nowMs: this.elapsedMs, worker });
    this.#conductor.forget(worker);
    if (this.#roster.activeCount > 0) return;
    this.#clock.empty(this.#nowMs);
    const seconds = Math.round(this.#settings.config.lostGraceMs / 1000);
    this.#outbox.incident('error', 'paused', `No worker is left; the run waits ${seconds} s for one to come back`);
  }

  #sendAway(member: Member, toWorker: string, onRecord: string): void {
    const { worker, incarnation } = member;
    this.#outbox.add({ type: 'close', worker, incarnation, reason: toWorker });
    this.#lose(member, onRecord);
  }

  #iterated(member: Member, message: WorkerMessage & { kind: 'push' | 'report' | 'flag' }): void {
    const { worker } = member;
    const { iteration, sequence, kind } = message;
    const vector = kind === 'push' ? this.#decodePush(member, message) : undefined;
    member.lastSequence = sequence;
    member.waits = kind === 'flag' || (kind === 'push' && message.waits);
    // A collected push repeats the summary of an iteration that was counted when it was reported.
    if (iteration.steps > 0) this.#iterations += 1;
    this.#samples += iteration.samples;
    this.#outbox.record({ type: 'iteration', worker, pushed: kind === 'push', iteration });
    const nowMs = this.elapsedMs;
    if (kind !== 'push') {
      this.#conductor.inform({ type: kind === 'flag' ? 'flagged' : 'reported', nowMs, worker, iteration });
    } else if (vector === undefined || !isFinite(vector)) {
      this.#reject(member);
    } else {
      const { baseVersion, payload } = message;
      const push = this.#pushes.add({ worker, sequence, baseVersion, vector, iteration, bytes: payload.length });
      const staleness = this.#model.version - baseVersion;
      const { waits } = message;
      this.#conductor.inform({ type: 'pushed', nowMs, worker, push: push.id, staleness, waits, iteration });
    }
  }

  #decodePush({ worker }: Member, message: WorkerMessage & { kind: 'push' }): Vector {
    const { baseVersion, iteration } = message;
    if (this.#settings.plan.carry === 'gradient' && iteration.samples < 1) throw protocolError('a gradient of no rows');
    if (baseVersion > this.#model.version) throw protocolError('a push from a version that does not exist');
    if (this.#pushes.countOf(worker) >= MAX_PUSHES_PER_WORKER) throw protocolError('too many undecided pushes');
    return this.#uplink.decode(worker, message, this.#model.parameters.length);
  }

  #reject(member: Member): void {
    const { worker } = member;
    member.rejections += 1;
    this.#outbox.incident('warning', 'rejected', 'A push with values that are not finite was refused', worker);
    this.#conductor.inform({ type: 'rejected', nowMs: this.elapsedMs, worker });
    if (member.rejections < MAX_REJECTIONS) return;
    this.#sendAway(member, 'too many refused pushes', `${MAX_REJECTIONS} of its pushes were refused`);
  }

  #judged(id: number, loss: number, accuracy: number, rows: number): void {
    const ticket = this.#desk.close(id);
    if (ticket === undefined) return;
    const { subject, progress } = ticket;
    const { version } = progress;
    const isModel = subject === 'model';
    if (isModel) this.#outbox.record({ type: 'evaluation', split: 'validation', loss, accuracy, rows, ...progress });
    this.#conductor.inform({ type: 'evaluated', nowMs: this.elapsedMs, subject, version, loss, accuracy });
    const { targetAccuracy } = this.#settings.config.stop;
    if (!isModel || targetAccuracy === undefined || accuracy < targetAccuracy) return;
    const percent = (share: number): number => Number((100 * share).toFixed(2));
    this.#outbox.incident('info', 'target', `Validation accuracy ${percent(accuracy)} % at version ${version}`);
    this.#end('target', `Validation accuracy reached the target of ${percent(targetAccuracy)} %`);
  }

  /** What is due because of the time or of what has just happened, after every input. */
  #keepTime(): void {
    if (this.#phase === 'gathering') this.#startIfDue();
    if (this.#phase !== 'running') return;
    const { wakeAtMs } = this.#conductor;
    if (this.#nowMs >= this.#clock.hostMs(wakeAtMs)) {
      this.#conductor.wakeAtMs = Infinity;
      this.#conductor.inform({ type: 'woke', nowMs: Math.max(this.elapsedMs, wakeAtMs) });
    }
    const end = this.#conductor.verdict ?? this.#clock.limitReached(this.#nowMs, this.#iterations);
    if (end) {
      this.#end(end.reason, end.text);
      return;
    }
    if (this.#desk.takeModelTurn(this.#nowMs, this.#model.version)) {
      const ticket = this.#desk.openModel(this.#progress());
      this.#outbox.add({ type: 'evaluate', ticket: ticket.id, parameters: this.#model.parameters });
    }
    if (this.#nowMs >= this.#lastTrafficMs + TRAFFIC_EVERY_MS) this.#recordTraffic();
  }

  #startIfDue(): void {
    const expected = this.#settings.workers.length;
    const { activeCount } = this.#roster;
    if (activeCount < expected && !this.#clock.isGatheringOver(this.#nowMs)) return;
    if (activeCount === 0) {
      this.#end('workers-lost', 'No worker joined in time');
      return;
    }
    this.#phase = 'running';
    this.#clock.start(this.#nowMs);
    const missing = expected - activeCount;
    const note = missing > 0 ? `; ${missing} did not join in time` : '';
    this.#outbox.incident(missing > 0 ? 'warning' : 'info', 'started', `${activeCount} workers start${note}`);
    for (const { worker, profile } of this.#roster.active()) {
      this.#conductor.inform({
        type: 'joined',
        nowMs: this.elapsedMs,
        worker,
        profile: present(profile, 'profile of an active worker'),
      });
    }
  }

  #end(reason: EndReason, text: string): void {
    if (this.#phase === 'ended') return;
    this.#recordTraffic();
    this.#outbox.incident(reason === 'workers-lost' || reason === 'diverged' ? 'error' : 'info', 'stopped', text);
    for (const { worker } of this.#roster.active()) {
      this.#outbox.add({ type: 'send', worker, message: { kind: 'stop', reason: text } });
    }
    this.#outbox.add({ type: 'ended', reason, text });
    this.#phase = 'ended';
  }

  #progress(): Progress {
    const { model, update, data, control } = this.ledger.total();
    const bytes = model + update + data + control;
    return { version: this.#model.version, iterations: this.#iterations, samples: this.#samples, bytes };
  }

  #recordTraffic(): void {
    this.#lastTrafficMs = this.#nowMs;
    const counterfactual = counterfactualBytes(this.#iterations, this.#model.parameters.length);
    const traffic = this.ledger.total();
    this.#outbox.record({ type: 'traffic', traffic, iterations: this.#iterations, counterfactual });
  }
}
