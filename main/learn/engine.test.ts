import { describe, expect, it } from 'vitest';
import { engineContract } from './engine.contract.ts';
import { ENGINES, isAbsent, openEngine } from './engine.ts';

for (const name of ENGINES) {
  const error = await openEngine(name).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined) engineContract(name);
  else
    describe.skip(`the engine ${name} is ${isAbsent(error) ? 'absent' : 'broken'} here`, () =>
      it('keeps the contract', () => undefined));
}

describe('opening an engine', () => {
  it('gives the same engine every time, and one tfjs-core for all', async () => {
    const [first, again, cpu] = await Promise.all([openEngine('wasm'), openEngine('wasm'), openEngine('cpu')]);
    expect(first).toBe(again);
    expect(first.tf.engine()).toBe(cpu.tf.engine());
    expect(first.tf.Tensor).toBe(cpu.tf.Tensor);
  });

  it('switches between engines without a word to the caller', async () => {
    const [wasm, cpu] = [await openEngine('wasm'), await openEngine('cpu')];
    wasm.use();
    expect(wasm.tf.getBackend()).toBe('wasm');
    cpu.use();
    expect(cpu.tf.getBackend()).toBe('cpu');
  });

  it('uses SIMD where the machine has it', async () => {
    await openEngine('wasm');
    const { tf } = await openEngine('cpu');
    expect(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')).toBe(true);
  });
});
