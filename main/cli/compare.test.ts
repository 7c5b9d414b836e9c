import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ablateRequest, compareRequest } from './compare.ts';

let directory: string;
beforeAll(() => (directory = mkdtempSync(join(tmpdir(), 'caduceus-compare-'))));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function file(settings: object): string {
  const path = join(directory, 'settings.json');
  writeFileSync(path, JSON.stringify(settings));
  return path;
}

describe('a comparison from a settings file', () => {
  it('ends runs where the file says', () => {
    const config = file({ policy: 'bsp', stop: { maxSeconds: 60, giveUpAfter: 7, targetAccuracy: 0.9 } });
    expect(compareRequest({ config }).config.stop).toEqual({ maxSeconds: 60, giveUpAfter: 7, targetAccuracy: 0.9 });
  });

  it('ends them at its own limits where neither file nor flag says another', () => {
    const usual = { maxSeconds: 1200, giveUpAfter: 100 };
    expect(compareRequest({}).config.stop).toEqual(usual);
    expect(compareRequest({ config: file({ policy: 'bsp' }) }).config.stop).toEqual(usual);
    expect(compareRequest({ config: file({ stop: { maxSeconds: 60 } }) }).config.stop).toEqual({
      ...usual,
      maxSeconds: 60,
    });
  });

  it('ends them where a flag says, before the file', () => {
    const config = file({ stop: { maxSeconds: 60, giveUpAfter: 7 } });
    expect(compareRequest({ config, 'max-seconds': '30' }).config.stop).toEqual({ maxSeconds: 30, giveUpAfter: 7 });
  });

  it('begins at the file’s seed', () => {
    const config = file({ seed: 11 });
    expect(compareRequest({ config }).firstSeed).toBe(11);
    expect(compareRequest({ config, seed: '3' }).firstSeed).toBe(3);
  });

  it('gives the file’s options to the policy that the file names, and to no other', () => {
    const config = file({ policy: 'hermes', options: { alpha: -2 } });
    expect(compareRequest({ config, policies: 'bsp,hermes' }).variants).toEqual([
      { policy: 'bsp', options: {} },
      { policy: 'hermes', options: { alpha: -2 } },
    ]);
  });

  it('leaves limits that are no object for the check of settings to refuse', () => {
    expect(compareRequest({ config: file({ stop: 60 }) }).config.stop).toBe(60);
  });
});

describe('an ablation from a settings file', () => {
  it('takes apart the policy that the file names, with the file’s options', () => {
    const config = file({ policy: 'hermes', options: { alpha: -2 }, stop: { giveUpAfter: 7 } });
    const { variants = [], config: told } = ablateRequest({ config });
    const hermes = variants.filter(({ policy }) => policy === 'hermes');
    expect(hermes.length).toBeGreaterThan(1);
    for (const { options } of hermes) expect(options).toMatchObject({ alpha: -2 });
    expect(told.stop).toEqual({ maxSeconds: 1200, giveUpAfter: 7 });
  });

  it('takes apart the policy of the flag, with its defaults, before the file’s', () => {
    const config = file({ policy: 'hermes', options: { alpha: -2 } });
    expect(ablateRequest({ config, policy: 'local-sgd' }).variants?.[0]).toEqual({
      label: 'local-sgd',
      policy: 'local-sgd',
      options: {},
    });
  });

  it('needs a policy from one of them', () => {
    expect(() => ablateRequest({})).toThrow('--policy NAME');
  });
});
