/** A run as it would be told: who came and went, who got other work, what came of whose pushes. */
import type { RunRecord } from '../core/metrics.ts';

/** Incidents, allocations and ends as lines; pushes as counts between them. */
export class Transcript {
  readonly #lines: string[] = [];
  readonly #applied = new Map<string, number>();
  readonly #dropped = new Map<string, number>();

  add(record: RunRecord): void {
    switch (record.type) {
      case 'push': {
        const counts = record.outcome === 'applied' ? this.#applied : this.#dropped;
        counts.set(record.worker, (counts.get(record.worker) ?? 0) + 1);
        return;
      }
      case 'incident':
        this.#tell(record.atMs, record.worker, record.what, record.text);
        return;
      case 'allocation': {
        const { samples, batch } = record.assignment;
        if (record.reason === 'joined') return;
        this.#tell(record.atMs, record.worker, 'assigned', `${samples} rows by ${batch}: ${record.reason}`);
        return;
      }
      default:
    }
  }

  get lines(): string[] {
    return [...this.#lines, ...this.#summary()];
  }

  #tell(atMs: number, worker: string | undefined, what: string, text: string): void {
    const seconds = (atMs / 1000).toFixed(3).padStart(7);
    this.#lines.push(`${seconds} ${worker ?? '-'} ${what}: ${text}`);
  }

  *#summary(): Iterable<string> {
    const workers = [...new Set([...this.#applied.keys(), ...this.#dropped.keys()])].sort();
    for (const worker of workers) {
      const dropped = this.#dropped.get(worker);
      yield `${worker}: ${this.#applied.get(worker) ?? 0} applied${dropped === undefined ? '' : `, ${dropped} dropped`}`;
    }
  }
}
