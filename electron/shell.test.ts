import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { CaduceusError } from '../main/core/errors.ts';
import { failureText, within } from './failures.ts';
import { menuTemplate } from './menu.ts';
import { places } from './places.ts';
import { Wakefulness, watchSleep } from './power.ts';
import { quitChoice, quitQuestion } from './quit.ts';
import { ReloadBound } from './reload-bound.ts';

describe('quitting while a model trains', () => {
  test('offers to keep going, to stop with a checkpoint, and to think again; closing the dialog is the last', () => {
    const question = quitQuestion(['digits']);
    expect(question.buttons?.map((_, index) => quitChoice(index))).toEqual(['keep', 'stop', 'cancel']);
    expect(quitChoice(question.cancelId ?? -1)).toBe('cancel');
    expect(quitChoice(-1)).toBe('cancel');
    expect(question.message).toBe('digits is training.');
    expect(quitQuestion(['a', 'b']).message).toBe('2 runs are training.');
  });
});

describe('the machine', () => {
  test('stays awake exactly while something trains', () => {
    const held = new Set<number>();
    let next = 1;
    const wakefulness = new Wakefulness({
      start: () => (held.add(next), next++),
      stop: (id) => held.delete(id),
    });
    for (const [isTraining, count] of [
      [false, 0],
      [true, 1],
      [true, 1],
      [false, 0],
      [false, 0],
      [true, 1],
    ] as const) {
      wakefulness.follow(isTraining);
      expect(held.size).toBe(count);
    }
  });

  test('tells how long it slept, once', () => {
    const monitor = new EventEmitter();
    const slept: number[] = [];
    let nowMs = 1000;
    watchSleep(
      monitor as never,
      (ms) => slept.push(ms),
      () => nowMs,
    );
    monitor.emit('resume');
    monitor.emit('suspend');
    nowMs = 601_000;
    monitor.emit('resume');
    expect(slept).toEqual([600_000]);
  });
});

describe('the menu', () => {
  const actions = {
    go: () => {},
    openPalette: () => {},
    openDataFolder: () => {},
    exportDiagnostics: () => {},
    about: () => {},
  };

  test('has no accelerator twice, and reloads only where Caduceus is built', () => {
    for (const isMac of [true, false]) {
      const items = menuTemplate(actions, isMac, true).flatMap(({ submenu }) =>
        Array.isArray(submenu) ? submenu : [],
      );
      const keys = items.flatMap(({ accelerator }) => (accelerator === undefined ? [] : [accelerator]));
      expect(new Set(keys).size).toBe(keys.length);
      expect(items.some(({ role }) => role === 'reload' || role === 'toggleDevTools')).toBe(false);
      expect(items.some(({ label }) => label === 'Settings…')).toBe(true);
    }
  });
});

describe('places', () => {
  test('of a packaged app are beside its archive; Electron is never run as Node', () => {
    const packaged = places('/app/resources/app.asar', '/app/resources', 'linux');
    expect(packaged.window).toBe('/app/resources/app.asar/dist/renderer');
    expect(packaged.preload).toBe('/app/resources/app.asar/dist/electron/preload.cjs');
    for (const program of Object.values(packaged.programs))
      expect(program).toMatch(/^\/app\/resources\/(programs|worker|runtime)\//);
    expect(places('/src', undefined, 'linux').programs.node).toBe('/src/node_modules/node/bin/node');
  });
});

test('a page whose process dies is loaded again three times in a minute, and not for ever', () => {
  const bound = new ReloadBound();
  expect([0, 1000, 2000, 3000, 59_000].map((atMs) => bound.take(atMs))).toEqual([true, true, true, false, false]);
  expect([60_000, 60_500, 61_000].map((atMs) => bound.take(atMs))).toEqual([true, false, true]);
});

describe('a failure of the program', () => {
  test('is told with its code, its cause and what to do', () => {
    const cause = new Error('EACCES: permission denied');
    const error = new CaduceusError(
      'CAD-HOME-READONLY',
      'the data directory cannot be written',
      'Choose another.',
      cause,
    );
    expect(failureText(error).split('\n\n')).toEqual([
      'CAD-HOME-READONLY: the data directory cannot be written',
      'Because: EACCES: permission denied',
      'Choose another.',
    ]);
    for (const other of [new Error('x'), 'x', undefined])
      expect(failureText(other)).toMatch(/^CAD-INTERNAL: .+report/s);
  });

  test('does not wait for an end that never comes', async () => {
    await within(20, new Promise(() => undefined));
    await within(60_000, Promise.resolve());
    await expect(within(60_000, Promise.reject(new Error('disk full')))).rejects.toThrow('disk full');
  });
});
