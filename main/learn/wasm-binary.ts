/**
 * The binaries of the wasm engine inside a one-file bundle. In the source tree there are none here:
 * the engine reads them from its own package. A bundler that uses the plugin of `bundle.ts` replaces
 * this module by one that carries them.
 */

/** File names as the engine asks for them. */
export type WasmBinaryName = 'tfjs-backend-wasm-simd.wasm' | 'tfjs-backend-wasm.wasm';

export function embeddedWasm(): Record<WasmBinaryName, Uint8Array> | undefined {
  return undefined;
}
