/** How far a run has come: iterations, rows and bytes, and when to put that on record. */
import { counterfactualBytes, Ledger } from './accounting.ts';
import type { Progress } from './evaluation-desk.ts';
import type { Outbox } from './outbox.ts';
import type { IterationSummary } from './policy/policy.ts';

const TRAFFIC_EVERY_MS = 1000;

export class Tally {
  readonly ledger = new Ledger();
  readonly #parameters: number;
  #iterations: number;
  #samples: number;
  #lastTrafficMs = -Infinity;

  /** `before`: what earlier processes of a resumed run have done. */
  constructor(parameters: number, before: { iterations: number; samples: number } = { iterations: 0, samples: 0 }) {
    this.#parameters = parameters;
    this.#iterations = before.iterations;
    this.#samples = before.samples;
  }

  get iterations(): number {
    return this.#iterations;
  }

  get samples(): number {
    return this.#samples;
  }

  /** A collected push repeats the summary of an iteration that was counted when it was reported: it has no steps. */
  count({ steps, samples }: IterationSummary): void {
    if (steps > 0) this.#iterations += 1;
    this.#samples += samples;
  }

  progress(version: number): Progress {
    const { model, update, data, control } = this.ledger.total();
    const bytes = model + update + data + control;
    return { version, iterations: this.#iterations, samples: this.#samples, bytes };
  }

  /** At most one record a second, unless asked for `now`. */
  recordTraffic(nowMs: number, outbox: Outbox, now = false): void {
    if (!now && nowMs < this.#lastTrafficMs + TRAFFIC_EVERY_MS) return;
    this.#lastTrafficMs = nowMs;
    const counterfactual = counterfactualBytes(this.#iterations, this.#parameters);
    const traffic = this.ledger.total();
    outbox.record({ type: 'traffic', traffic, iterations: this.#iterations, counterfactual });
  }
}
