/**
 * What packages are made of, as far as it runs without Electron: the programs, and the shell with a stand-in for
 * Electron's own half.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { AppInfo } from '../main/core/api.ts';
import { initialParameters, modelLayout, modelNamed } from '../main/core/model.ts';
import { openDataset } from '../main/learn/datasets/registry.ts';
import { startEvaluator } from '../main/learn/evaluator.ts';
import { openStore } from '../main/store/runs.ts';
import { buildPrograms, buildShell } from '../scripts/build-app.ts';
import { ensureWindow } from '../scripts/build-window.ts';
import { ensureAgent } from '../scripts/build-worker.ts';
import { ROOT } from '../scripts/source-tree.ts';
import { temporary } from './cli-program.ts';
import { DrivenShell, training } from './driven-shell.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

beforeAll(async () => {
  await ensureAgent();
  await ensureWindow();
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

describe('the bundled shell', () => {
  test('asks for name, sandbox, protocol and lock before Electron is ready, and opens nothing', async () => {
    const folder = temporary();
    const shell = new DrivenShell(folder, { env: { STAND_IN_READY: 'never' } });
    const { order, userData } = await shell.sees('ready');
    expect(order).toEqual(['setName', 'enableSandbox', 'registerSchemesAsPrivileged', 'requestSingleInstanceLock']);
    expect(userData).toBe(join(folder, 'Caduceus', 'shell'));
    shell.kill();
    expect((await shell.ended).stderr).toBe('');
  });

  test.each([
    ['CAD-BUSY', { STAND_IN_LOCKED: '1' }],
    ['CAD-HOME-READONLY', { CADUCEUS_HOME: join(ROOT, 'package.json') }],
  ])('fails its own test with %s', async (error, env) => {
    const { code, stdout } = await new DrivenShell(temporary(), { args: ['--self-test'], env }).ended;
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: expect.stringContaining(error) as unknown });
  });

  test('that cannot open says why and what to do, and does not stay without a window', async () => {
    const readOnly = new DrivenShell(temporary(), { env: { CADUCEUS_HOME: join(ROOT, 'package.json') } });
    const corrupt = temporary();
    mkdirSync(join(corrupt, 'home'));
    writeFileSync(
      join(corrupt, 'home', 'caduceus.sqlite'),
      'not a database, and long enough to be told from an empty file'.repeat(99),
    );
    const damaged = new DrivenShell(corrupt);
    for (const [shell, code] of [
      [readOnly, 'CAD-HOME-READONLY'],
      [damaged, 'CAD-STORE-CORRUPT'],
    ] as const) {
      const { text } = await shell.sees('dialog', ({ which }) => which === 'error');
      const [title, message, ...more] = text.split('\n\n');
      expect(title).toBe('Caduceus cannot start');
      expect(message).toMatch(new RegExp(`^${code}: `));
      expect(more.at(-1)).toMatch(/^[A-Z].+\.$/);
      expect((await shell.ended).code).toBe(1);
      expect(shell.seen.some(({ kind }) => kind === 'window')).toBe(false);
    }
  });

  test('while a run trains, closing asks: Cancel changes nothing, the tray keeps it, stopping writes a checkpoint', async () => {
    const folder = temporary();
    const shell = new DrivenShell(folder);
    await shell.isOpen();
    const run = await training(shell);

    shell.does({ kind: 'close' });
    const asked = await shell.sees('dialog', ({ which }) => which === 'message');
    expect(asked).toMatchObject({ text: `${run} is training.`, hasParent: true });
    shell.does({ kind: 'quit' }); // A second command while it asks is no second question.
    shell.does({ kind: 'answer', value: { response: 2 } });
    expect(await shell.call<AppInfo>('app.info')).toMatchObject({ load: { activeRuns: 1 } });
    expect(shell.seen.filter(({ kind }) => kind === 'dialog')).toHaveLength(1);
    expect(shell.seen.filter(({ kind }) => kind === 'window' || kind === 'loaded')).toHaveLength(3);

    let from = shell.seen.length;
    shell.does({ kind: 'quit' });
    await shell.sees('dialog', undefined, from);
    shell.does({ kind: 'answer', value: { response: 0 } });
    await shell.sees('window', ({ state }) => state === 'hidden', from);
    expect((await shell.sees('tray')).text).toContain('is training');
    shell.does({ kind: 'second-instance' });
    await shell.sees('window', ({ state }) => state === 'shown', from);
    await shell.sees('tray', ({ text }) => text === null, from);

    await shell.call('settings.update', { change: { onClose: 'keep' } });
    from = shell.seen.length;
    shell.does({ kind: 'close' });
    await shell.sees('window', ({ state }) => state === 'hidden', from);
    shell.does({ kind: 'quit' }); // Kept in the tray, it can still be quit.
    expect(await shell.sees('dialog', undefined, from)).toMatchObject({ hasParent: false });
    shell.does({ kind: 'answer', value: { response: 1 } });
    expect(await shell.ended).toMatchObject({ code: 0, stderr: '' });
    const store = openStore(join(folder, 'home'));
    expect(store.findRun(run)).toMatchObject({ status: 'interrupted' });
    expect(
      readdirSync(store.runDirectory(run), { recursive: true }).some((name) => String(name).endsWith('.cad')),
    ).toBe(true);
    store.close();
  });

  test('loads its page again when its process dies, three times a minute; then it asks', async () => {
    const shell = new DrivenShell(temporary());
    await shell.isOpen();
    for (let died = 1; died <= 3; died++) {
      const from = shell.seen.length;
      shell.does({ kind: 'page-gone', reason: 'crashed' });
      await shell.sees('loaded', undefined, from);
    }
    const from = shell.seen.length;
    shell.does({ kind: 'page-gone', reason: 'crashed' });
    expect((await shell.sees('dialog', undefined, from)).text).toBe('The window keeps failing.');
    expect(shell.seen.slice(from).some(({ kind }) => kind === 'loaded')).toBe(false);
    shell.does({ kind: 'answer', value: { response: 0 } });
    await shell.sees('loaded', undefined, from);
    shell.does({ kind: 'page-gone', reason: 'crashed' });
    shell.does({ kind: 'answer', value: { response: 1 } });
    expect((await shell.ended).code).toBe(0);
  });

  test('opens on its own address, goes to screens without loading the page again, and exports diagnostics to where its user says', async () => {
    const folder = temporary();
    const shell = new DrivenShell(folder);
    await shell.isOpen();
    const page = { url: 'app://caduceus/index.html', status: 200, title: 'Caduceus' };
    expect(await shell.sees('loaded')).toMatchObject(page);
    expect(await shell.call<AppInfo>('app.info')).toMatchObject({ name: 'Caduceus', host: 'desktop' });
    await shell.page('void (window.heard = [], window.caduceus.onCommand((command) => window.heard.push(command)))');
    for (const label of ['New Experiment', 'New Experiment', 'Settings…', 'Command Palette']) {
      shell.does({ kind: 'menu', label });
    }
    const go = (route: string) => ({ kind: 'go', route });
    const expected = [go('#/experiment'), go('#/experiment'), go('#/settings'), { kind: 'palette' }];
    await expect.poll(() => shell.page('window.heard'), { timeout: 60_000 }).toEqual(expected);
    expect(shell.seen.filter(({ kind }) => kind === 'loaded')).toHaveLength(1);

    const answer = await shell.page('window.caduceus.handOver({ id: "0".repeat(32) })');
    expect(answer).toMatchObject({ ok: false, error: { code: 'CAD-FILE-UNKNOWN' } });
    const filePath = join(folder, 'diagnostics.json');
    shell.does({ kind: 'page-gone', reason: 'oom' });
    await shell.sees('loaded', undefined, shell.seen.length);
    shell.does({ kind: 'menu', label: 'Export Diagnostics…' });
    expect(await shell.sees('dialog', ({ which }) => which === 'save')).toMatchObject({ hasParent: true });
    shell.does({ kind: 'answer', value: { canceled: false, filePath } });
    await expect.poll(() => existsSync(filePath), { timeout: 60_000 }).toBe(true);
    const { internalErrors } = JSON.parse(readFileSync(filePath, 'utf8')) as { internalErrors: { text: string }[] };
    expect(internalErrors.map(({ text }) => text)).toEqual(['oom']);
    expect(readFileSync(filePath, 'utf8')).not.toContain(`${homedir()}/`);
    shell.does({ kind: 'quit' });
    expect((await shell.ended).code).toBe(0);
  });
});

test('the preload script is one file that asks for nothing but electron', () => {
  const file = join(ROOT, 'dist', 'electron', 'preload.cjs');
  expect(existsSync(file)).toBe(true);
  const source = readFileSync(file, 'utf8');
  expect([...source.matchAll(/require\("([^"]+)"\)/g)].map(([, name]) => name)).toEqual(['electron']);
  expect(source).toContain('exposeInMainWorld("caduceus"');
});
