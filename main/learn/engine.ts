/**
 * Engines: the libraries that multiply matrices for us. Only one copy of tfjs-core may be at work in
 * a process, so nothing in `learn` imports tfjs for its values: everything reaches it through
 * `engine.tf`, which is the copy that the engine itself was built on.
 *
 * tfjs-node may crash or hang while it loads (wrong CPU, missing library): open an engine here only
 * after `choose-engine.ts` saw it work in a child process.
 */
import type * as TfCore from '@tensorflow/tfjs-core';
import { CaduceusError } from '../core/errors.ts';
import { registerWasmKernels } from './kernels/register.ts';
import { restoreNodeUtil } from './restore-node-util.ts';
import { embeddedWasm } from './wasm-binary.ts';

export type Tf = typeof TfCore;

/** In the order of preference when two are equally fast. */
export const ENGINES = ['tfjs-node', 'wasm', 'cpu'] as const;
export type EngineName = (typeof ENGINES)[number];

export interface Engine {
  readonly name: EngineName;
  readonly tf: Tf;
  /** Makes this engine the one that runs the next operations; cheap when it already is. */
  use(): void;
  /**
   * A tensor with these values. They are copied: cpu and tfjs-node would keep the very array they
   * are given, and a later write to it would change the tensor.
   */
  tensor(values: Float32Array, shape: number[]): TfCore.Tensor;
}

const opened = new Map<EngineName, Promise<Engine>>();

/** Loads an engine into this process, once. @throws CAD-ENGINE with the loader's own error as cause. */
export function openEngine(name: EngineName): Promise<Engine> {
  let engine = opened.get(name);
  if (engine === undefined) {
    engine = load(name).catch((cause: unknown) => {
      opened.delete(name);
      const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
      throw new CaduceusError(
        'CAD-ENGINE',
        `the engine ${name} cannot be loaded: ${reason}`,
        'Choose another engine, or leave the choice to Caduceus.',
        cause,
      );
    });
    opened.set(name, engine);
  }
  return engine;
}

/** True when the engine is not installed, as opposed to installed and broken. */
export function isAbsent(error: unknown): boolean {
  const cause = error instanceof CaduceusError ? error.cause : error;
  if (!(cause instanceof Error)) return false;
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  return /MODULE_NOT_FOUND/.test(code) || /native addon module .* can not be found/.test(cause.message);
}

async function load(name: EngineName): Promise<Engine> {
  if (name === 'tfjs-node') return loadNode();
  const tf = await import('@tensorflow/tfjs-core');
  // Silences advice to install tfjs-node, and checks that our own tests make.
  tf.enableProdMode();
  return name === 'wasm' ? loadWasm(tf) : loadCpu(tf);
}

async function loadCpu(tf: Tf): Promise<Engine> {
  await import('@tensorflow/tfjs-backend-cpu');
  return opener(tf, 'cpu', 'cpu', (values, shape) => tf.tensor(values.slice(), shape, 'float32'));
}

async function loadWasm(tf: Tf): Promise<Engine> {
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  const binaries = embeddedWasm();
  if (binaries !== undefined) {
    // In a bundle the loader cannot read files beside itself, but it can fetch, and Node fetches data URLs.
    const urls = {
      'tfjs-backend-wasm-simd.wasm': dataUrl(binaries['tfjs-backend-wasm-simd.wasm']),
      'tfjs-backend-wasm.wasm': dataUrl(binaries['tfjs-backend-wasm.wasm']),
      // Named because the loader insists; it is for browsers only.
      'tfjs-backend-wasm-threaded-simd.wasm': '',
    };
    wasm.setWasmPaths(urls, true);
  }
  registerWasmKernels(tf);
  return opener(tf, 'wasm', 'wasm', (values, shape) => tf.tensor(values, shape, 'float32'));
}

function dataUrl(bytes: Uint8Array): string {
  const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  return `data:application/wasm;base64,${base64}`;
}

async function loadNode(): Promise<Engine> {
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  restoreNodeUtil();
  // Held in a variable so that neither the compiler nor a bundler wants to find it.
  const specifier = '@tensorflow/tfjs-node';
  const loaded = (await import(specifier)) as Tf & { default?: Tf };
  const tf = loaded.default ?? loaded;
  tf.enableProdMode();
  return opener(tf, 'tfjs-node', 'tensorflow', (values, shape) => tf.tensor(values.slice(), shape, 'float32'));
}

async function opener(tf: Tf, name: EngineName, backend: string, tensor: Engine['tensor']): Promise<Engine> {
  if (!(await tf.setBackend(backend))) throw new Error(`the ${backend} backend does not start here`);
  return {
    name,
    tf,
    use() {
      // Synchronous for a backend that has started: only its first start is not.
      if (tf.getBackend() !== backend) void tf.setBackend(backend);
    },
    tensor,
  };
}
