/**
 * Where the server machine puts what it wants done, in order: outputs for its host, and records of
 * what happened, stamped with the run's own time.
 */
import type { IncidentKind, RunRecord } from './metrics.ts';
import type { WorkerId } from './policy/policy.ts';
import type { ServerOutput } from './server-io.ts';

type WithoutTime<Record> = Record extends unknown ? Omit<Record, 'atMs'> : never;

export class Outbox {
  /** Milliseconds of training so far; set before every input. */
  elapsedMs = 0;
  #outputs: ServerOutput[] = [];

  add(output: ServerOutput): void {
    this.#outputs.push(output);
  }

  record(record: WithoutTime<RunRecord>): void {
    this.#outputs.push({ type: 'record', record: { ...record, atMs: this.elapsedMs } });
  }

  incident(level: 'info' | 'warning' | 'error', what: IncidentKind, text: string, worker?: WorkerId): void {
    this.record({ type: 'incident', level, what, text, ...(worker !== undefined && { worker }) });
  }

  drain(): ServerOutput[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }
}
