import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelNamed } from '../core/model.ts';
import { bundleLearner } from './bundle.ts';
import { chooseEngine, type EngineChoice, type ProbeOutcome } from './choose-engine.ts';

const require = createRequire(import.meta.url);
const run = promisify(execFile);
const PROGRAM = `
  import { PROBE_COMMAND, runEngineProbe } from './probe-engine.ts';
  import { openEngine } from './engine.ts';
  import { createTrainer } from './trainer.ts';
  import { checkGradient } from './gradient-check.ts';
  import { modelNamed } from '../core/model.ts';

  async function main() {
    if (process.argv[2] === PROBE_COMMAND) return runEngineProbe();
    const model = modelNamed('cnn-109k');
    const engine = await openEngine('wasm');
    const simd = await engine.tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
    const wrong = checkGradient(createTrainer(engine, model), model) ?? null;
    process.stdout.write(JSON.stringify({ backend: engine.tf.getBackend(), simd, wrong }));
  }
  void main();`;

describe('a trainer bundled into one file, alone in a folder', () => {
  let folder: string;
  let bundle: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'caduceus-bundle-'));
    bundle = join(folder, 'agent.cjs');
    const stdin = { contents: PROGRAM, resolveDir: import.meta.dirname, loader: 'ts' } as const;
    const { warnings } = await bundleLearner({ minify: true, stdin, outfile: bundle });
    expect(warnings).toEqual([]);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('trains on wasm with SIMD and computes right gradients', async () => {
    const { stdout, stderr } = await run(process.execPath, [bundle], { cwd: folder });
    expect(JSON.parse(stdout)).toEqual({ backend: 'wasm', simd: true, wrong: null });
    expect(stderr).toBe('');
  });

  it('falls back to the plain binary where there is no SIMD', async () => {
    // Refuse the tiny program by which SIMD is detected, as V8 does on a CPU without it.
    const shim = join(folder, 'no-simd.cjs');
    await writeFile(
      shim,
      `const { validate } = WebAssembly; WebAssembly.validate = (bytes) => bytes.length !== 29 && validate(bytes);`,
    );
    const { stdout } = await run(process.execPath, ['--require', shim, bundle], { cwd: folder });
    expect(JSON.parse(stdout)).toEqual({ backend: 'wasm', simd: false, wrong: null });
  });

  it('forks itself to choose an engine', async () => {
    const { engine, outcomes } = await chooseEngine({ model: modelNamed('mlp-109k'), batch: 32, entry: bundle });
    expect(engine).toBe('wasm');
    const [node, ...others] = outcomes.map(({ outcome }: ProbeOutcome) => outcome);
    expect(node).toBe('absent');
    expect(others).toEqual(['ok', 'ok']);
  });

  it('uses tfjs-node where it lies beside the bundle, on its own tfjs-core, with the util functions it needs', async () => {
    // A stand-in with the name, the backend and the demands of the real one, but cpu kernels.
    await placeTfjsNode(`
      if (require('util').isNullOrUndefined(null) !== true) throw new Error('util.isNullOrUndefined is missing');
      const tf = require(${JSON.stringify(require.resolve('@tensorflow/tfjs-core'))});
      const { MathBackendCPU } = require(${JSON.stringify(require.resolve('@tensorflow/tfjs-backend-cpu'))});
      tf.copyRegisteredKernels('cpu', 'tensorflow');
      tf.registerBackend('tensorflow', () => new MathBackendCPU());
      module.exports = tf;`);
    expect((await tfjsNodeAlone(33)).outcomes).toMatchObject([{ engine: 'tfjs-node', outcome: 'ok' }]);
  });

  it('survives a tfjs-node that cannot load its library, and one that takes the process with it', async () => {
    await placeTfjsNode(`throw new Error('libtensorflow.so.2: cannot open shared object file');`);
    await expect(tfjsNodeAlone(31)).rejects.toMatchObject({
      code: 'CAD-ENGINE',
      message: expect.stringContaining('crashed (libtensorflow.so.2: cannot open shared object file)') as string,
    });
    await placeTfjsNode(`process.kill(process.pid, 'SIGILL');`);
    await expect(tfjsNodeAlone(30)).rejects.toMatchObject({
      message: expect.stringContaining('crashed (killed by SIGILL)') as string,
    });
    await placeTfjsNode(
      `throw new Error('The Node.js native addon module (tfjs_binding.node) can not be found at path: x');`,
    );
    const { engine, outcomes } = await chooseEngine({ model: modelNamed('mlp-109k'), batch: 29, entry: bundle });
    expect(engine).toBe('wasm');
    expect(outcomes[0]).toMatchObject({ engine: 'tfjs-node', outcome: 'absent' });
  });

  async function placeTfjsNode(source: string): Promise<void> {
    const home = join(folder, 'node_modules/@tensorflow/tfjs-node');
    await mkdir(home, { recursive: true });
    await writeFile(join(home, 'index.js'), source);
  }

  /** Each call with a batch of its own: a choice is remembered. */
  function tfjsNodeAlone(batch: number): Promise<EngineChoice> {
    return chooseEngine({ model: modelNamed('mlp-109k'), batch, entry: bundle, preferred: 'tfjs-node' });
  }

  it('is one file of a few megabytes', async () => {
    expect((await stat(bundle)).size).toBeLessThan(5e6);
  });
});
