/**
 * How to bundle a program that learns into one file. Used by build scripts, never by the program.
 *
 *     await bundleLearner({ entryPoints: ['main/worker/main.ts'], outfile: 'agent.cjs', minify: true })
 *
 * CommonJS, because the engines are CommonJS and one `require` graph is what keeps tfjs-core single
 * (esbuild would take the ES build of one package and the CommonJS build of another otherwise).
 * tfjs-node stays outside: it is native, is looked for at run time beside the bundle, and brings its
 * own tfjs-core, which is then the only one used (see `engine.ts`).
 */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { type BuildOptions, type BuildResult, type Plugin, build } from 'esbuild';

export const LEARN_BUNDLE: BuildOptions = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20.11', // the newest that there is for armv7
  mainFields: ['main'],
  external: ['@tensorflow/tfjs-node'],
};

/** One file that learns, from what `options` add: entry point, outfile, minify. */
export function bundleLearner(options: BuildOptions): Promise<BuildResult> {
  return build({ ...LEARN_BUNDLE, ...options, plugins: [embedWasm, ...(options.plugins ?? [])] });
}

/** Puts both wasm binaries into the bundle (1 MB as text), in place of `wasm-binary.ts`. */
export const embedWasm: Plugin = {
  name: 'embed-wasm',
  setup(build) {
    build.onResolve({ filter: /^caduceus-wasm:/ }, ({ path }) => ({
      path: createRequire(import.meta.url).resolve(`@tensorflow/tfjs-backend-wasm/dist/${path.split(':')[1] ?? ''}`),
      namespace: 'caduceus-wasm',
    }));
    build.onLoad({ filter: /.*/, namespace: 'caduceus-wasm' }, async ({ path }) => {
      const { readFile } = await import('node:fs/promises');
      return { contents: await readFile(path), loader: 'binary' };
    });
    build.onLoad({ filter: /[\\/]learn[\\/]wasm-binary\.ts$/ }, ({ path }) => ({
      contents: `
        import simd from 'caduceus-wasm:tfjs-backend-wasm-simd.wasm';
        import plain from 'caduceus-wasm:tfjs-backend-wasm.wasm';
        export function embeddedWasm() {
          return { 'tfjs-backend-wasm-simd.wasm': simd, 'tfjs-backend-wasm.wasm': plain };
        }`,
      loader: 'js',
      resolveDir: dirname(path),
    }));
  },
};
