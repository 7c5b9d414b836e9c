import { describe, expect, test } from 'vitest';
import { Ending, type EndingParts } from './ending.ts';
import type { QuitChoice } from './quit.ts';

const RUNS = ['digits'];

/** The end with all that it does written down. */
function ending(given: Partial<EndingParts> = {}) {
  const done: string[] = [];
  const tell =
    (word: string) =>
    (...what: unknown[]): void =>
      void done.push([word, ...what].join(' '));
  const it = new Ending({
    runs: () => RUNS,
    onClose: async () => 'ask',
    ask: async () => 'cancel',
    keep: tell('keep'),
    stop: async () => tell('stop')(),
    quit: tell('quit'),
    onFailure: tell('failure'),
    ...given,
  });
  return { it, done, tell };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const answers = (choice: QuitChoice) => ({ ask: async () => choice });

describe('closing and quitting', () => {
  test.each(['close', 'quit'] as const)('%s: with nothing that trains, it ends without a question', async (wanted) => {
    const { it, done } = ending({ runs: () => [], ask: () => Promise.reject(new Error('asked')) });
    expect(it.allows(wanted)).toBe(false);
    await settled();
    expect(done).toEqual(['stop', 'quit']);
    expect([it.allows('close'), it.allows('quit')]).toEqual([true, true]);
  });

  test('what the user answers is done; Cancel leaves everything as it was', async () => {
    for (const [choice, expected] of [
      ['keep', ['keep digits']],
      ['stop', ['stop', 'quit']],
      ['cancel', []],
    ] as const) {
      const { it, done } = ending(answers(choice));
      expect(it.allows('close')).toBe(false);
      await settled();
      expect(done).toEqual(expected);
      expect(it.allows('close')).toBe(choice === 'stop');
    }
  });

  test('what was said once for all about closing the window is not asked again', async () => {
    for (const [onClose, expected] of [
      ['keep', ['keep digits']],
      ['stop', ['stop', 'quit']],
    ] as const) {
      const { it, done } = ending({ onClose: async () => onClose, ask: () => Promise.reject(new Error('asked')) });
      it.allows('close');
      await settled();
      expect(done).toEqual(expected);
    }
  });

  test('a program that is kept in the tray can still be quit: then it is asked', async () => {
    const { it, done } = ending({ onClose: async () => 'keep', ...answers('stop') });
    it.allows('quit');
    await settled();
    expect(done).toEqual(['stop', 'quit']);
  });

  test('two commands to quit are one question', async () => {
    let asked = 0;
    let choose = (_: QuitChoice): void => undefined;
    const ask = (): Promise<QuitChoice> => new Promise((resolve) => ((asked += 1), (choose = resolve)));
    const { it, done } = ending({ ask });
    for (const wanted of ['quit', 'quit', 'close'] as const) {
      expect(it.allows(wanted)).toBe(false);
      await settled();
    }
    expect(asked).toBe(1);
    choose('cancel');
    await settled();
    it.allows('quit');
    await settled();
    expect(asked).toBe(2);
    choose('stop');
    await settled();
    expect(done).toEqual(['stop', 'quit']);
  });

  test('a stop that fails ends it all the same, and is kept for the diagnostics', async () => {
    const { it, done } = ending({ ...answers('stop'), stop: () => Promise.reject(new Error('disk full')) });
    it.allows('quit');
    await settled();
    expect(done).toEqual(['failure Error: disk full', 'quit']);
    expect(it.allows('quit')).toBe(true);
  });

  test('where nobody can be asked, runs are stopped with a checkpoint', async () => {
    const { it, done } = ending({ ask: () => Promise.reject(new Error('no display')) });
    it.allows('quit');
    await settled();
    expect(done).toEqual(['failure Error: no display', 'stop', 'quit']);
  });
});
