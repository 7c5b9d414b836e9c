/**
 * Carries a policy's word out: tells it what happened, records what it decided, and does it — to the
 * model, the push table, the roster and the workers.
 */
import { unreachable } from './assert.ts';
import type { RunConfig } from './config.ts';
import type { EvaluationDesk, Progress } from './evaluation-desk.ts';
import type { GlobalModel } from './global-model.ts';
import type { EndReason } from './metrics.ts';
import type { Outbox } from './outbox.ts';
import type { Assignment, Policy, PolicyCommand, PolicyEvent, PushId, WorkerId } from './policy/policy.ts';
import type { ServerMessage } from './protocol/messages.ts';
import type { PushTable } from './push-table.ts';
import type { Member, Roster } from './roster.ts';

/** What judgements may end the run by. */
type StopSettings = Pick<RunConfig['stop'], 'targetAccuracy' | 'giveUpAfter'>;

export class Conductor {
  readonly #policy: Policy;
  readonly #state: unknown;
  readonly #model: GlobalModel;
  readonly #pushes: PushTable;
  readonly #roster: Roster;
  readonly #desk: EvaluationDesk;
  readonly #outbox: Outbox;
  readonly #progress: () => Progress;
  readonly #stop: StopSettings;
  /** Releases that wait for the end of a pause, with the sequences that they answer. */
  readonly #heldReleases = new Map<WorkerId, { model: boolean; answers: number }>();
  #paused = false;
  /** Workers that would have been let go on, had they not been asked to go. */
  readonly #departing = new Set<Member>();

  /** When the policy asked to be woken, on the run's own time; Infinity for never. */
  wakeAtMs = Infinity;
  /** Set when the policy, the model itself or what it has reached calls for the end. */
  verdict: { reason: EndReason; text: string } | undefined;

  constructor(parts: {
    policy: Policy;
    state: unknown;
    model: GlobalModel;
    pushes: PushTable;
    roster: Roster;
    desk: EvaluationDesk;
    outbox: Outbox;
    progress: () => Progress;
    stop: StopSettings;
  }) {
    this.#policy = parts.policy;
    this.#state = parts.state;
    this.#model = parts.model;
    this.#pushes = parts.pushes;
    this.#roster = parts.roster;
    this.#desk = parts.desk;
    this.#outbox = parts.outbox;
    this.#progress = parts.progress;
    this.#stop = parts.stop;
  }

  inform(event: PolicyEvent): void {
    const commands = this.#policy.step(this.#state, event);
    this.#outbox.record({ type: 'decision', event, commands });
    const reordered = new Set<Member>();
    for (const command of commands) this.#perform(command, reordered);
    for (const member of reordered) {
      if (member.state !== 'active' || member.waits) continue; // a waiting worker's orders come with its release
      const message = { kind: 'orders' as const, orders: this.#roster.orders(member) };
      this.#outbox.add({ type: 'send', worker: member.worker, message });
    }
  }

  /** A judgement is back. One that nobody waits for any more, of an earlier process, is ignored. */
  judged({ ticket: id, loss, accuracy, rows }: { ticket: number; loss: number; accuracy: number; rows: number }): void {
    const ticket = this.#desk.close(id);
    if (ticket === undefined) return;
    const { subject, progress } = ticket;
    const { version } = progress;
    const isModel = subject === 'model';
    if (isModel) this.#outbox.record({ type: 'evaluation', split: 'validation', loss, accuracy, rows, ...progress });
    this.inform({ type: 'evaluated', nowMs: this.#outbox.elapsedMs, subject, version, loss, accuracy });
    if (!isModel) return;
    const { targetAccuracy: target, giveUpAfter } = this.#stop;
    if (target !== undefined && accuracy >= target) {
      const percent = (share: number): number => Number((100 * share).toFixed(2));
      this.#outbox.incident('info', 'target', `Validation accuracy ${percent(accuracy)} % at version ${version}`);
      this.verdict = { reason: 'target', text: `Validation accuracy reached the target of ${percent(target)} %` };
    } else if (this.#desk.judged(accuracy) >= (giveUpAfter ?? Infinity)) {
      this.verdict ??= { reason: 'no-progress', text: `${giveUpAfter} judgements in a row brought no better accuracy` };
    }
  }

  /** A copy, for checkpoints. */
  policyState(): unknown {
    return structuredClone(this.#state);
  }

  /**
   * Tells the policy that the workers of an earlier process are gone. What it commands is on record
   * and goes no further: their pushes went with that process.
   */
  dismiss(workers: readonly WorkerId[]): void {
    for (const worker of workers) {
      const event: PolicyEvent = { type: 'left', nowMs: this.#outbox.elapsedMs, worker };
      this.#outbox.record({ type: 'decision', event, commands: this.#policy.step(this.#state, event) });
    }
  }

  /** Holds whoever waits, and tells the others to stop after their iteration. */
  pause(): void {
    this.#paused = true;
    this.#tellActive({ kind: 'pause' });
  }

  /** `resume` comes before the answers: whoever stands still goes on by itself, the others when they are let go on. */
  resume(): void {
    this.#paused = false;
    this.#tellActive({ kind: 'resume' });
    for (const [worker, { model, answers }] of this.#heldReleases) {
      this.#release(this.#roster.get(worker), model, answers);
    }
    this.#heldReleases.clear();
  }

  /** A worker that can go now, if any; each is told once. */
  takeDeparting(): Member | undefined {
    for (const member of this.#departing) {
      this.#departing.delete(member);
      return member;
    }
    return undefined;
  }

  /** A worker that is asked to go: a release that it waits for is its moment. */
  wantGone(member: Member): void {
    const held = this.#heldReleases.get(member.worker);
    if (held === undefined || held.answers !== member.lastSequence) return;
    this.#heldReleases.delete(member.worker);
    this.#departing.add(member);
  }

  /** A lost worker takes its undecided pushes and its held release with it: nobody is left to answer. */
  forget(worker: WorkerId): void {
    this.#heldReleases.delete(worker);
    for (const { id } of this.#pushes.ofWorker(worker)) this.#drop(id, 'its worker was lost');
  }

  /** Whoever only lost its connection may come back to train. Where nobody like that is left, the run has diverged. */
  endsForWantOfNumbers(): boolean {
    if (!this.#roster.isRefusedByAll) return false;
    const text = 'Every worker was sent away because what it pushed was no finite number';
    this.verdict ??= { reason: 'diverged', text };
    return true;
  }

  #tellActive(message: ServerMessage): void {
    for (const { worker } of this.#roster.active()) this.#outbox.add({ type: 'send', worker, message });
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
        this.#release(member, command.model, member.lastSequence);
        return;
      }
      case 'collect':
        this.#roster.get(command.worker).isCollecting = true;
        this.#outbox.add({ type: 'send', worker: command.worker, message: { kind: 'collect' } });
        return;
      case 'assign': {
        const { worker, assignment, reason } = command;
        const member = this.#roster.get(worker);
        const isNews = changesWork(member.assignment, assignment);
        this.#roster.assign(member, assignment);
        if (isNews) this.#outbox.record({ type: 'allocation', worker, assignment, reason });
        reordered.add(member);
        return;
      }
      case 'evaluate':
        if (command.subject === 'model') this.#desk.wantModel();
        else this.#evaluatePush(command.subject);
        return;
      case 'wake':
        this.wakeAtMs = command.atMs;
        return;
      case 'stop':
        this.verdict ??= { reason: 'policy', text: command.reason };
        return;
      default:
        unreachable(command);
    }
  }

  #apply({ pushes, keep = 0 }: PolicyCommand & { type: 'apply' }): void {
    const before = this.#model.version;
    const taken = pushes.map(({ push, weight }) => ({ ...this.#pushes.take(push), weight }));
    this.#model.apply(taken, keep);
    const { version } = this.#model;
    for (const { worker, sequence, baseVersion, weight, bytes } of taken) {
      const about = { worker, sequence, baseVersion, version, staleness: before - baseVersion, weight, bytes };
      this.#outbox.record({ type: 'push', outcome: 'applied', ...about });
    }
    if (this.#model.isFinite) return;
    this.verdict ??= { reason: 'diverged', text: 'The model stopped being finite; try a smaller learning rate' };
  }

  #drop(id: PushId, reason: string): void {
    const { worker, sequence, baseVersion, bytes } = this.#pushes.take(id);
    const staleness = this.#model.version - baseVersion;
    const about = { worker, sequence, baseVersion, staleness, weight: 0, reason, bytes };
    this.#outbox.record({ type: 'push', outcome: 'dropped', ...about });
  }

  #release(member: Member, model: boolean, answers: number): void {
    if (member.state !== 'active') return;
    const { worker } = member;
    if (member.isLeaving) {
      // Decided and with nothing on its hands: the moment that it has waited for.
      if (answers === member.lastSequence) this.#departing.add(member);
      return;
    }
    if (this.#paused) {
      const held = this.#heldReleases.get(worker);
      this.#heldReleases.set(worker, { model: model || held?.model === true, answers });
      return;
    }
    member.answered = answers;
    // A message that came in while the release was held has not been answered by it.
    if (answers === member.lastSequence) {
      member.waits = false;
      member.isCollecting = false;
    }
    if (model) {
      this.#outbox.add({ type: 'send-model', worker });
      return;
    }
    const orders = this.#roster.orders(member);
    const message = { kind: 'release' as const, answers, orders };
    this.#outbox.add({ type: 'send', worker, message });
  }

  #evaluatePush(id: PushId): void {
    const ticket = this.#desk.open(id, this.#progress());
    const parameters = this.#model.implied(this.#pushes.get(id).vector);
    this.#outbox.add({ type: 'evaluate', ticket: ticket.id, parameters });
  }
}

/** A longer lease alone is no news for anyone who wants to know what a worker does. */
function changesWork(before: Assignment | undefined, { samples, batch, epochs, commitPeriodMs }: Assignment): boolean {
  return (
    before?.samples !== samples ||
    before.batch !== batch ||
    before.epochs !== epochs ||
    before.commitPeriodMs !== commitPeriodMs
  );
}
