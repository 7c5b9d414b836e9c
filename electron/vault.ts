/**
 * Secrets in the system's key store, by Electron's safeStorage: macOS Keychain, Windows DPAPI, Secret
 * Service or KWallet. Where Linux has none, safeStorage would use a key that everybody knows: then
 * nothing is kept, and the window says so.
 */
import type { SafeStorage } from 'electron';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** Backends of Linux that really keep a secret. */
const REAL_BACKENDS = ['gnome_libsecret', 'kwallet', 'kwallet5', 'kwallet6'];
const MAX_SECRETS = 1000;

type Storage = Pick<
  SafeStorage,
  'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'
>;

/** The `Vault` that the control plane is given; its layer is not imported, only its shape. */
export class SystemVault {
  readonly #storage: Storage;
  readonly #file: string;
  readonly #platform: NodeJS.Platform;

  /** @param file where the encrypted secrets lie, mode 0600. */
  constructor(storage: Storage, file: string, platform: NodeJS.Platform = process.platform) {
    this.#storage = storage;
    this.#file = file;
    this.#platform = platform;
  }

  async canKeep(): Promise<boolean> {
    if (!(await this.#storage.isAsyncEncryptionAvailable())) return false;
    return this.#platform !== 'linux' || REAL_BACKENDS.includes(this.#storage.getSelectedStorageBackend());
  }

  async get(name: string): Promise<string | undefined> {
    if (!(await this.canKeep())) return undefined;
    const kept = this.#read().get(name);
    if (kept === undefined) return undefined;
    try {
      const { result, shouldReEncrypt } = await this.#storage.decryptStringAsync(Buffer.from(kept, 'base64'));
      if (shouldReEncrypt) await this.set(name, result);
      return result;
    } catch {
      return undefined; // The key store was reset: the user is asked again.
    }
  }

  async set(name: string, secret: string): Promise<void> {
    if (!(await this.canKeep())) return;
    const secrets = this.#read();
    if (!secrets.has(name) && secrets.size >= MAX_SECRETS) return;
    secrets.set(name, (await this.#storage.encryptStringAsync(secret)).toString('base64'));
    this.#write(secrets);
  }

  async delete(name: string): Promise<void> {
    const secrets = this.#read();
    if (secrets.delete(name)) this.#write(secrets);
  }

  #read(): Map<string, string> {
    try {
      const held = JSON.parse(readFileSync(this.#file, 'utf8')) as Record<string, unknown>;
      return new Map(Object.entries(held).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
    } catch {
      return new Map();
    }
  }

  #write(secrets: Map<string, string>): void {
    if (secrets.size === 0) {
      rmSync(this.#file, { force: true });
      return;
    }
    writeFileSync(`${this.#file}.tmp`, `${JSON.stringify(Object.fromEntries(secrets))}\n`, { mode: 0o600 });
    renameSync(`${this.#file}.tmp`, this.#file);
  }
}
