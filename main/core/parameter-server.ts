/**
 * The parameter server as a machine: messages in; messages, work for the evaluator and records out.
 * It keeps the run's time and its limits; who takes part is the membership's, what workers send the intake's,
 * and the policy's word on pushes and releases is carried out by the conductor. It knows no socket and no clock:
 * every input carries `nowMs`, on any clock that does not run backwards.
 */
import type { Ledger } from './accounting.ts';
import { assert, present, unreachable } from './assert.ts';
import { ModelSender } from './compression/downlink.ts';
import { PushReceiver } from './compression/uplink.ts';
import { Conductor } from './conductor.ts';
import { EvaluationDesk } from './evaluation-desk.ts';
import { type GlobalModel, globalModelOf } from './global-model.ts';
import { Intake } from './intake.ts';
import { Membership } from './membership.ts';
import type { EndReason } from './metrics.ts';
import { Outbox } from './outbox.ts';
import type { Vector } from './parameters.ts';
import type { WorkerId } from './policy/policy.ts';
import type { OptionValues } from './policy/options.ts';
import { policySetup } from './policy/setup.ts';
import type { ServerMessage, WorkerMessage, WorkerPlan } from './protocol/messages.ts';
import { protocolError } from './protocol/shape.ts';
import { PushTable } from './push-table.ts';
import { Roster } from './roster.ts';
import { RunClock } from './run-clock.ts';
import { Tally } from './tally.ts';
import type { ServerInput, ServerOutput, ServerSettings, ServerSnapshot } from './server-io.ts';

export type { ServerInput, ServerOutput, ServerSettings, ServerSnapshot } from './server-io.ts';

export class ParameterServer {
  /** As workers get it: the settings', with the options as they are now. */
  #plan: WorkerPlan;
  readonly #outbox = new Outbox();
  readonly #model: GlobalModel;
  readonly #downlink: ModelSender;
  readonly #uplink: PushReceiver;
  readonly #roster: Roster;
  readonly #pushes: PushTable;
  readonly #desk: EvaluationDesk;
  readonly #conductor: Conductor;
  readonly #membership: Membership;
  readonly #intake: Intake;

  #phase: 'gathering' | 'running' | 'ended' = 'gathering';
  readonly #clock: RunClock;
  #nowMs = 0;
  readonly #tally: Tally;

  constructor(settings: ServerSettings, resumed?: ServerSnapshot) {
    const { plan, policy } = settings;
    this.#clock = new RunClock(settings.config, resumed?.state.elapsedMs ?? 0);
    this.#plan = { ...plan, options: resumed?.state.options ?? plan.options };
    this.#roster = new Roster(plan.trainRows, settings.workers);
    this.#desk = new EvaluationDesk(settings.config.evaluateEveryMs);
    this.#pushes = new PushTable(resumed?.state.nextPush);
    this.#model = globalModelOf(settings, resumed);
    this.#tally = new Tally(this.#model.parameters.length, resumed?.state);
    this.#downlink = new ModelSender(plan);
    this.#uplink = new PushReceiver(plan, (worker, number) => this.#downlink.sentTo(worker, number));
    const shared = { model: this.#model, pushes: this.#pushes, outbox: this.#outbox };
    this.#conductor = new Conductor({
      ...shared,
      policy,
      state: resumed ? structuredClone(resumed.state.policy) : policy.start(policySetup(plan, settings.batch)),
      roster: this.#roster,
      desk: this.#desk,
      progress: () => this.#tally.progress(this.#model.version),
      stop: settings.config.stop,
    });
    this.#membership = new Membership({
      roster: this.#roster,
      downlink: this.#downlink,
      uplink: this.#uplink,
      conductor: this.#conductor,
      clock: this.#clock,
      outbox: this.#outbox,
      lostGraceMs: settings.config.lostGraceMs,
      plan: () => this.#plan,
      nowMs: () => this.#nowMs,
      elapsedMs: () => this.elapsedMs,
    });
    this.#intake = new Intake({
      ...shared,
      carry: plan.carry,
      uplink: this.#uplink,
      conductor: this.#conductor,
      tally: this.#tally,
      sendAway: (...parts) => this.#membership.sendAway(...parts),
    });
    if (resumed) {
      this.#roster.restore(resumed.state.roster);
      this.ledger.restore(resumed.state.ledger);
      this.#outbox.elapsedMs = resumed.state.elapsedMs;
      this.#conductor.wakeAtMs = resumed.state.wakeAtMs ?? Infinity;
      this.#conductor.dismiss(resumed.state.active);
    }
  }

  /** Bytes by worker and category; the host writes into it. */
  get ledger(): Ledger {
    return this.#tally.ledger;
  }

  /** The policy's options as they are now. */
  get options(): OptionValues {
    return this.#plan.options;
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
    return Math.min(next, wakeMs, this.#desk.nextTurnMs(this.#model.version), this.#membership.nextMs);
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

  /** Whether a worker may be sent a block of rows. */
  mayHave(worker: WorkerId, block: number): boolean {
    return this.#roster.find(worker)?.lease.allows(block, this.#plan) === true;
  }

  snapshot(): ServerSnapshot {
    const { version, velocity, parameters } = this.#model;
    return {
      state: {
        version,
        elapsedMs: this.elapsedMs,
        iterations: this.#tally.iterations,
        samples: this.#tally.samples,
        nextPush: this.#pushes.nextId,
        policy: this.#conductor.policyState(),
        options: this.#plan.options,
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
        this.#membership.connect(input.worker, input.link);
        return;
      case 'message':
        this.#receive(input.worker, input.incarnation, input.message);
        return;
      case 'disconnected': {
        const member = this.#roster.find(input.worker);
        if (member?.incarnation === input.incarnation) this.#membership.lose(member, input.reason);
        return;
      }
      case 'evaluated':
        this.#conductor.judged(input);
        return;
      case 'woke':
        return; // whatever is due is done after every input
      case 'enlist':
        this.#roster.enlist(input.worker);
        this.#outbox.incident('info', 'added', 'Another worker is on its way', input.worker);
        return;
      case 'dismiss':
        this.#membership.dismiss(input.worker, input.text);
        return;
      case 'options':
        this.#retune(input.options);
        return;
      case 'pause':
        this.#clock.pause(this.#nowMs);
        this.#outbox.incident('info', 'paused', 'The run is paused: workers stop after their current iteration');
        this.#conductor.pause();
        return;
      case 'resume':
        this.#clock.resume(this.#nowMs);
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

  #receive(worker: WorkerId, incarnation: number, message: WorkerMessage): void {
    const member = this.#roster.find(worker);
    if (member === undefined || member.incarnation !== incarnation || member.state === 'absent') {
      this.#outbox.incident('warning', 'rejected', `A ${message.kind} from an ended connection was ignored`, worker);
      return;
    }
    switch (message.kind) {
      case 'ready':
        if (member.state !== 'connected') throw protocolError('a worker was ready twice');
        this.#membership.activate(member, message.profile);
        return;
      case 'push':
      case 'report':
      case 'flag':
        this.#intake.take(member, message);
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

  #retune(options: OptionValues): void {
    const before = this.#plan.options;
    const changed = Object.keys(options).filter((name) => options[name] !== before[name]);
    if (changed.length === 0) return;
    this.#plan = { ...this.#plan, options };
    const changes = changed.map((name) => `${name} is ${options[name]} instead of ${before[name]}`);
    this.#outbox.incident('info', 'options', changes.join(', '));
    this.#conductor.inform({ type: 'options', nowMs: this.elapsedMs, options });
    for (const { worker } of this.#roster.connected()) {
      this.#outbox.add({ type: 'send', worker, message: { kind: 'options', options } });
    }
  }

  /** What is due because of the time or of what has just happened, after every input. */
  #keepTime(): void {
    if (this.#phase === 'gathering') this.#startIfDue();
    if (this.#phase !== 'running') return;
    this.#membership.letGo();
    const { wakeAtMs } = this.#conductor;
    if (this.#nowMs >= this.#clock.hostMs(wakeAtMs)) {
      this.#conductor.wakeAtMs = Infinity;
      this.#conductor.inform({ type: 'woke', nowMs: Math.max(this.elapsedMs, wakeAtMs) });
    }
    const end = this.#conductor.verdict ?? this.#clock.limitReached(this.#nowMs, this.#tally, this.#roster);
    if (end) {
      this.#end(end.reason, end.text);
      return;
    }
    if (this.#desk.takeModelTurn(this.#nowMs, this.#model.version)) {
      const ticket = this.#desk.openModel(this.#tally.progress(this.#model.version));
      this.#outbox.add({ type: 'evaluate', ticket: ticket.id, parameters: this.#model.parameters });
    }
    this.#tally.recordTraffic(this.#nowMs, this.#outbox);
  }

  #startIfDue(): void {
    const expected = this.#roster.expected;
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
    this.#tally.recordTraffic(this.#nowMs, this.#outbox, true);
    this.#outbox.incident(reason === 'workers-lost' || reason === 'diverged' ? 'error' : 'info', 'stopped', text);
    for (const { worker } of this.#roster.active()) {
      this.#outbox.add({ type: 'send', worker, message: { kind: 'stop', reason: text } });
    }
    this.#outbox.add({ type: 'ended', reason, text });
    this.#phase = 'ended';
  }
}
