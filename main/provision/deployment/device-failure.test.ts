import { describe, expect, it } from 'vitest';
import { linesOf, printable, refuseFailure, startFailure } from './device-failure.ts';

function result(code: number, stdout: string, stderr = ''): Parameters<typeof linesOf>[0] {
  return { code, stdout: Buffer.from(stdout), stderr, tookMs: 1 };
}

function codeOf(act: () => unknown): unknown {
  try {
    act();
    return 'none';
  } catch (error) {
    return (error as { code: unknown }).code;
  }
}

describe('what a program on the device could not do', () => {
  it('has a code and the words it was told with', () => {
    const busy = 'one\nfail busy process\\0404711\\040has\\040been\\040at\\040work\\040there\n';
    expect(() => linesOf(result(70, busy), 'try')).toThrow('process 4711 has been at work there');
    expect(codeOf(() => linesOf(result(70, busy), 'try'))).toBe('CAD-DEVICE-BUSY');
    expect(codeOf(() => linesOf(result(70, 'fail tampered node a b'), 'try'))).toBe('CAD-DEVICE-TAMPERED');
    expect(codeOf(() => linesOf(result(70, 'fail full x'), 'try'))).toBe('CAD-DEVICE-DISK');
    expect(codeOf(() => linesOf(result(70, 'fail no-digest x'), 'try'))).toBe('CAD-DEVICE-SYSTEM');
    expect(codeOf(() => linesOf(result(70, 'fail never-heard-of'), 'try'))).toBe('CAD-DEVICE-COMMAND');
    expect(linesOf(result(0, 'one\n\ntwo\n'), 'try')).toEqual(['one', 'two']);
  });

  it('quotes the line that names the error, or the end of what was said', () => {
    const trace = 'node:internal\n\nError: no such thing\n    at here\n\nNode.js v24';
    expect(() => refuseFailure([], { code: 1, stderr: trace }, 'start')).toThrow('exit code 1 (Error: no such thing)');
    expect(() => refuseFailure([], { code: 2, stderr: 'a\nb' }, 'start')).toThrow('exit code 2 (a | b)');
  });

  it('tells a runtime that cannot start from an agent that failed', () => {
    const noexec = startFailure({ code: 126, stderr: 'sh: 9: exec: /x/node: Permission denied' });
    expect(noexec?.code).toBe('CAD-DEVICE-NOEXEC');
    expect(startFailure({ code: 126, stderr: 'cannot execute binary file: Exec format error' })?.code).toBe(
      'CAD-DEVICE-SYSTEM',
    );
    expect(startFailure({ code: 1, stderr: "node: /lib/libc.so.6: version `GLIBC_2.28' not found" })?.code).toBe(
      'CAD-DEVICE-SYSTEM',
    );
    expect(startFailure({ code: 127, stderr: 'error while loading shared libraries: libatomic.so.1' })?.code).toBe(
      'CAD-DEVICE-SYSTEM',
    );
    expect(startFailure({ code: 1, stderr: 'Error: broken' })).toBeUndefined();
  });

  it('never steers a terminal', () => {
    expect(printable('a\u001b[2Jb\u0007\u009bc\n\td')).toBe('a[2Jbc\n\td');
  });
});
