/**
 * A run in virtual time: the same server and worker machines as a real one, hosted by an event queue
 * instead of sockets and clocks. Everything that happens follows from the request, so the same request
 * gives the same bits on any host.
 */
import { assert, present } from '../core/assert.ts';
import type { Cluster, DeviceSpec } from '../core/cluster.ts';
import type { RunConfig } from '../core/config.ts';
import { CaduceusError } from '../core/errors.ts';
import type { RunRecord, RunResult } from '../core/metrics.ts';
import { modelLayout } from '../core/model.ts';
import type { Vector } from '../core/parameters.ts';
import type { Policy, WorkerId } from '../core/policy/policy.ts';
import type { WorkerPlan } from '../core/protocol/messages.ts';
import { endOfTested, type RunEnd } from '../core/run-end.ts';
import { RunTotals } from '../core/totals.ts';
import { Worker } from '../core/worker.ts';
import { checkersFor } from './checkers.ts';
import { Stall } from './checkers/stall.ts';
import { CostModel, effortOf, profileOf } from './cost-model.ts';
import { lateDevices, planFaults, planSchedule } from './faults.ts';
import type { Learning } from './learning.ts';
import { bowlLearning } from './noisy-bowl.ts';
import { rowSupply } from './row-supply.ts';
import { SharedPipe } from './shared-pipe.ts';
import { type DeviceSurroundings, SimulatedDevice } from './simulated-device.ts';
import { SimulatedServer } from './simulated-server.ts';
import { Timeline } from './timeline.ts';
import { timingOnly, trueSizes } from './timing-only.ts';
import { Trace } from './trace.ts';
import { SimulationFailure } from './violation.ts';
import type { Watcher } from './watch.ts';

export interface SimulationRequest {
  /** Names the run in its result. */
  run?: string;
  config: Pick<
    RunConfig,
    'batch' | 'stop' | 'evaluateEveryMs' | 'joinGraceMs' | 'lostGraceMs' | 'validationRows' | 'dataset'
  >;
  cluster: Cluster;
  policy: Policy;
  /** As for real workers; its seed decides everything that is left to chance. */
  plan: WorkerPlan;
  /** True gradients, or no tensors at all: sizes and times of the plan's model, losses of a noisy bowl. */
  learning: Learning | 'timing-only';
  /** Called in order. */
  onRecord?(record: RunRecord, totals: RunTotals): void;
  /** Onlookers besides the checkers. */
  watchers?: readonly Watcher[];
  /** Leaves the checkers out, to measure what they cost. */
  unchecked?: boolean;
}

export interface SimulationResult {
  result: RunResult;
  end: RunEnd;
  /** The final model; four stand-in values when timing only. */
  parameters: Vector;
  version: number;
  /** Fingerprint of all that happened; see `Trace`. */
  fingerprint: string;
  /** Things that happened. */
  events: number;
  /** Bytes carried more than once because of losses and partitions; not in the result's bytes. */
  resentBytes: number;
}

export class Simulation {
  readonly totals: RunTotals;
  readonly #request: SimulationRequest;
  readonly #learning: Learning;
  readonly #timeline = new Timeline();
  readonly #trace = new Trace();
  readonly #watchers: readonly Watcher[];
  readonly #server: SimulatedServer;
  readonly #devices = new Map<string, SimulatedDevice>();
  readonly #clones: SimulatedDevice[] = [];
  #result: SimulationResult | undefined;

  constructor(request: SimulationRequest) {
    const { config, cluster, policy, plan, learning, run = 'simulation' } = request;
    this.#request = request;
    const stand = learning === 'timing-only' ? timingOnly(plan) : trueSizes(plan);
    this.#learning = learning === 'timing-only' ? bowlLearning(plan.seed, config.validationRows) : learning;
    const rows = rowSupply(stand.plan);
    const late = lateDevices(cluster);
    const workers = cluster.devices.map(({ name }) => name).filter((name) => !late.has(name));
    this.totals = new RunTotals({
      run,
      policy: policy.name,
      model: plan.model.name,
      dataset: config.dataset.name,
      seed: plan.seed,
      virtual: true,
      parameters: modelLayout(plan.model).size,
      targetAccuracy: config.stop.targetAccuracy,
    });
    this.#watchers = [this.#trace, ...(request.unchecked ? [] : this.#checkers(workers)), ...(request.watchers ?? [])];
    this.#server = new SimulatedServer({
      server: { policy, plan: stand.plan, workers, batch: config.batch, initial: this.#learning.initial, config },
      timeline: this.#timeline,
      wire: stand.wire,
      rows,
      judge: this.#learning.judge.validation,
      judgeMs: cluster.server.judgeMs ?? 0,
      watchers: this.#watchers,
      onRecord: (record) => {
        const stated = stand.stated(record);
        this.totals.add(stated);
        request.onRecord?.(stated, this.totals);
      },
    });
    const effort = effortOf(plan.model, cluster.reference);
    const costs = new Map<string, CostModel>();
    const costOf = (spec: DeviceSpec): CostModel => {
      const cost = costs.get(spec.name) ?? new CostModel(spec, cluster.reference, effort);
      costs.set(spec.name, cost);
      return cost;
    };
    const around: DeviceSurroundings = {
      timeline: this.#timeline,
      server: this.#server,
      serverPipes: {
        up: new SharedPipe(this.#timeline, cluster.server.upBitsPerSecond ?? Infinity),
        down: new SharedPipe(this.#timeline, cluster.server.downBitsPerSecond ?? Infinity),
      },
      wire: stand.wire,
      rows,
      plan: stand.plan,
      rowsOnDevices: cluster.rows === 'on-devices',
      newMachine: (spec) => new Worker(spec.name, profileOf(spec, costOf(spec), config.batch), () => policy),
      newTrainer: (spec) => this.#learning.trainerFor(spec.name),
    };
    const device = (name: string): SimulatedDevice => present(this.#devices.get(name), `device ${name}`);
    for (const spec of cluster.devices) {
      this.#devices.set(spec.name, new SimulatedDevice(spec, costOf(spec), around));
    }
    this.#timeline.at(0, () => {
      this.#server.start();
      for (const worker of workers) device(worker).start();
    });
    planSchedule(cluster, { timeline: this.#timeline, device });
    planFaults(cluster, {
      timeline: this.#timeline,
      device,
      cloneOf: (name) => {
        const { spec } = device(name);
        const clone = new SimulatedDevice(spec, costOf(spec), around, this.#clones.length + 1);
        this.#clones.push(clone);
        return clone;
      },
    });
  }

  get nowMs(): number {
    return this.#timeline.nowMs;
  }

  /**
   * Lets up to `events` things happen; true once the run has ended. A host that must stay responsive
   * asks for some thousands at a time.
   * @throws SimulationFailure when an invariant or an assertion is broken.
   */
  advance(events = Infinity): boolean {
    for (let count = 0; count < events && this.#server.end === undefined; count++) {
      try {
        const happened = this.#timeline.advance();
        assert(happened, 'L2: something is still to happen until the run ends');
      } catch (error) {
        // The world's failures (no engine, no data) are not the simulation's.
        if (error instanceof CaduceusError && error.code !== 'CAD-PROTOCOL') throw error;
        throw new SimulationFailure(this.#request.plan.seed, this.#timeline.happened, this.#timeline.nowMs, error);
      }
    }
    return this.#server.end !== undefined;
  }

  /** Ends the run at the present moment. */
  finish(): void {
    this.#server.stop('user', 'Finished by its user');
  }

  /** Of a run that has ended. */
  result(): SimulationResult {
    this.#result ??= this.#finish();
    return this.#result;
  }

  #finish(): SimulationResult {
    const { end, machine } = this.#server;
    assert(end !== undefined, 'a run has a result when it has ended');
    const { parameters, version } = machine;
    for (const watcher of this.#watchers) watcher.finished?.(machine);
    const tested = end.reason === 'diverged' ? undefined : this.#learning.judge.test(parameters);
    const settled = tested ? endOfTested(end, tested.loss) : end;
    // What a diverged model would score is not known; NaN becomes null in JSON.
    const test = tested && settled.reason !== 'diverged' ? tested : { accuracy: NaN, loss: NaN };
    return {
      result: this.totals.result(settled.reason, test, machine.ledger.snapshot()),
      end: settled,
      parameters,
      version,
      fingerprint: this.#trace.fingerprint,
      events: this.#timeline.happened,
      resentBytes: Math.round(this.#allDevices().reduce((sum, device) => sum + device.resentBytes, 0)),
    };
  }

  #checkers(workers: readonly WorkerId[]): Watcher[] {
    const { cluster, policy, plan } = this.#request;
    const stall = new Stall({
      isBusy: () => this.#allDevices().some(({ isBusy }) => isBusy),
      isHeldUp: () => this.#allDevices().every(({ isHeldUp }) => isHeldUp),
    });
    const devices = cluster.devices.length + cluster.faults.length;
    const pending = (): number => this.#timeline.pending;
    return [...checkersFor({ policy, plan, workers, devices, pending }), stall];
  }

  #allDevices(): SimulatedDevice[] {
    return [...this.#devices.values(), ...this.#clones];
  }
}

/** A whole run at once. @throws SimulationFailure */
export function simulate(request: SimulationRequest): SimulationResult {
  const simulation = new Simulation(request);
  simulation.advance();
  return simulation.result();
}
