/**
 * Which models are being judged, outside the server. The global model is judged at most once at a
 * time, at most every so often and at most a hundred times in any doubling or so of the run's length
 * (a longer run needs no finer answer), and always the newest; the model that a push implies is judged
 * when a policy asks, and a worker waits for it, so there are never more of these than workers.
 */
import type { EvaluationSubject } from './policy/policy.ts';

/** What had been spent when the judged model was current. */
export interface Progress {
  version: number;
  iterations: number;
  samples: number;
  bytes: number;
}

export interface Ticket {
  id: number;
  subject: EvaluationSubject;
  progress: Progress;
}

/** Judgements of the global model come no closer than this share of the time since the first. */
const RESOLUTION = 0.01;

export class EvaluationDesk {
  readonly #everyMs: number;
  readonly #open = new Map<number, Ticket>();
  #nextId = 1;
  #modelTicket: Ticket | undefined;
  #firstModelMs: number | undefined;
  #lastModelMs = -Infinity;
  #judgedVersion = -1;
  #bestAccuracy = -Infinity;
  #sinceBest = 0;
  /** A policy waits for the verdict on the newest version. */
  #isUrgent = false;

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  open(subject: EvaluationSubject, progress: Progress): Ticket {
    const ticket = { id: this.#nextId++, subject, progress };
    this.#open.set(ticket.id, ticket);
    return ticket;
  }

  wantModel(): void {
    this.#isUrgent = true;
  }

  /** True when the global model should be judged now; the caller then opens a ticket for it. */
  takeModelTurn(nowMs: number, version: number): boolean {
    if (this.#modelTicket !== undefined) return false;
    const isNews = version !== this.#judgedVersion;
    if (!this.#isUrgent && (!isNews || nowMs < this.#nextModelMs())) return false;
    this.#isUrgent = false;
    this.#firstModelMs ??= nowMs;
    this.#lastModelMs = nowMs;
    this.#judgedVersion = version;
    return true;
  }

  openModel(progress: Progress): Ticket {
    this.#modelTicket = this.open('model', progress);
    return this.#modelTicket;
  }

  /** When a changed model may next be judged; Infinity when nothing is due. */
  nextTurnMs(version: number): number {
    if (this.#modelTicket !== undefined || version === this.#judgedVersion) return Infinity;
    return this.#nextModelMs();
  }

  close(id: number): Ticket | undefined {
    const ticket = this.#open.get(id);
    this.#open.delete(id);
    if (ticket === this.#modelTicket) this.#modelTicket = undefined;
    return ticket;
  }

  /** Takes a verdict on the global model; returns how many in a row have brought no better accuracy. */
  judged(accuracy: number): number {
    this.#sinceBest = accuracy > this.#bestAccuracy ? 0 : this.#sinceBest + 1;
    this.#bestAccuracy = Math.max(this.#bestAccuracy, Number.isNaN(accuracy) ? -Infinity : accuracy);
    return this.#sinceBest;
  }

  #nextModelMs(): number {
    if (this.#firstModelMs === undefined) return -Infinity;
    const runMs = this.#lastModelMs - this.#firstModelMs;
    return this.#lastModelMs + Math.max(this.#everyMs, runMs * RESOLUTION);
  }
}
