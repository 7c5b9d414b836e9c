/** What packages are made of, as far as it runs without Electron: the programs, and the shell up to its start. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { initialParameters, modelLayout, modelNamed } from '../main/core/model.ts';
import { openDataset } from '../main/learn/datasets/registry.ts';
import { startEvaluator } from '../main/learn/evaluator.ts';
import { buildPrograms, buildShell } from '../scripts/build-app.ts';
import { temporary } from './cli-program.ts';
import { ROOT } from '../scripts/source-tree.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

beforeAll(async () => {
  await buildPrograms();
  await buildShell();
});

test('the bundled judge judges as the one of the sources does', async () => {
  const { train, test: rows } = await openDataset('digits', { seed: 1, trainRows: 200, testRows: 100 });
  const model = modelNamed('mlp-109k');
  const parameters = initialParameters(model, 1);
  expect(parameters.length).toBe(modelLayout(model).size);
  const settings = { engine: 'wasm', model, validation: train, test: rows } as const;
  const [bundled, source] = await Promise.all([
    startEvaluator(settings, { node: process.execPath, evaluator: join(ROOT, 'dist', 'programs', 'evaluator.cjs') }),
    startEvaluator(settings),
  ]);
  try {
    expect(await bundled.judgeTest(parameters)).toEqual(await source.judgeTest(parameters));
  } finally {
    await Promise.all([bundled.close(), source.close()]);
  }
});

test('the bundled shell loads, takes the lock, and opens nothing before Electron is ready', () => {
  // Electron exists only inside Electron: this stands for it until its `ready`, which never comes.
  const app = temporary();
  const place = join(app, 'node_modules', 'electron');
  mkdirSync(place, { recursive: true });
  const calls = join(place, 'calls');
  writeFileSync(
    join(place, 'index.js'),
    `const { appendFileSync } = require('node:fs');
     const note = (name) => new Proxy(() => undefined, { apply: (_t, _s, args) => {
       appendFileSync(${JSON.stringify(calls)}, name + '\\n');
       if (name === 'app.requestSingleInstanceLock') return true;
       if (name === 'app.whenReady') return new Promise(() => undefined);
       return '/nowhere';
     } });
     const part = (name) => new Proxy(class {}, { get: (_t, key) => key === 'isPackaged' ? false : note(name + '.' + String(key)) });
     module.exports = new Proxy({}, { get: (_t, key) => part(String(key)) });`,
  );
  const shell = join(app, 'dist', 'electron', 'main.cjs');
  cpSync(join(ROOT, 'dist', 'electron'), join(app, 'dist', 'electron'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(app, 'package.json'));
  const run = spawnSync(process.execPath, [shell], { encoding: 'utf8' });
  expect(run.stderr).toBe('');
  expect(run.status).toBe(0);
  const order = readFileSync(calls, 'utf8').trim().split('\n');
  expect(order).toContain('app.enableSandbox');
  expect(order.indexOf('protocol.registerSchemesAsPrivileged')).toBeLessThan(order.indexOf('app.whenReady'));
  expect(order.indexOf('app.requestSingleInstanceLock')).toBeLessThan(order.indexOf('app.whenReady'));
});

test('the preload script is one file that asks for nothing but electron', () => {
  const file = join(ROOT, 'dist', 'electron', 'preload.cjs');
  expect(existsSync(file)).toBe(true);
  const source = readFileSync(file, 'utf8');
  expect([...source.matchAll(/require\("([^"]+)"\)/g)].map(([, name]) => name)).toEqual(['electron']);
  expect(source).toContain('exposeInMainWorld("caduceus"');
});
