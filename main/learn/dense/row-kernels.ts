/**
 * What a chain of dense layers does with one row, as WebAssembly. A row goes into a layer as the list
 * of its values that are not 0 (pixels of the background and units that ReLU has shut are most of
 * them), so their weights are neither read nor written.
 *
 * Units: addresses and lengths in bytes. A list has eight bytes an entry: where the unit's weights
 *   begin in a kernel, from its start, and the value.
 * Order: sums run over the list in its order, one after the other, so results are the same on every host.
 */
import {
  assembled,
  type Code,
  f32,
  f32x4,
  f64,
  f64x2,
  type FunctionSpec,
  i32,
  ifTrue,
  type Local,
  v128,
  whileTrue,
} from './wasm-module.ts';

export interface RowKernels {
  /** The list of bytes that are not 0, each as `table[byte]`; returns its end. `stride`: bytes of a unit's weights. */
  listBytes(from: number, count: number, stride: number, table: number, list: number): number;
  /** The same of float32 values. */
  listValues(from: number, count: number, stride: number, list: number): number;
  /** `out = max(floor, bias + Σ value · kernel[unit])`, `width` bytes of it. */
  forward(list: number, end: number, kernel: number, width: number, bias: number, out: number, floor: number): void;
  /** `target[unit] += value · row` for all units of a list. */
  scatter(list: number, end: number, target: number, width: number, row: number): void;
  /** `out[unit] = kernel[unit] · row` where `gate[unit]` is not 0, and 0 elsewhere. */
  backward(row: number, width: number, kernel: number, units: number, gate: number, out: number): void;
  /** `target += scale · source`, in double precision and rounded once, as `accumulate` of core. */
  accumulate(target: number, source: number, bytes: number, scale: number): void;
}

const ENTRY_BYTES = 8;
const VECTOR_BYTES = 16;
const VALUE_BYTES = 4;
/** Vectors that are summed side by side, in registers. */
const WIDE = 8;

/** `place += bytes` */
const move = (place: Local, bytes: number | Local): Code => [
  ...place.get,
  ...(typeof bytes === 'number' ? i32.const(bytes) : bytes.get),
  ...i32.add,
  ...place.set,
];

const isBefore = (place: Local, end: Local): Code => [...place.get, ...end.get, ...i32.lessThan];

/** Puts what is to be stored under an entry's value: first where, then what. */
const appendTo = (end: Local, offset: Local, value: Code): Code => [
  ...end.get,
  ...offset.get,
  ...i32.store(),
  ...end.get,
  ...value,
  ...f32.store(VALUE_BYTES),
];

const listBytes: FunctionSpec = {
  name: 'listBytes',
  parameters: ['i32', 'i32', 'i32', 'i32', 'i32'],
  result: 'i32',
  body([from, count, stride, table, list], local) {
    const [last, offset, byte] = [local('i32'), local('i32'), local('i32')];
    const value = [...table!.get, ...byte.get, ...i32.const(2), ...i32.shiftLeft, ...i32.add, ...f32.load()];
    return [
      ...[...from!.get, ...count!.get, ...i32.add, ...last.set],
      ...whileTrue(isBefore(from!, last), [
        ...[...from!.get, ...i32.loadByte(), ...byte.set],
        // Written in any case and kept if it counts: no branch to guess wrong.
        ...appendTo(list!, offset, value),
        ...[...list!.get, ...byte.get, ...i32.const(0), ...i32.isDifferent],
        ...[...i32.const(3), ...i32.shiftLeft, ...i32.add, ...list!.set],
        ...move(offset, stride!),
        ...move(from!, 1),
      ]),
      ...list!.get,
    ];
  },
};

const listValues: FunctionSpec = {
  name: 'listValues',
  parameters: ['i32', 'i32', 'i32', 'i32'],
  result: 'i32',
  body([from, count, stride, list], local) {
    const [last, offset] = [local('i32'), local('i32')];
    return [
      ...[...from!.get, ...count!.get, ...i32.const(2), ...i32.shiftLeft, ...i32.add, ...last.set],
      ...whileTrue(isBefore(from!, last), [
        ...appendTo(list!, offset, [...from!.get, ...f32.load()]),
        ...[...list!.get, ...from!.get, ...f32.load(), ...f32.const(0), ...f32.isDifferent],
        ...[...i32.const(3), ...i32.shiftLeft, ...i32.add, ...list!.set],
        ...move(offset, stride!),
        ...move(from!, VALUE_BYTES),
      ]),
      ...list!.get,
    ];
  },
};

/** Goes over `width` bytes in blocks of eight vectors, then of one, then of single values. */
function inBlocks(column: Local, width: Local, block: (vectors: number) => Code, single: Code): Code {
  const blocks = (vectors: number): Code => {
    const bytes = vectors * VECTOR_BYTES;
    const fits = [...width.get, ...column.get, ...i32.const(bytes), ...i32.add, ...i32.lessThan, ...i32.isZero];
    return whileTrue(fits, [...block(vectors), ...move(column, bytes)]);
  };
  return [
    ...[...i32.const(0), ...column.set],
    ...blocks(WIDE),
    ...blocks(1),
    ...whileTrue(isBefore(column, width), [...single, ...move(column, VALUE_BYTES)]),
  ];
}

const each = (vectors: number, code: (index: number) => Code): Code =>
  Array.from({ length: vectors }, (_, index) => code(index)).flat();

const forward: FunctionSpec = {
  name: 'forward',
  parameters: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'f32'],
  body([list, end, kernel, width, bias, out, floor], local) {
    const [column, entry, weights] = [local('i32'), local('i32'), local('i32')];
    const [value, lowest] = [local('v128'), local('v128')];
    const sums = Array.from({ length: WIDE }, () => local('v128'));
    const alone = local('f32');
    const inColumn = (base: Local): Code => [...base.get, ...column.get, ...i32.add];
    const overEntries = (body: Code): Code => [
      ...[...list!.get, ...entry.set],
      ...whileTrue(isBefore(entry, end!), [
        ...[...inColumn(kernel!), ...entry.get, ...i32.load(), ...i32.add, ...weights.set],
        ...body,
        ...move(entry, ENTRY_BYTES),
      ]),
    ];
    const block = (vectors: number): Code => [
      ...each(vectors, (n) => [...inColumn(bias!), ...v128.load(n * VECTOR_BYTES), ...sums[n]!.set]),
      ...overEntries([
        ...[...entry.get, ...v128.loadSplat(VALUE_BYTES), ...value.set],
        ...each(vectors, (n) => [
          ...[...value.get, ...weights.get, ...v128.load(n * VECTOR_BYTES), ...f32x4.mul],
          ...[...sums[n]!.get, ...f32x4.add, ...sums[n]!.set],
        ]),
      ]),
      ...each(vectors, (n) => [
        ...[...inColumn(out!), ...sums[n]!.get, ...lowest.get, ...f32x4.max, ...v128.store(n * VECTOR_BYTES)],
      ]),
    ];
    const single = [
      ...[...inColumn(bias!), ...f32.load(), ...alone.set],
      ...overEntries([
        ...[...entry.get, ...f32.load(VALUE_BYTES), ...weights.get, ...f32.load(), ...f32.mul],
        ...[...alone.get, ...f32.add, ...alone.set],
      ]),
      ...[...inColumn(out!), ...alone.get, ...floor!.get, ...f32.max, ...f32.store()],
    ];
    return [...floor!.get, ...f32x4.splat, ...lowest.set, ...inBlocks(column, width!, block, single)];
  },
};

const scatter: FunctionSpec = {
  name: 'scatter',
  parameters: ['i32', 'i32', 'i32', 'i32', 'i32'],
  body([list, end, target, width, row], local) {
    const [column, entry, place] = [local('i32'), local('i32'), local('i32')];
    const value = local('v128');
    const parts = Array.from({ length: WIDE }, () => local('v128'));
    const alone = local('f32');
    const inColumn = (base: Local): Code => [...base.get, ...column.get, ...i32.add];
    const overEntries = (body: Code): Code => [
      ...[...list!.get, ...entry.set],
      ...whileTrue(isBefore(entry, end!), [
        ...[...inColumn(target!), ...entry.get, ...i32.load(), ...i32.add, ...place.set],
        ...body,
        ...move(entry, ENTRY_BYTES),
      ]),
    ];
    const block = (vectors: number): Code => [
      ...each(vectors, (n) => [...inColumn(row!), ...v128.load(n * VECTOR_BYTES), ...parts[n]!.set]),
      ...overEntries([
        ...[...entry.get, ...v128.loadSplat(VALUE_BYTES), ...value.set],
        ...each(vectors, (n) => [
          ...place.get,
          ...[...value.get, ...parts[n]!.get, ...f32x4.mul],
          ...[...place.get, ...v128.load(n * VECTOR_BYTES), ...f32x4.add],
          ...v128.store(n * VECTOR_BYTES),
        ]),
      ]),
    ];
    const single = [
      ...[...inColumn(row!), ...f32.load(), ...alone.set],
      ...overEntries([
        ...place.get,
        ...[...entry.get, ...f32.load(VALUE_BYTES), ...alone.get, ...f32.mul],
        ...[...place.get, ...f32.load(), ...f32.add],
        ...f32.store(),
      ]),
    ];
    return inBlocks(column, width!, block, single);
  },
};

const backward: FunctionSpec = {
  name: 'backward',
  parameters: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
  body([row, width, kernel, units, gate, out], local) {
    const [column, last] = [local('i32'), local('i32')];
    const sums = Array.from({ length: WIDE }, () => local('v128'));
    const alone = local('f32');
    const inColumn = (base: Local): Code => [...base.get, ...column.get, ...i32.add];
    const block = (vectors: number): Code =>
      each(vectors, (n) => [
        ...[...inColumn(row!), ...v128.load(n * VECTOR_BYTES), ...inColumn(kernel!), ...v128.load(n * VECTOR_BYTES)],
        ...[...f32x4.mul, ...sums[n]!.get, ...f32x4.add, ...sums[n]!.set],
      ]);
    const single = [
      ...[...inColumn(row!), ...f32.load(), ...inColumn(kernel!), ...f32.load(), ...f32.mul],
      ...[...alone.get, ...f32.add, ...alone.set],
    ];
    const lanes = [0, 1, 2, 3].flatMap((lane) => [
      ...[...sums[0]!.get, ...f32x4.lane(lane), ...alone.get, ...f32.add, ...alone.set],
    ]);
    return [
      ...[...gate!.get, ...units!.get, ...i32.const(2), ...i32.shiftLeft, ...i32.add, ...last.set],
      ...whileTrue(isBefore(gate!, last), [
        ...[...f32.const(0), ...alone.set],
        ...ifTrue(
          [...gate!.get, ...f32.load(), ...f32.const(0), ...f32.isDifferent],
          [
            ...each(WIDE, (n) => [...v128.zero, ...sums[n]!.set]),
            ...inBlocks(column, width!, block, single),
            ...each(WIDE - 1, (n) => [...sums[0]!.get, ...sums[n + 1]!.get, ...f32x4.add, ...sums[0]!.set]),
            ...lanes,
          ],
        ),
        ...[...out!.get, ...alone.get, ...f32.store()],
        ...[...move(gate!, VALUE_BYTES), ...move(out!, VALUE_BYTES), ...move(kernel!, width!)],
      ]),
    ];
  },
};

const accumulate: FunctionSpec = {
  name: 'accumulate',
  parameters: ['i32', 'i32', 'i32', 'f64'],
  body([target, source, bytes, scale], local) {
    const [column, factor] = [local('i32'), local('v128')];
    const half = VECTOR_BYTES / 2;
    const inColumn = (base: Local): Code => [...base.get, ...column.get, ...i32.add];
    const pair = (offset: number): Code => [
      ...inColumn(target!),
      ...[...inColumn(source!), ...v128.loadHalf(offset), ...f64x2.fromLowerF32, ...factor.get, ...f64x2.mul],
      ...[...inColumn(target!), ...v128.loadHalf(offset), ...f64x2.fromLowerF32, ...f64x2.add],
      ...[...f64x2.toLowerF32, ...v128.storeHalf(offset)],
    ];
    const block = (vectors: number): Code => each(2 * vectors, (n) => pair(n * half));
    const single = [
      ...inColumn(target!),
      ...[...inColumn(source!), ...f32.load(), ...f64.fromF32, ...scale!.get, ...f64.mul],
      ...[...inColumn(target!), ...f32.load(), ...f64.fromF32, ...f64.add],
      ...[...f64.toF32, ...f32.store()],
    ];
    return [...scale!.get, ...f64x2.splat, ...factor.set, ...inBlocks(column, bytes!, block, single)];
  },
};

const KERNELS = [listBytes, listValues, forward, scatter, backward, accumulate];
let compiled: WebAssembly.Module | undefined;

/** The kernels over a memory of their caller's. */
export function rowKernels(memory: WebAssembly.Memory): RowKernels {
  compiled ??= new WebAssembly.Module(assembled(KERNELS));
  return new WebAssembly.Instance(compiled, { host: { memory } }).exports as unknown as RowKernels;
}
