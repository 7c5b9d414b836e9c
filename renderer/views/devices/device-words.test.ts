import { describe, expect, it } from 'vitest';
import type { DeviceView, StepProgress } from '../../../main/core/device.ts';
import {
  age,
  gibibytes,
  keyExpiryDays,
  pathWords,
  sshCommand,
  stateWords,
  tookWords,
  whatItIs,
} from './device-words.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const device = (change: Partial<DeviceView>): DeviceView => ({
  ...{ id: 'd1', name: 'pi-attic', address: '192.168.1.40', port: 22, jump: [], tags: [], caps: {}, source: 'address' },
  ...{ state: 'new', addedAt: '2026-11-20T11:00:00Z', lastSeenAt: null, trust: null, facts: null, benchmark: null },
  ...{ path: null, deployment: null, steps: null, question: null, error: null, run: null },
  ...change,
});

describe('the state of a device', () => {
  it('is told by when it was last heard', () => {
    const at = (lastSeenAt: string): DeviceView => device({ state: 'ready', lastSeenAt });
    expect(stateWords(at('2026-11-20T11:59:30Z'), NOW)).toEqual({ tone: 'good', word: 'ready' });
    expect(stateWords(at('2026-11-20T09:00:00Z'), NOW)).toMatchObject({ tone: 'neutral', detail: 'as of 3 h ago' });
    const gone = device({ state: 'offline', lastSeenAt: '2026-11-17T12:00:00Z' });
    expect(stateWords(gone, NOW)).toMatchObject({ tone: 'bad', word: 'offline for 3 days' });
    expect(stateWords(device({ state: 'offline' }), NOW).word).toBe('never answered');
  });

  it('names the step that a deployment is at, and the one that failed', () => {
    const upload: StepProgress = { step: 'upload', state: 'running', progress: 0.62, log: [] };
    expect(stateWords(device({ state: 'deploying', steps: [upload] }), NOW).detail).toBe('upload 62 %');
    const failed: StepProgress = { step: 'authenticate', state: 'failed', log: [] };
    expect(stateWords(device({ state: 'failed', steps: [failed] }), NOW).detail).toBe('at authenticate');
  });

  it('says what it asks', () => {
    const asked = { kind: 'secret', question: 'q', host: '100.64.0.2:22', secret: 'password', prompt: '' } as const;
    const question = { ...asked, isShown: false, canRemember: false };
    expect(stateWords(device({ state: 'needs-you', question }), NOW).word).toBe('wants a password');
  });
});

describe('what is not known', () => {
  it('is a dash or left out, never 0', () => {
    expect(whatItIs({ facts: null })).toBe('–');
    expect(whatItIs({ facts: { architecture: 'arm64', system: 'linux', instructions: [] } })).toBe('arm64');
    expect(pathWords(null)).toBe('–');
    expect(pathWords({ kind: 'relay' })).toBe('relay');
    expect(tookWords(undefined)).toBeUndefined();
  });
});

it('writes sizes and times short', () => {
  expect(gibibytes(8.2e9)).toBe('7.6 GB');
  expect(gibibytes(512 * 2 ** 20)).toBe('512 MB');
  expect(pathWords({ kind: 'direct', latencyMs: 3.21 })).toBe('direct 3.2 ms');
  expect([age(400), age(40_000), age(300_000), age(7_200_000), age(86_400_000)]).toEqual([
    ...['0 s', '40 s', '5 min', '2 h', '1 day'],
  ]);
  expect([tookWords(43.2), tookWords(1234), tookWords(125_000)]).toEqual(['43 ms', '1.2 s', '2 min']);
});

it('warns of a key that expires soon', () => {
  expect(keyExpiryDays({}, NOW)).toBeUndefined();
  expect(keyExpiryDays({ keyExpiresAt: '2027-05-01T00:00:00Z' }, NOW)).toBeUndefined();
  expect(keyExpiryDays({ keyExpiresAt: '2026-11-25T13:00:00Z' }, NOW)).toBe(5);
  expect(keyExpiryDays({ keyExpiresAt: '2026-11-19T12:00:00Z' }, NOW)).toBe(-1);
});

it('gives the same connection as a command that a shell reads as it is meant', () => {
  expect(sshCommand(device({}))).toBe('ssh 192.168.1.40');
  expect(sshCommand(device({ port: 2222, user: 'pi', keyFile: "/home/pi/it's mine", jump: ['gate', 'b'] }))).toBe(
    `ssh -p 2222 -i '/home/pi/it'\\''s mine' -J gate,b pi@192.168.1.40`,
  );
});
