/**
 * What must hold in every run, whatever the schedule and the faults, checked from
 * outside: from the inputs that a server took and the outputs that it gave, never from its insides.
 */
import { assert } from '../assert.ts';
import type { PolicyCommand } from '../policy/policy.ts';
import { POLICIES } from '../policy/registry.ts';
import type { ServerInput, ServerOutput } from '../parameter-server.ts';
import type { RunRecord } from '../metrics.ts';
import { RunTotals } from '../totals.ts';
import type { Testbed } from '../testbed.ts';

type PushRecord = RunRecord & { type: 'push' };
type Decision = RunRecord & { type: 'decision' };

/** All that the policies there are drop a push of numbers for. None is its age, and none that it came too late for a round (A3, F2). */
const DROPPED_FOR = ['its worker was lost', 'its loss is not finite', 'its loss is not a number'];

interface Books {
  incarnation: number;
  active: boolean;
  /** The newest connection has ended. */
  over: boolean;
  /** The server sent it away because its pushes were refused, and it has not come back. */
  refused: boolean;
  /** Sequences that came in under this incarnation and have no outcome yet. */
  undecided: Set<number>;
}

export class Invariants {
  readonly #bed: Testbed;
  readonly #workers = new Map<string, Books>();
  readonly #decided = new Set<string>();
  #seen = 0;
  #version: number;
  #endings = 0;
  #hasDiverged = false;
  /** Bytes that crossed the wire after the snapshot that the server was restarted from. */
  #bytesLost = 0;
  /** The next exchange opens with the loss of the workers of an earlier process, which commands nothing. */
  #isDismissing = false;
  /** Pushes by what became of them (C7). */
  readonly counts = { received: 0, applied: 0, dropped: 0, rejected: 0 };
  readonly totals: RunTotals;

  constructor(bed: Testbed) {
    this.#bed = bed;
    this.#version = bed.server.version;
    this.#expect(bed.settings.workers);
    this.totals = new RunTotals({
      run: 'testbed',
      policy: bed.plan.policy,
      model: 'tiny',
      dataset: 'problem',
      seed: bed.plan.seed,
      virtual: true,
      parameters: bed.initial.length,
      targetAccuracy: undefined,
    });
  }

  get pending(): number {
    return [...this.#workers.values()].reduce((sum, { undecided }) => sum + undecided.size, 0);
  }

  /** Checks all that has happened since the last call. */
  check(): void {
    const { exchanges } = this.#bed;
    for (; this.#seen < exchanges.length; this.#seen++) {
      const exchange = exchanges[this.#seen];
      if (exchange) this.#exchange(exchange.input, exchange.outputs);
    }
    assert(this.#bed.server.version === this.#version, 'C3: the version is the number of applies');
    const { received, applied, dropped, rejected } = this.counts;
    assert(received === applied + dropped + rejected + this.pending, 'C7: every push that came in has one outcome');
    this.#bytes();
  }

  /** The server was restarted from a snapshot: what it had not decided is lost, with all connections. */
  restored(): void {
    const { server, settings, wireBytes } = this.#bed;
    this.counts.received -= this.pending;
    this.#workers.clear();
    this.#expect(settings.workers);
    this.#expect(server.snapshot().state.roster.map(({ worker }) => worker));
    this.#decided.clear();
    this.#seen = 0;
    this.#version = server.version;
    this.#isDismissing = true;
    const { model, update, data, control } = server.ledger.total();
    this.#bytesLost = wireBytes - (model + update + data + control);
  }

  #exchange(input: ServerInput, outputs: readonly ServerOutput[]): void {
    assert(this.#endings === 0 || outputs.length === 0, 'C9: nothing comes after the end');
    const isOver = 'incarnation' in input && this.#isOver(input.worker, input.incarnation);
    if (isOver) {
      const effects = untilWake(outputs).filter((output) => output.type !== 'record' || !isIncident(output.record));
      assert(effects.every(isTimekeeping), 'C4: nothing comes of an ended connection');
    } else if (input.type === 'message' && input.message.kind === 'push') {
      this.#received(input.worker, input.message.sequence);
    }
    if (input.type === 'disconnected' && input.incarnation === this.#books(input.worker).incarnation) {
      this.#books(input.worker).over = true;
    }
    for (const output of outputs) {
      assert(this.#endings === 0, 'C9: the end is the last output');
      this.#output(output);
    }
    this.#isDismissing = false;
    const books = [...this.#workers.values()];
    assert(
      this.#hasDiverged === books.every(({ refused }) => refused),
      'C9: a run has diverged when all who are there or may come were sent away for pushes that are no numbers',
    );
  }

  /** True for a connection whose end the server has seen. */
  #isOver(worker: string, incarnation: number): boolean {
    const books = this.#books(worker);
    return books.incarnation !== incarnation || books.over;
  }

  #received(worker: string, sequence: number): void {
    const books = this.#books(worker);
    if (this.#decided.has(`${worker}/${books.incarnation}/${sequence}`) || books.undecided.has(sequence)) return;
    books.undecided.add(sequence);
    this.counts.received += 1;
  }

  #output(output: ServerOutput): void {
    if (output.type === 'ended') this.#endings += 1;
    if (output.type === 'ended' && output.reason === 'diverged') this.#hasDiverged = true;
    if (output.type === 'close' && output.incarnation === this.#books(output.worker).incarnation) {
      this.#books(output.worker).refused = output.reason === 'too many refused pushes';
    }
    if (output.type === 'send' && output.message.kind === 'welcome') {
      const books = this.#books(output.worker);
      assert(output.message.incarnation > books.incarnation, 'C4: an incarnation is never used twice');
      assert(books.undecided.size === 0, 'C7: a lost worker leaves no push behind');
      books.incarnation = output.message.incarnation;
      books.over = false;
      books.refused = false;
    }
    if (output.type === 'record') this.#record(output.record);
  }

  #record(record: RunRecord): void {
    this.totals.add(record);
    switch (record.type) {
      case 'push':
        this.#outcome(record);
        return;
      case 'decision':
        this.#decision(record);
        return;
      case 'worker':
        this.#books(record.worker).active = true;
        return;
      case 'incident':
        if (record.what === 'lost' && record.worker !== undefined) {
          Object.assign(this.#books(record.worker), { active: false, over: true });
        }
        return;
      default:
    }
  }

  #outcome(record: PushRecord): void {
    const { worker, sequence, outcome, reason, baseVersion, staleness, version } = record;
    const books = this.#books(worker);
    const key = `${worker}/${books.incarnation}/${sequence}`;
    assert(!this.#decided.has(key), `C1: push ${key} has one outcome`);
    assert(books.undecided.delete(sequence), `C1: push ${key} came in before it was decided`);
    this.#decided.add(key);
    this.counts[outcome] += 1;
    if (outcome === 'dropped') {
      const isToy = POLICIES.every(({ name }) => name !== this.#bed.plan.policy);
      assert(isToy || DROPPED_FOR.includes(reason ?? ''), `A3, F2: no push is dropped because ${reason}`);
      return;
    }
    assert(
      version !== undefined && staleness === version - 1 - baseVersion,
      'A2: staleness counts versions since the pull',
    );
    if (this.#bed.plan.policy === 'bsp') assert(staleness === 0, 'B2: a BSP update is never stale');
  }

  #decision({ event, commands }: Decision): void {
    if (this.#isDismissing) return;
    const applies = commands.filter((command) => command.type === 'apply');
    this.#version += applies.length;
    if (event.type === 'rejected') {
      // The newest push of the worker is the one refused.
      const { undecided } = this.#books(event.worker);
      const newest = Math.max(...undecided);
      assert(undecided.delete(newest), 'C7: what is refused came in');
      this.#decided.add(`${event.worker}/${this.#books(event.worker).incarnation}/${newest}`);
      this.counts.rejected += 1;
    }
    if (event.type === 'pushed' && this.#bed.plan.policy === 'asp') {
      assert(releases(commands, event.worker), 'A1: an ASP push is answered at once');
    }
    if (this.#bed.plan.policy === 'bsp') this.#round(applies, commands);
  }

  /** B1, B3, B4: a barrier opens for everyone at once, on one update of each that took part. */
  #round(applies: readonly (PolicyCommand & { type: 'apply' })[], commands: readonly PolicyCommand[]): void {
    for (const { pushes } of applies) {
      const weight = pushes.reduce((sum, push) => sum + push.weight, 0);
      assert(Math.abs(weight - 1) < 1e-9, 'B3: weights of a round add up to 1');
      assert(new Set(pushes.map(({ push }) => push)).size === pushes.length, 'B3: nobody counts twice in a round');
      const released = new Set(commands.flatMap((command) => (command.type === 'release' ? [command.worker] : [])));
      const active = [...this.#workers].filter(([, books]) => books.active).map(([worker]) => worker);
      assert(
        active.every((worker) => released.has(worker)),
        'B4: a barrier lets everyone go on',
      );
    }
  }

  /** C6: the server's books hold what crossed the wire, worker by worker. */
  #bytes(): void {
    const { ledger } = this.#bed.server;
    const { model, update, data, control } = ledger.total();
    const ofWorkers = Object.values(ledger.snapshot()).reduce(
      (sum, traffic) => sum + traffic.model + traffic.update + traffic.data + traffic.control,
      0,
    );
    assert(model + update + data + control === ofWorkers, 'C6: the total is the sum over workers');
    assert(ofWorkers + this.#bytesLost === this.#bed.wireBytes, 'C6: the books hold every byte that crossed the wire');
  }

  /** Workers that may come, though nothing has been heard of them. */
  #expect(workers: readonly string[]): void {
    for (const worker of workers) this.#books(worker);
  }

  #books(worker: string): Books {
    let books = this.#workers.get(worker);
    if (books === undefined) {
      books = { incarnation: 0, active: false, over: true, refused: false, undecided: new Set() };
      this.#workers.set(worker, books);
    }
    return books;
  }
}

function releases(commands: readonly PolicyCommand[], worker: string): boolean {
  return commands.some((command) => command.type === 'release' && command.worker === worker);
}

function isIncident(record: RunRecord): boolean {
  return record.type === 'incident';
}

/** What comes before a policy is woken; what that leads to comes of the time, not of the input. */
function untilWake(outputs: readonly ServerOutput[]): readonly ServerOutput[] {
  const wake = outputs.findIndex(
    (output) => output.type === 'record' && output.record.type === 'decision' && output.record.event.type === 'woke',
  );
  return wake === -1 ? outputs : outputs.slice(0, wake);
}

/** What may come with any input because time has passed. */
function isTimekeeping(output: ServerOutput): boolean {
  return (
    output.type === 'evaluate' ||
    output.type === 'ended' ||
    (output.type === 'record' && output.record.type === 'traffic')
  );
}
