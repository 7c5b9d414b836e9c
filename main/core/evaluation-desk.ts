/**
 * Which models are being judged, outside the server. The global model is judged at most once at a
 * time and at most every so often, and always the newest; the model that a push implies is judged
 * when a policy asks, and a worker waits for it, so there are never more of these than workers.
 */
import type { EvaluationSubject } from './policy/policy.ts';

export interface Ticket {
  id: number;
  subject: EvaluationSubject;
  /** Global version when the judging began. */
  version: number;
  iterations: number;
  samples: number;
  bytes: number;
}

export class EvaluationDesk {
  readonly #everyMs: number;
  readonly #open = new Map<number, Ticket>();
  #nextId = 1;
  #modelTicket: Ticket | undefined;
  #lastModelMs = -Infinity;
  #judgedVersion = -1;
  /** A policy waits for the verdict on the newest version. */
  #urgent = false;

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  open(subject: EvaluationSubject, progress: Omit<Ticket, 'id' | 'subject'>): Ticket {
    const ticket = { id: this.#nextId++, subject, ...progress };
    this.#open.set(ticket.id, ticket);
    return ticket;
  }

  wantModel(): void {
    this.#urgent = true;
  }

  /** True when the global model should be judged now; the caller then opens a ticket for it. */
  takeModelTurn(nowMs: number, version: number): boolean {
    if (this.#modelTicket !== undefined) return false;
    const isNews = version !== this.#judgedVersion;
    if (!this.#urgent && (!isNews || nowMs < this.#lastModelMs + this.#everyMs)) return false;
    this.#urgent = false;
    this.#lastModelMs = nowMs;
    this.#judgedVersion = version;
    return true;
  }

  openModel(progress: Omit<Ticket, 'id' | 'subject'>): Ticket {
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
