import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelSpec } from '../core/model.ts';
import { type EngineChoice, chooseEngine } from './choose-engine.ts';

const model: ModelSpec = {
  name: 'tiny',
  input: [8],
  classes: 3,
  layers: [{ type: 'dense', units: 3, activation: 'linear' }],
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'caduceus-choose-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A probe that answers, or ends, as `behaviour` says for each engine. */
async function entry(behaviour: Record<string, string>): Promise<string> {
  const path = join(folder, `${Math.abs(JSON.stringify(behaviour).length)}-${Object.keys(behaviour).join('-')}.mjs`);
  const say = 'const say = (report) => process.send(report, () => process.exit(0));';
  const cases = Object.entries(behaviour).map(([engine, body]) => `case ${JSON.stringify(engine)}: ${body}; break;`);
  await writeFile(path, `${say} process.once('message', () => { switch (process.argv[3]) { ${cases.join(' ')} } });`);
  return path;
}
const ok = (speed: number): string => `say({ outcome: 'ok', samplesPerSecond: ${speed} })`;
const outcomes = (choice: EngineChoice): string[] =>
  choice.outcomes.map(({ engine, outcome }) => `${engine} ${outcome}`);

describe('the choice of an engine', () => {
  it('takes one that really trains here, and knows what became of the others', async () => {
    const choice = await chooseEngine({ model, batch: 4, entry: join(import.meta.dirname, 'probe-engine-entry.ts') });
    expect(choice.samplesPerSecond).toBeGreaterThan(0);
    expect(choice.outcomes.map(({ engine }) => engine)).toEqual(['tfjs-node', 'wasm', 'cpu']);
    expect(outcomes(choice)).toEqual(expect.arrayContaining(['wasm ok', 'cpu ok']));
    expect(choice.outcomes[0]?.outcome).toMatch(/^(ok|absent)$/);
  });

  it('takes the fastest that works, whatever becomes of the others', async () => {
    const choice = await chooseEngine({
      model,
      batch: 4,
      entry: await entry({ 'tfjs-node': `process.kill(process.pid, 'SIGILL')`, wasm: ok(10), cpu: ok(20) }),
    });
    expect(choice.engine).toBe('cpu');
    expect(choice.outcomes[0]).toEqual({ engine: 'tfjs-node', outcome: 'crashed', reason: 'killed by SIGILL' });
  });

  it('prefers the earlier of two that are equally fast', async () => {
    const choice = await chooseEngine({
      model,
      batch: 4,
      entry: await entry({ 'tfjs-node': ok(5), wasm: ok(5), cpu: ok(5) }),
    });
    expect(choice.engine).toBe('tfjs-node');
  });

  it('waits no longer than it is told to for one that hangs', async () => {
    const hang = 'setInterval(() => {}, 1000); for (;;);';
    const choice = await chooseEngine({
      model,
      batch: 4,
      timeoutMs: 700,
      entry: await entry({ 'tfjs-node': hang, wasm: ok(1), cpu: `say({ outcome: 'wrong', reason: 'x' })` }),
    });
    expect(outcomes(choice)).toEqual(['tfjs-node timeout', 'wasm ok', 'cpu wrong']);
  });

  it('says why a child died: the error it threw, or the script that was not there', async () => {
    const choice = await chooseEngine({
      model,
      batch: 4,
      entry: await entry({ 'tfjs-node': `throw new TypeError('no such thing')`, wasm: ok(1), cpu: 'process.exit(3)' }),
    });
    expect(choice.outcomes[0]?.reason).toMatch(/exit code 1: TypeError: no such thing/);
    expect(choice.outcomes[2]?.reason).toBe('exit code 3');
  });

  it('is an error that tells every outcome when nothing works', async () => {
    await expect(chooseEngine({ model, batch: 4, entry: join(folder, 'nowhere.mjs') })).rejects.toMatchObject({
      code: 'CAD-ENGINE',
      message: expect.stringMatching(
        /tfjs-node: crashed \(.*Cannot find module.*wasm: crashed.*cpu: crashed/s,
      ) as string,
    });
  });

  it('tries nothing but the preferred engine, and fails when that does not work', async () => {
    const path = await entry({ wasm: ok(7), cpu: `say({ outcome: 'absent', reason: 'gone' })` });
    expect(outcomes(await chooseEngine({ model, batch: 4, entry: path, preferred: 'wasm' }))).toEqual(['wasm ok']);
    await expect(chooseEngine({ model, batch: 4, entry: path, preferred: 'cpu' })).rejects.toMatchObject({
      code: 'CAD-ENGINE',
    });
  });

  it('is made once in a process', async () => {
    const path = await entry({ 'tfjs-node': ok(1), wasm: ok(1), cpu: ok(Number('3')) });
    const options = { model, batch: 4, entry: path };
    expect(chooseEngine(options)).toBe(chooseEngine({ ...options }));
    await chooseEngine(options);
  });
});
