import { describe, expect, it } from 'vitest';
import { readSettings, settingsChangeSchema, settingsSchema } from './settings.ts';

describe('settings of an earlier version', () => {
  it('are read without what nothing reads any more', () => {
    const { theme, ...rest } = settingsSchema.parse({});
    const old = { ...rest, theme: 'dark', defaultPolicy: 'bsp', defaultCluster: 'hermes-12' };
    expect(readSettings(old)).toEqual({ ...rest, theme: 'dark' });
    expect(readSettings({ ...old, unheardOf: 1 })).toBeUndefined();
    expect(theme).toBe('system');
  });
});

describe('a change of settings', () => {
  it('holds nothing but what it names', () => {
    expect(settingsChangeSchema.parse({ reportHosts: true })).toEqual({ reportHosts: true });
    expect(settingsChangeSchema.parse({})).toEqual({});
  });

  it('may name every setting, and nothing else', () => {
    const { version: _, ...all } = settingsSchema.parse({});
    expect(settingsChangeSchema.parse(all)).toEqual(all);
    expect(Object.keys(settingsChangeSchema.shape).sort()).toEqual(Object.keys(all).sort());
    expect(settingsChangeSchema.safeParse({ version: 1 }).success).toBe(false);
  });

  it('names no address that stands for all of them', () => {
    expect(settingsChangeSchema.safeParse({ listenHost: '100.101.102.103' }).success).toBe(true);
    for (const listenHost of ['0.0.0.0', '::', '0', '*']) {
      expect(settingsChangeSchema.safeParse({ listenHost }).success, listenHost).toBe(false);
    }
  });
});
