import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SystemVault } from './vault.ts';

type Backend = 'basic_text' | 'gnome_libsecret' | 'kwallet6' | 'unknown';

/** Stands for Electron's safeStorage, which exists only inside Electron. It turns text around. */
function storage(backend: Backend, available = true, broken = false): ConstructorParameters<typeof SystemVault>[0] {
  const turned = (text: string): string => [...text].reverse().join('');
  return {
    isAsyncEncryptionAvailable: async () => available,
    getSelectedStorageBackend: () => backend,
    encryptStringAsync: async (text) => Buffer.from(turned(text)),
    decryptStringAsync: async (encrypted) => {
      if (broken) throw new Error('the key store was reset');
      return { result: turned(encrypted.toString()), shouldReEncrypt: false };
    },
  };
}

describe('the vault', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'caduceus-vault-'));
    file = join(folder, 'secrets.json');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const vault = (backend: Backend, platform: NodeJS.Platform = 'linux', available = true): SystemVault =>
    new SystemVault(storage(backend, available), file, platform);

  test('keeps a secret encrypted, for its user alone, until it is deleted', async () => {
    const kept = vault('gnome_libsecret');
    await kept.set('password of pi', 'correct horse');
    expect(await kept.get('password of pi')).toBe('correct horse');
    expect(readFileSync(file, 'utf8')).not.toContain('correct horse');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await kept.delete('password of pi');
    expect(await kept.get('password of pi')).toBeUndefined();
    expect(() => statSync(file)).toThrow();
  });

  test.each(['basic_text', 'unknown'] as const)(
    'writes nothing where the key is one that everybody has (%s)',
    async (backend) => {
      const kept = vault(backend);
      expect(await kept.canKeep()).toBe(false);
      await kept.set('password of pi', 'correct horse');
      expect(() => statSync(file)).toThrow();
    },
  );

  test('macOS and Windows have one backend, which is real', async () => {
    expect(await vault('unknown', 'darwin').canKeep()).toBe(true);
    expect(await vault('unknown', 'win32').canKeep()).toBe(true);
    expect(await vault('unknown', 'win32', false).canKeep()).toBe(false);
  });

  test('a key store that was reset, or a damaged file, means asking again, not failing', async () => {
    await vault('kwallet6').set('a', 'b');
    expect(await new SystemVault(storage('kwallet6', true, true), file, 'linux').get('a')).toBeUndefined();
    writeFileSync(file, '{');
    expect(await vault('kwallet6').get('a')).toBeUndefined();
    await vault('kwallet6').set('c', 'd');
    expect(await vault('kwallet6').get('c')).toBe('d');
  });
});
