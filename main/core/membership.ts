/** Who comes and goes: workers that connect, take part, are asked to go, are lost or sent away, and all that must hear of it. */
import { present } from './assert.ts';
import type { ModelSender } from './compression/downlink.ts';
import type { PushReceiver } from './compression/uplink.ts';
import type { Conductor } from './conductor.ts';
import type { DeviceProfile } from './cost.ts';
import { Departures } from './departures.ts';
import type { WorkerLink } from './metrics.ts';
import type { Outbox } from './outbox.ts';
import type { WorkerId } from './policy/policy.ts';
import type { WorkerPlan } from './protocol/messages.ts';
import type { Member, Roster } from './roster.ts';
import type { RunClock } from './run-clock.ts';

interface MembershipParts {
  roster: Roster;
  downlink: ModelSender;
  uplink: PushReceiver;
  conductor: Conductor;
  clock: RunClock;
  outbox: Outbox;
  lostGraceMs: number;
  /** As workers get it now. */
  plan(): WorkerPlan;
  /** On the host's clock. */
  nowMs(): number;
  /** On the run's. */
  elapsedMs(): number;
}

export class Membership {
  readonly #parts: MembershipParts;
  readonly #departures = new Departures();

  constructor(parts: MembershipParts) {
    this.#parts = parts;
  }

  /** When somebody who was asked to go must, on the host's clock; Infinity for nobody. */
  get nextMs(): number {
    return this.#departures.nextMs;
  }

  connect(worker: WorkerId, link?: WorkerLink): void {
    const { roster, outbox, plan } = this.#parts;
    const member = roster.find(worker) ?? roster.add(worker);
    if (member.state !== 'absent') {
      this.sendAway(member, 'the same worker connected again', 'replaced by a newer connection');
    }
    roster.connect(member);
    member.link = link;
    this.#forgetStreams(worker);
    const { incarnation } = member;
    outbox.add({ type: 'send', worker, message: { kind: 'welcome', incarnation, plan: plan() } });
  }

  activate(member: Member, profile: DeviceProfile): void {
    const { roster, outbox, clock, conductor, elapsedMs } = this.#parts;
    const { worker, incarnation, link } = member;
    roster.activate(member, profile);
    outbox.record({ type: 'worker', worker, incarnation, profile, ...(link && { link }) });
    const text = `${profile.engine}${profile.throttle ? `, ${profile.throttle}` : ''}`;
    outbox.incident('info', incarnation > 1 ? 'rejoined' : 'joined', text, worker);
    if (!clock.hasStarted) return;
    if (clock.populated()) outbox.incident('info', 'resumed', 'A worker is back: the run goes on');
    conductor.inform({ type: 'joined', nowMs: elapsedMs(), worker, profile });
  }

  /** Asked to go: at once if it takes no part yet, else as soon as it would be let go on. */
  dismiss(worker: WorkerId, text: string): void {
    const { roster, clock, conductor, nowMs } = this.#parts;
    const member = roster.strike(worker);
    if (member === undefined || member.isLeaving) return;
    this.#departures.ask(worker, nowMs(), text);
    if (member.state !== 'active' || !clock.hasStarted) {
      this.#depart(member);
      return;
    }
    member.isLeaving = true;
    conductor.wantGone(member);
  }

  /** Whoever was asked to go and can, or must. What leaves one can let another go. */
  letGo(): void {
    const { roster, conductor, nowMs } = this.#parts;
    for (;;) {
      const overdue = this.#departures.overdue(nowMs());
      const next = conductor.takeDeparting() ?? (overdue === undefined ? undefined : roster.get(overdue));
      if (next === undefined) return;
      if (next.isLeaving) this.#depart(next);
    }
  }

  /** `reason`: of a loss; without, the worker has left. */
  lose(member: Member, reason?: string): void {
    const { roster, outbox, clock, conductor, lostGraceMs, nowMs, elapsedMs } = this.#parts;
    const { worker, state } = member;
    this.#departures.forget(worker);
    roster.disconnect(member);
    this.#forgetStreams(worker);
    if (state !== 'active') return;
    if (reason !== undefined) outbox.incident('warning', 'lost', reason, worker);
    if (!clock.hasStarted) return;
    conductor.inform({ type: 'left', nowMs: elapsedMs(), worker });
    conductor.forget(worker);
    if (roster.activeCount > 0 || conductor.endsForWantOfNumbers()) return;
    clock.empty(nowMs());
    const seconds = Math.round(lostGraceMs / 1000);
    outbox.incident('error', 'paused', `No worker is left; the run waits ${seconds} s for one to come back`);
  }

  sendAway(member: Member, toWorker: string, onRecord: string): void {
    const { worker, incarnation } = member;
    this.#parts.outbox.add({ type: 'close', worker, incarnation, reason: toWorker });
    this.lose(member, onRecord);
  }

  /** Its rows go to the others; what it has not pushed goes with it. */
  #depart(member: Member): void {
    const { outbox } = this.#parts;
    const { worker } = member;
    const { text } = present(this.#departures.forget(worker), 'departure');
    if (member.state !== 'absent') outbox.add({ type: 'send', worker, message: { kind: 'stop', reason: text } });
    outbox.incident('info', 'left', text, worker);
    this.lose(member);
  }

  /** What a connection has sent and got says nothing of the next. */
  #forgetStreams(worker: WorkerId): void {
    this.#parts.downlink.forget(worker);
    this.#parts.uplink.forget(worker);
  }
}
