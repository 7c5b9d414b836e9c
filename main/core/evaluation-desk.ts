/**
 * Which models are being judged, outside the server. The global model is judged at most once at a
 * time and at most every so often, and always the newest; the model that a push implies is judged
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

export class EvaluationDesk {
  readonly #everyMs: number;
  readonly #open = new Map<number, Ticket>();
  #nextId = 1;
  #modelTicket: Ticket | undefined;
  #lastModelMs = -Infinity;
  #judgedVersion = -1;
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
    if (!this.#isUrgent && (!isNews || nowMs < this.#lastModelMs + this.#everyMs)) return false;
    this.#isUrgent = false;
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
    return this.#lastModelMs + this.#everyMs;
  }

  close(id: number): Ticket | undefined {
    const ticket = this.#open.get(id);
    this.#open.delete(id);
    if (ticket === this.#modelTicket) this.#modelTicket = undefined;
    return ticket;
  }
}
