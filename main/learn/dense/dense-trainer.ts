/**
 * Trainer of models that are a chain of dense layers, over `row-kernels.ts`: row by row forward and
 * back, with parameters and gradient in one WebAssembly memory. At the batch sizes of this field a
 * general engine spends more on packing weights and on calls than on sums.
 */
import { assert, present } from '../../core/assert.ts';
import { layerShapes, type LayerShape, modelLayout, type ModelSpec } from '../../core/model.ts';
import type { Vector } from '../../core/parameters.ts';
import { checkParameters, checkRoom, checkRows, type Sizes } from '../call-check.ts';
import type { Rows } from '../datasets/dataset.ts';
import { softmaxLoss } from '../softmax-loss.ts';
import type { Descent, Trainer } from '../trainer.ts';
import { type RowKernels, rowKernels } from './row-kernels.ts';
import { memoryOf } from './wasm-module.ts';

/** Rows that are copied in at once. */
const ROWS_AT_ONCE = 64;
const VALUE = Float32Array.BYTES_PER_ELEMENT;
const ENTRY = 8;
/** Addresses start here: 0 is for nobody. */
const FIRST = 64;

/** A dense layer and where its things are in memory. */
interface Stage {
  units: number;
  outputs: number;
  /** Bytes of one unit's weights, and of a row that leaves the layer. */
  width: number;
  floor: number;
  kernel: number;
  bias: number;
  /** How far the gradient lies behind the parameters. */
  list: number;
  out: number;
  /** Derivative of the loss by what the layer gives. */
  slope: number;
  /** Where the input came through: its own values behind a ReLU, ones behind a linear layer. */
  gate: number;
}

/** Whether there is such a trainer for a model. */
export function isDenseChain(model: ModelSpec): boolean {
  return layerShapes(model).every(({ spec }) => spec.type === 'dense' || spec.type === 'flatten');
}

export function createDenseTrainer(model: ModelSpec): Trainer {
  assert(isDenseChain(model), 'a chain of dense layers');
  return new DenseTrainer(model);
}

class DenseTrainer implements Trainer {
  readonly layout;
  readonly #sizes: Sizes;
  readonly #classes: number;
  readonly #stages: readonly Stage[];
  readonly #kernels: RowKernels;
  readonly #rowPlaces: Uint8Array;
  readonly #parameters: Vector;
  readonly #gradient: Vector;
  readonly #logits: Vector;
  readonly #slopes: Vector;
  readonly #addresses: { table: number; rows: number; parameters: number; gradient: number; one: number };
  /** Whose parameters are in the memory. */
  #descending: object | undefined;
  #disposed = false;

  constructor(model: ModelSpec) {
    this.layout = modelLayout(model);
    this.#classes = model.classes;
    const featureSize = model.input.reduce((product, extent) => product * extent, 1);
    this.#sizes = { parameters: this.layout.size, featureSize };
    const dense = layerShapes(model).filter(({ spec }) => spec.type === 'dense');
    const { stages, addresses, bytes } = planned(dense, this.layout.size, featureSize);
    const memory = memoryOf(bytes);
    const floats = (address: number, count: number): Vector => new Float32Array(memory.buffer, address, count);
    this.#kernels = rowKernels(memory);
    this.#stages = stages;
    this.#addresses = addresses;
    this.#rowPlaces = new Uint8Array(memory.buffer, addresses.rows, ROWS_AT_ONCE * featureSize);
    this.#parameters = floats(addresses.parameters, this.layout.size);
    this.#gradient = floats(addresses.gradient, this.layout.size);
    const last = present(stages.at(-1), 'a layer');
    this.#logits = floats(last.out, model.classes);
    this.#slopes = floats(last.slope, model.classes);
    floats(addresses.table, 256).set(Float32Array.from({ length: 256 }, (_, byte) => byte / 255));
    // One entry: the first unit, with the value 1.
    floats(addresses.one, 2).set([0, 1]);
    for (const { gate, units } of stages) floats(gate, units).fill(1);
  }

  gradient(parameters: Vector, rows: Rows, out: Vector): number {
    checkRoom(out, this.#sizes);
    this.#take(parameters);
    const loss = this.#descend(rows);
    out.set(this.#gradient);
    return loss;
  }

  evaluate(parameters: Vector, rows: Rows): { lossSum: number; correct: number; count: number } {
    this.#take(parameters);
    checkRows(rows, this.#sizes);
    const total = { lossSum: 0, correct: 0, count: rows.count };
    this.#eachRow(rows, (labels, row) => {
      this.#forward(row);
      const { lossSum, correct } = softmaxLoss(this.#logits, labels, this.#classes);
      total.lossSum += lossSum;
      total.correct += correct;
    });
    return total;
  }

  descent(parameters: Vector, learningRate: number): Descent {
    this.#take(parameters);
    const own = (this.#descending = {});
    const asOwn = (): void => assert(this.#descending === own, 'nobody else uses the trainer during a descent');
    const { parameters: place, gradient } = this.#addresses;
    return {
      vector: this.#gradient,
      gradient: (rows) => {
        asOwn();
        return this.#descend(rows);
      },
      step: () => {
        asOwn();
        this.#kernels.accumulate(place, gradient, this.layout.size * VALUE, -learningRate);
      },
      finish: () => {
        asOwn();
        parameters.set(this.#parameters);
        this.#descending = undefined;
      },
    };
  }

  dispose(): void {
    this.#disposed = true;
  }

  #take(parameters: Vector): void {
    assert(!this.#disposed, 'the trainer was disposed of');
    checkParameters(parameters, this.#sizes);
    this.#descending = undefined;
    this.#parameters.set(parameters);
  }

  /** Leaves the mean gradient in the memory; returns the mean loss. */
  #descend(rows: Rows): number {
    checkRows(rows, this.#sizes);
    this.#gradient.fill(0);
    const derivative = { into: this.#slopes, scale: 1 / rows.count };
    let lossSum = 0;
    this.#eachRow(rows, (labels, row) => {
      const ends = this.#forward(row);
      lossSum += softmaxLoss(this.#logits, labels, this.#classes, derivative).lossSum;
      this.#backward(ends);
    });
    return lossSum / rows.count;
  }

  #eachRow({ features, labels, count }: Rows, visit: (label: Uint8Array, row: number) => void): void {
    const { featureSize } = this.#sizes;
    for (let start = 0; start < count; start += ROWS_AT_ONCE) {
      const end = Math.min(count, start + ROWS_AT_ONCE);
      this.#rowPlaces.set(features.subarray(start * featureSize, end * featureSize));
      for (let row = start; row < end; row++) {
        visit(labels.subarray(row, row + 1), this.#addresses.rows + (row - start) * featureSize);
      }
    }
  }

  /** Leaves the logits in the memory; returns where the layers' lists end. */
  #forward(row: number): number[] {
    const { featureSize } = this.#sizes;
    const kernels = this.#kernels;
    const ends: number[] = [];
    let before: Stage | undefined;
    for (const stage of this.#stages) {
      const { list, width, kernel, bias, out, floor } = stage;
      const end =
        before === undefined
          ? kernels.listBytes(row, featureSize, width, this.#addresses.table, list)
          : kernels.listValues(before.out, before.outputs, width, list);
      kernels.forward(list, end, kernel, width, bias, out, floor);
      ends.push(end);
      before = stage;
    }
    return ends;
  }

  #backward(ends: readonly number[]): void {
    const kernels = this.#kernels;
    const { parameters, gradient, one } = this.#addresses;
    const shift = gradient - parameters;
    for (let index = this.#stages.length - 1; index >= 0; index--) {
      const { kernel, bias, width, list, slope, units, gate } = this.#stages[index] as Stage;
      kernels.scatter(list, ends[index] as number, kernel + shift, width, slope);
      kernels.scatter(one, one + ENTRY, bias + shift, width, slope);
      const before = this.#stages[index - 1];
      if (before) kernels.backward(slope, width, kernel, units, gate, before.slope);
    }
  }
}

/** Where everything lies. */
function planned(
  dense: readonly LayerShape[],
  size: number,
  featureSize: number,
): { stages: Stage[]; bytes: number; addresses: DenseAddresses } {
  let next = FIRST;
  const room = (bytes: number): number => {
    const address = next;
    next += Math.ceil(bytes / FIRST) * FIRST;
    return address;
  };
  const addresses = {
    table: room(256 * VALUE),
    one: room(ENTRY),
    rows: room(ROWS_AT_ONCE * featureSize),
    parameters: room(size * VALUE),
    gradient: room(size * VALUE),
  };
  let place = addresses.parameters;
  const stages: Stage[] = [];
  for (const { spec, input, output } of dense) {
    assert(spec.type === 'dense', 'a dense layer');
    const [units, outputs] = [present(input[0], 'inputs'), present(output[0], 'outputs')];
    const before = stages.at(-1);
    stages.push({
      units,
      outputs,
      width: outputs * VALUE,
      floor: spec.activation === 'relu' ? 0 : -Infinity,
      kernel: place,
      bias: place + units * outputs * VALUE,
      // One entry more than there are units: the next one is written before it is known to count.
      list: room((units + 1) * ENTRY),
      out: room(outputs * VALUE),
      slope: room(outputs * VALUE),
      gate: before?.floor === 0 ? before.out : room(units * VALUE),
    });
    place += (units + 1) * outputs * VALUE;
  }
  return { stages, addresses, bytes: next };
}

type DenseAddresses = { table: number; rows: number; parameters: number; gradient: number; one: number };
