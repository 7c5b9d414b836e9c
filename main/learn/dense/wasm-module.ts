/**
 * As much of the WebAssembly binary format as our kernels need: code is written as lists of bytes and
 * put together into a module at the start of a process, so there is no build step and nothing to download.
 * Only instructions whose results the specification fixes to the bit are here (no relaxed SIMD).
 */

export type Code = readonly number[];
export type ValueType = 'i32' | 'f32' | 'f64' | 'v128';

const TYPE_CODES: Record<ValueType, number> = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b };
const PLAIN_BLOCK = 0x40;
const PAGE_BYTES = 65_536;

/** A parameter or local variable, by its place. */
export interface Local {
  get: Code;
  set: Code;
}

export interface FunctionSpec {
  name: string;
  parameters: readonly ValueType[];
  result?: ValueType;
  /** Written with its parameters, in order, and a source of further locals. */
  body(parameters: readonly Local[], local: (type: ValueType) => Local): Code;
}

const simd = (opcode: number, ...more: Code): Code => [0xfd, ...unsigned(opcode), ...more];
/** Alignment is a hint: 0 promises nothing. */
const at = (offset: number): Code => [0, ...unsigned(offset)];

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  add: [0x6a],
  sub: [0x6b],
  shiftLeft: [0x74],
  lessThan: [0x49],
  isZero: [0x45],
  isDifferent: [0x47],
  load: (offset = 0): Code => [0x28, ...at(offset)],
  loadByte: (offset = 0): Code => [0x2d, ...at(offset)],
  store: (offset = 0): Code => [0x36, ...at(offset)],
} as const;

export const f32 = {
  const: (value: number): Code => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)],
  load: (offset = 0): Code => [0x2a, ...at(offset)],
  store: (offset = 0): Code => [0x38, ...at(offset)],
  add: [0x92],
  mul: [0x94],
  max: [0x97],
  isDifferent: [0x5c],
} as const;

export const f64 = { mul: [0xa2], add: [0xa0], fromF32: [0xbb], toF32: [0xb6] } as const;

export const v128 = {
  load: (offset = 0): Code => simd(0x00, ...at(offset)),
  store: (offset = 0): Code => simd(0x0b, ...at(offset)),
  /** One value into all four lanes. */
  loadSplat: (offset = 0): Code => simd(0x09, ...at(offset)),
  /** Two values into the lower half. */
  loadHalf: (offset = 0): Code => simd(0x5d, ...at(offset)),
  storeHalf: (offset = 0): Code => simd(0x5b, ...at(offset), 0),
  zero: simd(0x0c, ...Array.from({ length: 16 }, () => 0)),
} as const;

export const f32x4 = {
  splat: simd(0x13),
  lane: (lane: number): Code => simd(0x1f, lane),
  add: simd(0xe4),
  mul: simd(0xe6),
  max: simd(0xe9),
} as const;

export const f64x2 = {
  splat: simd(0x14),
  fromLowerF32: simd(0x5f),
  toLowerF32: simd(0x5e),
  add: simd(0xf0),
  mul: simd(0xf2),
} as const;

/** Repeats `body` while `condition` holds; it is asked before the first turn and after every one. */
export function whileTrue(condition: Code, body: Code): Code {
  return ifTrue(condition, [0x03, PLAIN_BLOCK, ...body, ...condition, 0x0d, 0, 0x0b]);
}

export function ifTrue(condition: Code, body: Code): Code {
  return [...condition, 0x04, PLAIN_BLOCK, ...body, 0x0b];
}

/** The functions as one module over a memory that is imported as `host.memory`. */
export function assembled(functions: readonly FunctionSpec[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters, result }) => [
    0x60,
    ...list(parameters.map((type) => [TYPE_CODES[type]])),
    ...list(result === undefined ? [] : [[TYPE_CODES[result]]]),
  ]);
  const memory = [...text('host'), ...text('memory'), 0x02, 0x00, ...unsigned(1)];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(types)),
    ...section(2, list([memory])),
    ...section(3, list(functions.map((_, index) => unsigned(index)))),
    ...section(7, list(functions.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)]))),
    ...section(10, list(functions.map(bodyOf))),
  ]);
}

export function memoryOf(bytes: number): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(bytes / PAGE_BYTES)) });
}

function bodyOf({ parameters, body }: FunctionSpec): Code {
  const declared: ValueType[] = [];
  const place = (index: number): Local => ({
    get: [0x20, ...unsigned(index)],
    set: [0x21, ...unsigned(index)],
  });
  const code = body(
    parameters.map((_, index) => place(index)),
    (type) => place(parameters.length + declared.push(type) - 1),
  );
  const locals = list(declared.map((type) => [1, TYPE_CODES[type]]));
  const all = [...locals, ...code, 0x0b];
  return [...unsigned(all.length), ...all];
}

function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content];
}

function list(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()];
}

function text(value: string): Code {
  const bytes = new TextEncoder().encode(value);
  return [...unsigned(bytes.length), ...bytes];
}

/** LEB128. */
function unsigned(value: number): Code {
  const bytes: number[] = [];
  do {
    const rest = value >>> 7;
    bytes.push((value & 0x7f) | (rest === 0 ? 0 : 0x80));
    value = rest;
  } while (value !== 0);
  return bytes;
}

function signed(value: number): Code {
  const bytes: number[] = [];
  for (;;) {
    const low = value & 0x7f;
    value >>= 7;
    const isLast = (value === 0 && (low & 0x40) === 0) || (value === -1 && (low & 0x40) !== 0);
    bytes.push(isLast ? low : low | 0x80);
    if (isLast) return bytes;
  }
}
