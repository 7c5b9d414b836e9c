/**
 * Pictures, built: by records as they come, or by ticks that somebody else made of records. Both ways
 * lead to the same picture.
 */
import type { RunRecord } from '../metrics.ts';
import type { WorkerId } from '../policy/policy.ts';
import { addAt, addSpan, mergeBuckets, noBuckets, widen, widthFor } from './buckets.ts';
import { mergeNewest, noneNewest, push } from './newest.ts';
import {
  type AllocationPoint,
  type GatePoint,
  MAX_DRAWN_WORKERS,
  MAX_EVENT_CHARACTERS,
  MAX_EVENTS,
  MAX_PRESENCE_CHANGES,
  MAX_RUN_POINTS,
  type Picture,
  RUN_COLUMNS,
  type RunSums,
  type Tick,
  WORKER_COLUMNS,
  type WorkerNow,
  type WorkerPicture,
} from './picture.ts';
import { type Room, roomFor } from './room.ts';
import { append, mergeThinned, noneThinned, thin } from './thinned.ts';

/** What the worker waited for before this iteration, told apart. */
export interface Waiting {
  heldMs: number;
}

export class PictureFold {
  readonly picture: Picture;
  readonly #workers = new Map<WorkerId, WorkerPicture>();
  readonly #undrawn = new Set<WorkerId>();
  /** A tick numbers its items on from what the whole picture has. */
  readonly #whole: PictureFold | undefined;
  #room: Room;
  /** Of every worker's buckets. */
  #widthUs: number;

  constructor({ picture, whole }: { picture?: Picture; whole?: PictureFold } = {}) {
    this.picture = picture ?? emptyPicture(whole?.picture);
    this.#whole = whole;
    for (const worker of this.picture.workers) this.#workers.set(worker.name, worker);
    this.#room = roomFor(this.#drawnWorkers);
    this.#widthUs = widthFor(this.picture.atUs, this.#room.buckets);
  }

  worker(name: WorkerId): WorkerPicture | undefined {
    return this.#workers.get(name);
  }

  /** Records in the order of their making. */
  add(record: RunRecord, { heldMs }: Waiting = { heldMs: 0 }): void {
    const { picture } = this;
    const atUs = micros(record.atMs);
    this.#advance(atUs);
    switch (record.type) {
      case 'worker': {
        const worker = this.#draw(record.worker);
        if (worker === undefined) return;
        Object.assign(worker.now, {
          state: 'waiting',
          incarnation: record.incarnation,
          profile: record.profile,
          link: record.link ?? null,
        });
        push(worker.presence, { atUs, here: true }, MAX_PRESENCE_CHANGES);
        return;
      }
      case 'iteration':
        this.#addIteration(record, atUs, heldMs);
        return;
      case 'push': {
        const isApplied = record.outcome === 'applied';
        if (isApplied) picture.versions = Math.max(picture.versions, record.version ?? 0);
        const values = isApplied ? { applied: 1, stalenessSum: record.staleness } : { dropped: 1 };
        addSums(picture.sums, values);
        const worker = this.#draw(record.worker);
        if (worker === undefined) return;
        addSums(worker.sums, values);
        addAt(worker.time, atUs, values);
        if (!isApplied) return;
        worker.now.staleness = record.staleness;
        worker.maxStaleness = Math.max(worker.maxStaleness, record.staleness);
        return;
      }
      case 'allocation': {
        const worker = this.#draw(record.worker);
        const { samples, batch } = record.assignment;
        const point: AllocationPoint = { atUs, samples, batch, reason: cut(record.reason) };
        if (worker !== undefined) append(worker.allocations, point, this.#room.allocations);
        return;
      }
      case 'evaluation': {
        const { version, split, iterations, samples, bytes } = record;
        const judged = { loss: finite(record.loss), accuracy: finite(record.accuracy) };
        append(picture.evaluations, { atUs, version, split, ...judged, iterations, samples, bytes }, MAX_RUN_POINTS);
        return;
      }
      case 'traffic': {
        const { iterations, counterfactual } = record;
        append(picture.traffic, { atUs, traffic: { ...record.traffic }, iterations, counterfactual }, MAX_RUN_POINTS);
        return;
      }
      case 'incident': {
        const { level, what, text } = record;
        push(picture.events, { atUs, level, what, worker: record.worker ?? null, text: cut(text) }, MAX_EVENTS);
        const worker = what === 'lost' && record.worker !== undefined ? this.#draw(record.worker) : undefined;
        if (worker === undefined) return;
        worker.now.state = 'lost';
        push(worker.presence, { atUs, here: false }, MAX_PRESENCE_CHANGES);
        return;
      }
      case 'decision':
        return;
    }
  }

  /** What a decision meant for a worker. */
  note(name: WorkerId, state: 'training' | 'waiting'): void {
    const worker = this.#draw(name);
    if (worker !== undefined) worker.now.state = state;
  }

  /** Adds a tick. The tick is used up: parts of it may be changed, or become parts of the picture. */
  merge(tick: Tick): void {
    const { picture } = this;
    picture.undrawnWorkers += tick.undrawnWorkers;
    for (const { name } of tick.workers) this.#draw(name);
    this.#advance(tick.atUs);
    picture.versions = Math.max(picture.versions, tick.versions);
    addSums(picture.sums, tick.sums);
    mergeBuckets(picture.time, tick.time);
    mergeThinned(picture.evaluations, tick.evaluations, MAX_RUN_POINTS);
    mergeThinned(picture.traffic, tick.traffic, MAX_RUN_POINTS);
    mergeNewest(picture.events, tick.events, MAX_EVENTS);
    for (const news of tick.workers) {
      const worker = this.#workers.get(news.name);
      if (worker !== undefined) mergeWorker(worker, news, this.#room);
    }
  }

  #addIteration(
    { worker: name, pushed, iteration }: Extract<RunRecord, { type: 'iteration' }>,
    atUs: number,
    heldMs: number,
  ): void {
    const { samples, loss, clock, steps, notes, pushReason: reason = null } = iteration;
    const isCounted = Number.isFinite(loss);
    const computeUs = micros(iteration.computeMs);
    const heldUs = micros(heldMs);
    const transferUs = Math.max(0, micros(iteration.waitMs) - heldUs);
    const counts = { samples, iterations: steps > 0 ? 1 : 0, pushes: pushed ? 1 : 0 };
    const losses = isCounted ? { lossMicro: Math.round(loss * 1e6) * samples, lossSamples: samples } : {};
    addAt(this.picture.time, atUs, { ...counts, ...losses });
    addSums(this.picture.sums, { ...counts, computeUs, heldUs, transferUs });
    const worker = this.#draw(name);
    if (worker === undefined) return;
    addSums(worker.sums, { ...counts, computeUs, heldUs, transferUs });
    addAt(worker.time, atUs, { ...counts, ...losses });
    // Its record comes when it ends: before, it computed; before that, its model was on the way; before that, it was held.
    let end = atUs;
    for (const [column, lastedUs] of [
      ['computeUs', computeUs],
      ['transferUs', transferUs],
      ['heldUs', heldUs],
    ] as const) {
      const start = Math.max(0, end - lastedUs);
      addSpan(worker.time, start, end, column);
      end = start;
    }
    worker.now.atUs = atUs;
    if (isCounted) worker.now.loss = loss + 0;
    const { z, threshold } = notes ?? {};
    if (z === undefined && threshold === undefined) return;
    const point: GatePoint = { atUs, clock, z: finite(z), threshold: finite(threshold), pushed, reason };
    append(worker.gate, point, this.#room.gate);
    if (pushed) append(worker.gatePushes, point, this.#room.gatePushes);
  }

  get #drawnWorkers(): number {
    return Math.max(this.picture.workers.length, this.#whole?.picture.workers.length ?? 0);
  }

  /** Its part of the picture, made at its first appearance; undefined for those beyond the drawn ones. */
  #draw(name: WorkerId): WorkerPicture | undefined {
    const known = this.#workers.get(name);
    if (known !== undefined) return known;
    const before = this.#whole?.worker(name);
    if (before === undefined && this.#drawnWorkers >= MAX_DRAWN_WORKERS) {
      if (!this.#undrawn.has(name) && this.#whole?.isUndrawn(name) !== true) this.picture.undrawnWorkers += 1;
      this.#undrawn.add(name);
      return undefined;
    }
    const worker = newWorker(name, before, this.#widthUs);
    this.picture.workers.push(worker);
    this.#workers.set(name, worker);
    this.#keepToRoom();
    return worker;
  }

  isUndrawn(name: WorkerId): boolean {
    return this.#undrawn.has(name);
  }

  #advance(atUs: number): void {
    const { picture } = this;
    if (atUs > picture.atUs) picture.atUs = atUs;
    widen(picture.time, widthFor(picture.atUs, MAX_RUN_POINTS, picture.time.widthUs));
    this.#keepToRoom();
  }

  #keepToRoom(): void {
    const room = roomFor(this.#drawnWorkers);
    if (room.buckets !== this.#room.buckets || room.gate !== this.#room.gate) {
      this.#room = room;
      for (const worker of this.picture.workers) {
        thin(worker.allocations, room.allocations);
        thin(worker.gate, room.gate);
        thin(worker.gatePushes, room.gatePushes);
      }
    }
    const widthUs = widthFor(this.picture.atUs, room.buckets, this.#widthUs);
    if (widthUs === this.#widthUs) return;
    this.#widthUs = widthUs;
    for (const worker of this.picture.workers) widen(worker.time, widthUs);
  }
}

/** @param whole What a tick starts from: its times and counts, with nothing that happened. */
export function emptyPicture(whole?: Picture): Picture {
  return {
    atUs: whole?.atUs ?? 0,
    versions: 0,
    sums: noSums(),
    time: noBuckets(RUN_COLUMNS, whole?.time.widthUs),
    evaluations: noneThinned(whole?.evaluations.count, whole?.evaluations.stride),
    traffic: noneThinned(whole?.traffic.count, whole?.traffic.stride),
    events: noneNewest(),
    workers: [],
    undrawnWorkers: 0,
  };
}

function newWorker(name: WorkerId, before: WorkerPicture | undefined, widthUs: number): WorkerPicture {
  return {
    name,
    now: { state: null, incarnation: null, loss: null, staleness: null, atUs: null, profile: null, link: null },
    sums: noSums(),
    maxStaleness: 0,
    time: noBuckets(WORKER_COLUMNS, before?.time.widthUs ?? widthUs),
    allocations: noneThinned(before?.allocations.count, before?.allocations.stride),
    gate: noneThinned(before?.gate.count, before?.gate.stride),
    gatePushes: noneThinned(before?.gatePushes.count, before?.gatePushes.stride),
    presence: noneNewest(),
  };
}

function mergeWorker(worker: WorkerPicture, news: WorkerPicture, room: Room): void {
  for (const key of Object.keys(news.now) as (keyof WorkerNow)[]) {
    if (news.now[key] !== null) Object.assign(worker.now, { [key]: news.now[key] });
  }
  addSums(worker.sums, news.sums);
  worker.maxStaleness = Math.max(worker.maxStaleness, news.maxStaleness);
  mergeBuckets(worker.time, news.time);
  mergeThinned(worker.allocations, news.allocations, room.allocations);
  mergeThinned(worker.gate, news.gate, room.gate);
  mergeThinned(worker.gatePushes, news.gatePushes, room.gatePushes);
  mergeNewest(worker.presence, news.presence, MAX_PRESENCE_CHANGES);
}

function noSums(): RunSums {
  return {
    samples: 0,
    iterations: 0,
    pushes: 0,
    applied: 0,
    dropped: 0,
    stalenessSum: 0,
    computeUs: 0,
    heldUs: 0,
    transferUs: 0,
  };
}

function addSums(sums: RunSums, values: Partial<RunSums>): void {
  for (const [key, value] of Object.entries(values) as [keyof RunSums, number][]) sums[key] += value;
}

function micros(ms: number): number {
  return Number.isFinite(ms) ? Math.round(ms * 1000) + 0 : 0;
}

/** As JSON has it: no infinity, no NaN, no −0. */
function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value + 0 : null;
}

function cut(text: string): string {
  return text.length <= MAX_EVENT_CHARACTERS ? text : `${text.slice(0, MAX_EVENT_CHARACTERS - 1)}…`;
}
