/** A device for tests: a private sshd with one user, the way to it, and what is left on it. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CaduceusError } from '../main/core/errors.ts';
import { deviceInputSchema, type DeviceInput, type DeviceSettings, type StepProgress } from '../main/core/device.ts';
import { deployDevice, type DeploymentParts, type DeploymentResult } from '../main/provision/deployment/deployment.ts';
import { Turns } from '../main/provision/deployment/turns.ts';
import { bundledAgent } from '../main/provision/local.ts';
import type { ConnectionLease, Connector } from '../main/provision/ssh/connector.ts';
import { NOBODY } from '../main/provision/ssh/dialogue.ts';
import { handshake } from '../main/provision/ssh/handshake.ts';
import { type Sshd, startSshd, type SshdOptions } from '../main/provision/ssh/sshd.fixture.ts';

export interface SshDevice {
  sshd: Sshd;
  connector: Connector;
  settings: DeviceSettings;
  home: string;
  uid: number;
  stop(): Promise<void>;
}

/** Runtimes that were fetched once serve every test on this machine. */
export const RUNTIME_CACHE = join(tmpdir(), `caduceus-test-cache-${process.getuid?.() ?? 0}`, 'caduceus');
const QUIET_MS = 10_000;

export async function startDevice(options: SshdOptions = {}, more: Partial<DeviceInput> = {}): Promise<SshDevice> {
  const sshd = await startSshd({ users: [{ name: 'worker' }], ...options });
  const user = options.users?.[0]?.name ?? 'worker';
  const home = sshd.home(user);
  return {
    sshd,
    connector: keyConnector(sshd.keyFile, user),
    settings: deviceInputSchema.parse({ name: 'device', address: '127.0.0.1', port: sshd.port, user, ...more }),
    home,
    uid: statSync(home).uid,
    stop: () => sshd.stop(),
  };
}

export interface Deployed extends DeploymentResult {
  steps: StepProgress[];
}

export async function deployTo(device: SshDevice, parts: Partial<DeploymentParts> = {}): Promise<Deployed> {
  let steps: StepProgress[] = [];
  const result = await deployDevice({
    ...{ device: device.settings, connector: device.connector, dialogue: NOBODY, acceptNew: true },
    ...{ agent: bundledAgent(), runtime: { cache: RUNTIME_CACHE }, uploads: new Turns(4), benchmark: 'never' },
    signal: new AbortController().signal,
    ...parts,
    onChange: (now) => {
      steps = now;
      parts.onChange?.(now);
    },
  });
  return { ...result, steps };
}

export function stateOf(
  { steps }: Pick<Deployed, 'steps'>,
  wanted: StepProgress['step'],
): StepProgress['state'] | undefined {
  return steps.find(({ step }) => step === wanted)?.state;
}

/** Everything below a directory. */
export function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
}

/** Command lines of the user's processes, apart from those of the SSH server. */
export function processesOf({ uid }: Pick<SshDevice, 'uid'>): string[] {
  try {
    const lines = execFileSync('ps', ['-U', String(uid), '-o', 'args='], { encoding: 'utf8' })
      .trim()
      .split('\n');
    return lines.filter((line) => line !== '' && !line.startsWith('sshd:'));
  } catch {
    return []; // ps fails when there are none
  }
}

/** Waits until no process of the user is left; answers with those that stay. */
export async function remainingProcesses(device: SshDevice): Promise<string[]> {
  const endMs = performance.now() + QUIET_MS;
  while (performance.now() < endMs && processesOf(device).length > 0) await sleep(50);
  return processesOf(device);
}

/** Process numbers of the SSH server's sessions of this user. */
function sessionsOf({ uid, sshd }: Pick<SshDevice, 'uid' | 'sshd'>): number[] {
  const listener = readFileSync(`${sshd.directory}/pid`, 'utf8').trim();
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,uid=,comm='], { encoding: 'utf8' }).trim().split('\n');
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, owner, name]) => name === 'sshd' && (parent === listener || Number(owner) === uid))
    .map(([pid]) => Number(pid));
}

/** Ends the SSH server's sessions of the device, as a crash of it would. */
export function cutSessions(device: Pick<SshDevice, 'uid' | 'sshd'>): void {
  for (const pid of sessionsOf(device)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // gone by itself
    }
  }
}

/** A connection of its own each time. */
export function keyConnector(keyFile: string, user: string): Connector {
  return {
    async connect(device, { onStage, signal }): Promise<ConnectionLease> {
      onStage?.('resolve');
      onStage?.('reach');
      const stream = connect(device.port, device.address);
      await new Promise((resolve, reject) => stream.once('connect', resolve).once('error', reject));
      onStage?.('host-key');
      const hop = { host: device.address, port: device.port, user, keyFiles: [], identitiesOnly: false };
      let isTried = false;
      const remote = await handshake(stream, hop, {
        verify: () => undefined,
        async next() {
          if (isTried) return false;
          isTried = true;
          onStage?.('authenticate');
          return { type: 'publickey', username: user, key: readFileSync(keyFile) };
        },
        refusal: (cause) => new CaduceusError('CAD-SSH-AUTH', cause.message, ''),
      });
      if (signal?.aborted) throw new CaduceusError('CAD-CANCELLED', 'cancelled', '');
      return { remote, release: () => remote.close() };
    },
    close: async () => undefined,
  };
}
