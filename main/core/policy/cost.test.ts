/**
 * What an event costs a policy must not grow with the number of workers (a barrier's opening may, and
 * is spread over the round). Times are noisy where tests share a machine, so only a cost that grows
 * like the number itself, 100 times here, is far enough from the limit to be caught, and is.
 */
import { performance } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { prng, uniform } from '../prng.ts';
import { PROFILE } from '../testbed/device.ts';
import { resolveOptions } from './options.ts';
import type { Assignment, IterationSummary, Policy, PolicyCommand, PolicyEvent, WorkerId } from './policy.ts';
import { POLICIES } from './registry.ts';

const LIMIT = 15;

/** Everyone pushes (or flags, or mostly reports) in turn; evaluations and collects are answered at once. */
class Mill {
  readonly #policy: Policy;
  readonly #state: unknown;
  readonly #workers: WorkerId[];
  readonly #assignments = new Map<WorkerId, Assignment>();
  readonly #chance = prng(1, 'mill');
  #turn = 0;
  #push = 0;
  #version = 0;

  constructor(policy: Policy, size: number) {
    const options = resolveOptions(policy.name, policy.options, {});
    this.#policy = policy;
    this.#state = policy.start({ options, batch: 16, trainRows: 60_000, rowBytes: 785, random: prng(1) });
    this.#workers = Array.from({ length: size }, (_, index) => `worker-${index}`);
    for (const worker of this.#workers) this.#tell({ type: 'joined', nowMs: 0, worker, profile: PROFILE });
  }

  /** Milliseconds for so many events. */
  run(events: number): number {
    const start = performance.now();
    for (let event = 0; event < events; event++) this.#next();
    return performance.now() - start;
  }

  #next(): void {
    const worker = this.#workers[this.#turn++ % this.#workers.length] as WorkerId;
    const { samples, batch, epochs } = this.#assignments.get(worker) as Assignment;
    const iteration: IterationSummary = {
      clock: Math.ceil(this.#turn / this.#workers.length),
      steps: Math.ceil((samples * epochs) / batch),
      samples: samples * epochs,
      batch,
      loss: 1,
      gradientNormSquared: 1 + 0.01 * uniform(this.#chance),
      computeMs: 100 + 10 * uniform(this.#chance),
      waitMs: 0,
    };
    const nowMs = this.#turn;
    const { name } = this.#policy;
    if (name === 'selsync') this.#tell({ type: 'flagged', nowMs, worker, iteration });
    else if (name === 'hermes' && uniform(this.#chance) > 0.12)
      this.#tell({ type: 'reported', nowMs, worker, iteration });
    else this.#tell(this.#pushed(worker, iteration, nowMs));
  }

  #pushed(worker: WorkerId, iteration: IterationSummary, nowMs: number): PolicyEvent {
    return { type: 'pushed', nowMs, worker, push: ++this.#push, staleness: 0, waits: true, iteration };
  }

  #tell(event: PolicyEvent): void {
    const answers: PolicyEvent[] = [event];
    for (let next = answers.shift(); next; next = answers.shift()) {
      for (const command of this.#policy.step(this.#state, next)) this.#answer(command, next, answers);
    }
  }

  #answer(command: PolicyCommand, { nowMs }: PolicyEvent, answers: PolicyEvent[]): void {
    if (command.type === 'assign') this.#assignments.set(command.worker, command.assignment);
    if (command.type === 'apply') this.#version += 1;
    if (command.type === 'evaluate') {
      answers.push({
        type: 'evaluated',
        nowMs,
        subject: command.subject,
        version: this.#version,
        loss: 1,
        accuracy: 0,
      });
    }
    if (command.type === 'collect') {
      const iteration = { clock: 1, steps: 0, samples: 0, batch: 16, loss: 1, computeMs: 0, waitMs: 0 };
      answers.push(this.#pushed(command.worker, iteration, nowMs));
    }
  }
}

describe.each(POLICIES.map((policy) => ({ name: policy.name, policy })))('$name', ({ policy }) => {
  it(`costs an event of 10,000 workers less than ${LIMIT} times one of 100`, { retry: 2 }, () => {
    const few = new Mill(policy, 100);
    few.run(10_000); // compiled by now
    const many = new Mill(policy, 10_000);
    many.run(10_000);
    // The least of several rounds: what else the machine does can only make one longer.
    const least = (mill: Mill): number => Math.min(...Array.from({ length: 4 }, () => mill.run(10_000)));
    expect(least(many) / least(few)).toBeLessThan(LIMIT);
  });
});
