/**
 * Samples per second in a training step, for each model and each engine that works here, and as a
 * ratio to cpu in the same run. `--shipped` measures wasm with the library's own kernels instead of
 * ours, where it can train at all: what our kernels are for.
 *
 *     npm run bench -- engines [--batch 32] [--ms 2000] [--shipped] [--json]
 */
import { parseArgs } from 'node:util';
import { MODELS } from '../main/core/model.ts';
import { ENGINES, isAbsent, openEngine } from '../main/learn/engine.ts';
import { measureTraining } from '../main/learn/measure-step.ts';
import { createTrainer } from '../main/learn/trainer.ts';

interface Line {
  model: string;
  engine: string;
  samplesPerSecond?: number;
  /** Against cpu on the same model. */
  ratio?: number;
  /** Why there is no figure. */
  reason?: string;
}

const { values } = parseArgs({
  options: {
    batch: { type: 'string', default: '32' },
    ms: { type: 'string', default: '2000' },
    shipped: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const tf = await import('@tensorflow/tfjs-core');
await import('@tensorflow/tfjs-backend-wasm');
const SHIPPED = new Map(tf.getKernelsForBackend('wasm').map((kernel) => [kernel.kernelName, kernel]));
const OURS = ['Conv2DBackpropFilter', 'Conv2DBackpropInput', 'MaxPoolGrad', 'BatchMatMul', '_FusedMatMul'];

/** Puts the library's own wasm kernels back; those it does not have go missing. */
function useShippedKernels(): void {
  for (const name of OURS) {
    if (tf.getKernel(name, 'wasm') !== undefined) tf.unregisterKernel(name, 'wasm');
    const shipped = SHIPPED.get(name);
    if (shipped !== undefined) tf.registerKernel(shipped);
  }
}

const lines: Line[] = [];
for (const model of Object.values(MODELS)) {
  for (const name of [...ENGINES].reverse()) {
    const shipped = name === 'wasm' && values.shipped;
    const line = { model: model.name, engine: shipped ? 'wasm, shipped kernels' : name };
    try {
      const engine = await openEngine(name);
      if (shipped) useShippedKernels();
      const trainer = createTrainer(engine, model);
      const samplesPerSecond = measureTraining(trainer, model, Number(values.batch), Number(values.ms));
      const cpu = lines.find((other) => other.model === model.name && other.engine === 'cpu')?.samplesPerSecond;
      lines.push({ ...line, samplesPerSecond, ratio: samplesPerSecond / (cpu ?? samplesPerSecond) });
    } catch (error) {
      const reason = isAbsent(error) ? 'not installed here' : error instanceof Error ? error.message : String(error);
      lines.push({ ...line, reason });
    }
  }
}
if (values.json)
  process.stdout.write(`${JSON.stringify({ batch: Number(values.batch), node: process.version, lines })}\n`);
else {
  for (const { model, engine, samplesPerSecond, ratio, reason } of lines) {
    const figures =
      samplesPerSecond === undefined
        ? reason
        : `${Math.round(samplesPerSecond).toLocaleString('en').padStart(9)} samples/s  ${ratio?.toFixed(1).padStart(7)} × cpu`;
    process.stdout.write(`${model.padEnd(10)} ${engine.padEnd(22)} ${figures}\n`);
  }
}
