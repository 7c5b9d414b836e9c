/** Who takes part: workers, their incarnations, and what each was told and said last. */
import { assert, present } from './assert.ts';
import type { DeviceProfile } from './cost.ts';
import { ShardPlan } from './allocation/shards.ts';
import type { WorkerLink } from './metrics.ts';
import type { Assignment, WorkerId } from './policy/policy.ts';
import type { Orders } from './protocol/messages.ts';
import { RowLease } from './row-lease.ts';

export interface Member {
  readonly worker: WorkerId;
  /** Counts this worker's connections; messages of an older one are refused. 0 before the first. */
  incarnation: number;
  /** `absent`: no connection. `connected`: welcomed, not ready. `active`: takes part. */
  state: 'absent' | 'connected' | 'active';
  profile: DeviceProfile | undefined;
  assignment: Assignment | undefined;
  /** Sequence of the newest iteration message accepted in this incarnation. */
  lastSequence: number;
  /** Sequence that its newest release answered; a model sent for that release answers no more. */
  answered: number;
  /** True while the worker does nothing until it hears from the server. */
  waits: boolean;
  /** True from a `collect` to the next release: the worker may push although it waits. */
  isCollecting: boolean;
  /** Refused pushes in this incarnation. */
  rejections: number;
  /** While it is absent, whether it may come; told to go, or sent away for its refused pushes, it does not. */
  away: 'may-come' | 'dismissed' | 'refused';
  /** It has been asked to go, and goes instead of being let go on. */
  isLeaving: boolean;
  /** Rows that it may ask for in this incarnation, as far as it is given shards. */
  readonly lease: RowLease;
  link: WorkerLink | undefined;
  /** The worker's place in the shard plan. */
  readonly place: number;
}

/** A roster as plain JSON, for checkpoints. */
export type RosterSnapshot = { worker: WorkerId; incarnation: number; assignment: Assignment | null }[];

export class Roster {
  readonly #members = new Map<WorkerId, Member>();
  readonly #shards: ShardPlan;
  readonly #expected = new Set<WorkerId>();
  #active = 0;

  constructor(trainRows: number, workers: readonly WorkerId[]) {
    this.#shards = new ShardPlan(trainRows);
    for (const worker of workers) this.enlist(worker);
  }

  /** This worker is expected to come. */
  enlist(worker: WorkerId): void {
    this.#expected.add(worker);
    const member = this.#members.get(worker) ?? this.add(worker);
    member.away = 'may-come';
  }

  /** This worker is expected no longer. */
  strike(worker: WorkerId): Member | undefined {
    this.#expected.delete(worker);
    const member = this.#members.get(worker);
    if (member) member.away = 'dismissed';
    return member;
  }

  /** Workers that the start waits for. */
  get expected(): number {
    return this.#expected.size;
  }

  add(worker: WorkerId): Member {
    const member: Member = {
      worker,
      incarnation: 0,
      state: 'absent',
      profile: undefined,
      assignment: undefined,
      lastSequence: 0,
      answered: 0,
      waits: false,
      isCollecting: false,
      rejections: 0,
      away: 'may-come',
      isLeaving: false,
      lease: new RowLease(),
      link: undefined,
      place: this.#shards.addPlace(),
    };
    this.#members.set(worker, member);
    return member;
  }

  find(worker: WorkerId): Member | undefined {
    return this.#members.get(worker);
  }

  get(worker: WorkerId): Member {
    return present(this.#members.get(worker), `member ${worker}`);
  }

  get activeCount(): number {
    return this.#active;
  }

  /** Nobody is there or may come, and not all have gone because they were told to: what they pushed was refused. */
  get isRefusedByAll(): boolean {
    const members = [...this.#members.values()].filter(({ state, away }) => state !== 'absent' || away !== 'dismissed');
    return members.length > 0 && members.every(({ state, away }) => state === 'absent' && away === 'refused');
  }

  /** How many were sent away for their pushes, and have not come again. */
  get refused(): number {
    return [...this.#members.values()].filter(({ away }) => away === 'refused').length;
  }

  /** Active members, in the order of their names. */
  active(): Member[] {
    return [...this.#members.values()]
      .filter(({ state }) => state === 'active')
      .sort((left, right) => (left.worker < right.worker ? -1 : 1));
  }

  /** All that have a connection. */
  connected(): Member[] {
    return [...this.#members.values()].filter(({ state }) => state !== 'absent');
  }

  connect(member: Member): void {
    assert(member.state === 'absent', 'an older connection is ended before a new one begins');
    member.incarnation += 1;
    member.state = 'connected';
    member.lastSequence = 0;
    member.answered = 0;
    member.rejections = 0;
    member.away = 'may-come';
    member.waits = true;
    member.isCollecting = false;
    member.isLeaving = false;
    member.lease.clear();
  }

  activate(member: Member, profile: DeviceProfile): void {
    member.profile = profile;
    member.state = 'active';
    this.#active += 1;
    if (member.assignment) this.#shards.setWeight(member.place, member.assignment.samples);
  }

  /** The worker's rows go back to the others. */
  disconnect(member: Member): void {
    if (member.state === 'active') this.#active -= 1;
    member.state = 'absent';
    this.#shards.setWeight(member.place, 0);
  }

  assign(member: Member, assignment: Assignment): void {
    member.assignment = assignment;
    this.#shards.setWeight(member.place, assignment.samples);
  }

  /** To be sent: from now on the worker may ask for the rows of this shard. */
  orders(member: Member): Orders {
    const shard = this.#shards.shardOf(member.place);
    member.lease.add(shard);
    return { assignment: present(member.assignment, `assignment of ${member.worker}`), shard };
  }

  snapshot(): RosterSnapshot {
    return [...this.#members.values()].map(({ worker, incarnation, assignment }) => ({
      worker,
      incarnation,
      assignment: assignment ?? null,
    }));
  }

  restore(snapshot: RosterSnapshot): void {
    for (const { worker, incarnation, assignment } of snapshot) {
      const member = this.find(worker) ?? this.add(worker);
      member.incarnation = incarnation;
      member.assignment = assignment ?? undefined;
    }
  }
}
