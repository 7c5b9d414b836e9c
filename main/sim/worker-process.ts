/**
 * One process of a worker: the machine that real workers run, its training and its own clock. It ends
 * with the process; what outlives it (the processor, the link) belongs to the device.
 */
import type { DeviceSpec } from '../core/cluster.ts';
import { unreachable } from '../core/assert.ts';
import type { PrngState } from '../core/prng.ts';
import type { ServerMessage, WorkerMessage } from '../core/protocol/messages.ts';
import type { Work, Worker, WorkerInput, WorkerOutput } from '../core/worker.ts';
import { type CostModel, drawn } from './cost-model.ts';
import type { LocalTrainer } from './learning.ts';
import type { Processor } from './processor.ts';
import type { Timeline } from './timeline.ts';

export interface ProcessSurroundings {
  timeline: Timeline;
  /** The worker machine of a process that starts. */
  newMachine(spec: DeviceSpec): Worker;
  newTrainer(spec: DeviceSpec): LocalTrainer;
}

/** What the process runs on. */
export interface Hardware {
  spec: DeviceSpec;
  cost: CostModel;
  processor: Processor;
  chance: PrngState;
}

export interface ProcessHost {
  send(message: WorkerMessage): void;
  /** The server has said that all is over. */
  stopped(): void;
}

export class WorkerProcess {
  readonly #hardware: Hardware;
  readonly #timeline: Timeline;
  readonly #machine: Worker;
  readonly #trainer: LocalTrainer;
  readonly #host: ProcessHost;
  readonly #startedMs: number;
  /** What is performed now follows from its own last iteration, not from a message. */
  #goesOn = false;

  constructor(hardware: Hardware, around: ProcessSurroundings, host: ProcessHost) {
    this.#hardware = hardware;
    this.#timeline = around.timeline;
    this.#machine = around.newMachine(hardware.spec);
    this.#trainer = around.newTrainer(hardware.spec);
    this.#host = host;
    this.#startedMs = around.timeline.nowMs;
  }

  receive(message: ServerMessage): void {
    this.#give({ type: 'message', nowMs: this.#nowMs, message });
  }

  disconnected(): void {
    this.#hardware.processor.abort(); // what was being trained is for a connection that is gone
    this.#give({ type: 'disconnected', nowMs: this.#nowMs });
  }

  #give(input: WorkerInput): void {
    this.#goesOn = input.type === 'trained';
    for (const output of this.#machine.handle(input)) this.#perform(output);
  }

  #perform(output: WorkerOutput): void {
    switch (output.type) {
      case 'send':
        this.#host.send(output.message);
        return;
      case 'train':
        this.#train(output.work);
        return;
      case 'store-rows':
      case 'forget-rows':
        return; // which rows it holds is in the machine; what is in them, the trainer knows
      case 'stopped':
        this.#host.stopped();
        return;
      default:
        unreachable(output);
    }
  }

  #train(work: Work): void {
    const { cost, chance, processor, spec } = this.#hardware;
    const { trainMs, probeMs } = cost.computeTime(work, chance);
    const delayMs = this.#goesOn && spec.delays ? drawn(spec.delays.next, chance) : 0;
    const nominalMs = trainMs + probeMs + delayMs;
    processor.start(nominalMs, (elapsedMs) => {
      const computeMs = (elapsedMs * trainMs) / nominalMs;
      this.#give({ type: 'trained', nowMs: this.#nowMs, result: { ...this.#trainer(work), computeMs } });
    });
  }

  /** Its clock starts with it, and is nobody else's. */
  get #nowMs(): number {
    return this.#timeline.nowMs - this.#startedMs;
  }
}
