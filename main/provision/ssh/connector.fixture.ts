/** A connector with nothing of the user in it: its own configuration, no agent, a trust store in memory, answers from a list. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeviceAnswer } from '../../core/device.ts';
import { SecretKeeper } from '../secrets/secret-keeper.ts';
import { SESSION_ONLY } from '../secrets/vault.ts';
import type { ConnectDevice } from './connector.ts';
import type { Dialogue, OpenQuestion } from './dialogue.ts';
import { MemoryHostKeys } from './memory-host-keys.fixture.ts';
import { type ConnectorParts, SshConnector } from './ssh-connector.ts';

export class TestConnector extends SshConnector {
  readonly hostKeys: MemoryHostKeys;
  readonly directory: string;
  readonly warnings: string[];

  private constructor(parts: ConnectorParts & { hostKeys: MemoryHostKeys }, directory: string, warnings: string[]) {
    super(parts);
    this.hostKeys = parts.hostKeys;
    this.directory = directory;
    this.warnings = warnings;
  }

  static make(config: readonly string[] = [], parts: Partial<Omit<ConnectorParts, 'hostKeys'>> = {}): TestConnector {
    const directory = mkdtempSync(join(tmpdir(), 'cad-connector-'));
    const file = join(directory, 'config');
    const known = join(directory, 'known_hosts');
    const defaults = ['Host *', `UserKnownHostsFile ${known}`, 'GlobalKnownHostsFile none', 'IdentityFile none'];
    writeFileSync(file, [...config, ...defaults].join('\n') + '\n', { mode: 0o600 });
    const warnings: string[] = [];
    const hostKeys = new MemoryHostKeys();
    return new TestConnector(
      {
        tailnetKeys: async () => [],
        secrets: new SecretKeeper(SESSION_ONLY),
        environment: {},
        sshConfig: { file },
        deviceByName: () => undefined,
        random: Math.random,
        onWarning: (text) => warnings.push(text),
        ...parts,
        hostKeys,
      },
      directory,
      warnings,
    );
  }

  override async close(): Promise<void> {
    await super.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Answers each question by a function, and keeps what was asked. */
export class ScriptedUser implements Dialogue {
  readonly asked: OpenQuestion[] = [];
  readonly #answer: (question: OpenQuestion) => DeviceAnswer | Promise<DeviceAnswer>;

  constructor(answer: (question: OpenQuestion) => DeviceAnswer | Promise<DeviceAnswer>) {
    this.#answer = answer;
  }

  async ask(question: OpenQuestion): Promise<DeviceAnswer> {
    this.asked.push(question);
    return this.#answer(question);
  }

  static refusing(): ScriptedUser {
    return new ScriptedUser(() => ({ kind: 'refuse', question: '' }));
  }
}

export function deviceAt(port: number, user: string, more: Partial<ConnectDevice> = {}): ConnectDevice {
  return { address: '127.0.0.1', port, user, jump: [], ...more };
}
