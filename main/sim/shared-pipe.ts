/**
 * The server's wire, one direction: all connections that have something on it share it equally, as TCP
 * flows over one bottleneck do.
 *
 * Rule: processor sharing. With n flows each is served at rate R / n. Service is measured in bytes that
 *   every flow has got since the wire was last idle, so a flow of b bytes that comes at service v is
 *   through at v + b, whoever comes and goes meanwhile: O(log n) for each.
 * Limits: a flow that its own link slows down still counts as one of n.
 */
import { EventQueue, type Scheduled } from './event-queue.ts';
import type { Appointment, Timeline } from './timeline.ts';

export type Flow = Scheduled<() => void>;

export class SharedPipe {
  readonly #timeline: Timeline;
  readonly #bytesPerMs: number;
  /** Flows by the service at which they are through. */
  readonly #flows = new EventQueue<() => void>();
  #service = 0;
  #servedUntilMs = 0;
  #next: Appointment | undefined;

  /** Infinity for a wire that takes no time. */
  constructor(timeline: Timeline, bitsPerSecond: number) {
    this.#timeline = timeline;
    this.#bytesPerMs = bitsPerSecond / 8000;
  }

  get isUnlimited(): boolean {
    return this.#bytesPerMs === Infinity;
  }

  /** `through` is called when the last byte has passed. */
  enter(bytes: number, through: () => void): Flow {
    this.#serve();
    const flow = this.#flows.schedule(this.#service + bytes, through);
    this.#appoint();
    return flow;
  }

  leave(flow: Flow): void {
    this.#serve();
    this.#flows.cancel(flow);
    this.#appoint();
  }

  #serve(): void {
    const { nowMs } = this.#timeline;
    if (this.#flows.size === 0) this.#service = 0;
    else this.#service += ((nowMs - this.#servedUntilMs) * this.#bytesPerMs) / this.#flows.size;
    this.#servedUntilMs = nowMs;
  }

  #appoint(): void {
    this.#timeline.cancel(this.#next);
    const first = this.#flows.firstMs;
    if (first === undefined) return;
    const leftMs = (Math.max(0, first - this.#service) * this.#flows.size) / this.#bytesPerMs;
    this.#next = this.#timeline.after(leftMs, () => this.#finish(first));
  }

  /** The flow that is through at `service`, and all that are by now. */
  #finish(service: number): void {
    this.#serve();
    this.#service = Math.max(this.#service, service);
    const through: (() => void)[] = [];
    while ((this.#flows.firstMs ?? Infinity) <= this.#service) {
      const next = this.#flows.next();
      if (next) through.push(next.item);
    }
    this.#appoint();
    for (const action of through) action();
  }
}
