import { describe, expect, test } from 'vitest';
import { Sessions } from './sessions.ts';

describe('sessions', () => {
  test('a token is exchanged once, for a cookie and a key that go together', () => {
    const sessions = new Sessions();
    const token = sessions.issue();
    const first = sessions.exchange(token);
    expect(first).toBeDefined();
    expect(sessions.exchange(token)).toBeUndefined();
    expect(sessions.owns(first?.cookie, first?.key ?? '')).toBe(true);
    const second = sessions.exchange(sessions.issue());
    expect(sessions.owns(first?.cookie, second?.key ?? '')).toBe(false);
    expect(sessions.owns(undefined, first?.key ?? '')).toBe(false);
    expect(sessions.owns(first?.key, first?.cookie ?? '')).toBe(false);
  });

  test('nothing that was never issued lets anybody in, the empty token among it', () => {
    const sessions = new Sessions();
    for (const wrong of ['', 'x', sessions.issue().slice(1), '\u0000'.repeat(43)])
      expect(sessions.exchange(wrong)).toBeUndefined();
    expect(sessions.find('')).toBeUndefined();
    expect(sessions.owns('', '')).toBe(false);
  });

  test('tokens and sessions are bounded; the oldest go', () => {
    const sessions = new Sessions();
    const tokens = Array.from({ length: 20 }, () => sessions.issue());
    expect(sessions.exchange(tokens[0] ?? '')).toBeUndefined();
    expect(sessions.exchange(tokens[19] ?? '')).toBeDefined();
    const first = sessions.exchange(sessions.issue());
    for (let index = 0; index < 40; index++) sessions.exchange(sessions.issue());
    expect(sessions.find(first?.cookie)).toBeUndefined();
  });
});
