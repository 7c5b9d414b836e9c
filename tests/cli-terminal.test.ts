/** What a person reads: safe from what devices say, plain in logs, one line redrawn on a terminal. */
import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { bar, Terminal } from '../main/cli/terminal.ts';
import { printable } from '../main/core/plain-text.ts';

/** A stream that remembers what was written. */
class Screen extends EventEmitter {
  readonly isTTY: boolean;
  readonly columns: number;
  text = '';

  constructor({ isTTY = true, columns = 80 } = {}) {
    super();
    this.isTTY = isTTY;
    this.columns = columns;
  }

  write(text: string): boolean {
    this.text += text;
    return true;
  }
}

function terminalOn(screen: Screen, environment: NodeJS.ProcessEnv = {}): Terminal {
  return new Terminal(screen as unknown as NodeJS.WriteStream, environment);
}

const ERASE = '\r\u001b[2K';
/** Every character that a terminal obeys, among them those that colour, erase, retitle and ring. */
const COMMANDS = [...Array.from({ length: 0x20 }, (_, code) => code), ...range(0x7f, 0x9f)];
/** Characters that turn the direction of what follows, or end a line in another way. */
const TURNING = [0x200e, 0x200f, ...range(0x2028, 0x202e), ...range(0x2066, 0x2069)];

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

describe('text from devices', () => {
  it('brings no character to the terminal that steers it', () => {
    for (const code of [...COMMANDS, ...TURNING]) {
      const shown = printable(`a${String.fromCodePoint(code)}b`);
      expect(shown, `U+${code.toString(16)}`).toMatch(/^a[ \ufffd]b$/);
    }
  });

  it('keeps letters of all scripts and our own signs', () => {
    const text = 'Jetson „Küche“ 東京 🚀 – · … █░';
    expect(printable(text)).toBe(text);
  });

  it('can neither retitle a window, nor erase, nor add a line of its own', () => {
    const screen = new Screen({ isTTY: false });
    terminalOn(screen).line('w \u001b]0;gotcha\u0007\u001b[2J\r\nRun r-1: accuracy 100 %');
    expect(screen.text).toBe('w \ufffd]0;gotcha\ufffd\ufffd[2J\ufffd Run r-1: accuracy 100 %\n');
  });

  it('does not get through as progress either', () => {
    for (const isTTY of [true, false]) {
      const screen = new Screen({ isTTY });
      terminalOn(screen).progress(0, () => 'a\u001b[31m\nb');
      expect(screen.text).toBe(`a\ufffd[31m b${isTTY ? '' : '\n'}`);
    }
  });
});

describe('progress on a terminal', () => {
  it('is one line, drawn again in its place', () => {
    const screen = new Screen();
    const terminal = terminalOn(screen);
    terminal.progress(0, () => 'one');
    terminal.progress(100, () => 'two');
    expect(screen.text).toBe(`one${ERASE}two`);
  });

  it('is not drawn more than ten times a second', () => {
    const screen = new Screen();
    const terminal = terminalOn(screen);
    for (let nowMs = 0; nowMs < 1000; nowMs++) terminal.progress(nowMs, () => `at ${nowMs}`);
    expect(screen.text.split(ERASE)).toHaveLength(10);
  });

  it('makes room for a line, and none is left behind at the end', () => {
    const screen = new Screen();
    const terminal = terminalOn(screen);
    terminal.progress(0, () => 'half');
    terminal.line('lost: b');
    terminal.progress(200, () => 'more');
    terminal.endProgress();
    expect(screen.text).toBe(`half${ERASE}lost: b\nmore${ERASE}`);
  });

  it('starts at once in the next run', () => {
    const screen = new Screen();
    const terminal = terminalOn(screen);
    terminal.progress(1000, () => 'first run');
    terminal.endProgress();
    terminal.progress(1001, () => 'second run');
    expect(screen.text).toBe(`first run${ERASE}second run`);
  });

  it('never wraps', () => {
    const screen = new Screen({ columns: 50 });
    terminalOn(screen).progress(0, () => 'x'.repeat(300));
    expect(screen.text).toHaveLength(49);
  });
});

describe('progress elsewhere', () => {
  it.each([
    ['in a pipe or a file', new Screen({ isTTY: false }), {}],
    ['on a dumb terminal', new Screen(), { TERM: 'dumb' }],
    ['on a build server', new Screen(), { CI: 'true' }],
  ])('%s is plain lines, one every five seconds', (_where, screen, environment) => {
    const terminal = terminalOn(screen, environment);
    for (let nowMs = 0; nowMs <= 10_000; nowMs += 100) terminal.progress(nowMs, () => `at ${nowMs}`);
    terminal.line('done');
    terminal.endProgress();
    expect(screen.text).toBe('at 0\nat 5000\nat 10000\ndone\n');
  });

  it('is not made up when it is not shown', () => {
    const terminal = terminalOn(new Screen({ isTTY: false }));
    terminal.progress(0, () => 'shown');
    terminal.progress(1, () => {
      throw new Error('costs something');
    });
  });
});

describe('a reader that goes away', () => {
  it('does not end the program', () => {
    const screen = new Screen();
    terminalOn(screen);
    expect(() => screen.emit('error', new Error('EPIPE'))).not.toThrow();
  });
});

describe('a bar', () => {
  it('is as long as asked for, whatever the share', () => {
    expect([-1, 0, 0.5, 1, 7].map((share) => bar(share, 4))).toEqual(['░░░░', '░░░░', '██░░', '████', '████']);
  });
});
