/**
 * Passwords and passphrases: asked for once, kept in memory until the program ends, or in the vault when its user says so
 * and the vault is real. Never on disk here, never in an argument, the environment, a log or the database.
 */
import { oneLine } from '../../core/plain-text.ts';
import type { Dialogue } from '../ssh/dialogue.ts';
import type { Vault } from './vault.ts';

/** A password is asked for while the device holds the connection open, which sshd does for two minutes. */
export const SECRET_TIMEOUT_MS = 100_000;
const MAX_SECRETS = 1000;

export interface SecretRequest {
  kind: 'password' | 'passphrase';
  /** What it belongs to: `user@host:port`, or a key's path. */
  subject: string;
  host: string;
  prompt: string;
}

export class SecretKeeper {
  readonly #vault: Vault;
  readonly #session = new Map<string, string>();

  constructor(vault: Vault) {
    this.#vault = vault;
  }

  /** From memory or the vault, without asking. */
  async known({ kind, subject }: SecretRequest): Promise<string | undefined> {
    const name = `${kind} ${subject}`;
    const kept = this.#session.get(name) ?? (await this.#vault.get(name).catch(() => undefined));
    return kept;
  }

  /** Undefined when the user refuses. @throws CAD-SSH-TIMEOUT, CAD-CANCELLED */
  async ask(request: SecretRequest, dialogue: Dialogue, signal: AbortSignal): Promise<string | undefined> {
    const { kind, subject, host, prompt } = request;
    const canRemember = await this.#vault.canKeep().catch(() => false);
    const answer = await dialogue.ask(
      { kind: 'secret', host, secret: kind, prompt: oneLine(prompt), isShown: false, canRemember },
      SECRET_TIMEOUT_MS,
      signal,
    );
    if (answer.kind !== 'secret') return undefined;
    const name = `${kind} ${subject}`;
    if (this.#session.size >= MAX_SECRETS) this.#session.clear();
    this.#session.set(name, answer.value);
    if (answer.remember && canRemember) await this.#vault.set(name, answer.value).catch(() => undefined);
    return answer.value;
  }

  /** It was refused: never sent again. */
  async forget({ kind, subject }: SecretRequest): Promise<void> {
    const name = `${kind} ${subject}`;
    this.#session.delete(name);
    await this.#vault.delete(name).catch(() => undefined);
  }

  close(): void {
    this.#session.clear();
  }
}
