/** The devices, put together: the inventory over the store, discovery, connections, and the fleet that deploys to them. */
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type {
  DeployRequest,
  DeploySummary,
  DeviceAnswer,
  DeviceInput,
  DevicesApi,
  DeviceView,
  Discovery,
} from '../core/device.ts';
import type { DeploymentResult } from '../provision/deployment/deployment.ts';
import { findingsOf } from '../provision/deployment/findings.ts';
import { Fleet, type FleetDevice } from '../provision/deployment/fleet.ts';
import { devicesOfSshConfig } from '../provision/discovery/ssh-config-hosts.ts';
import { devicesOfTailnet, type KnownDevice, pathOf } from '../provision/discovery/tailnet-devices.ts';
import { TailnetWitness } from '../provision/discovery/tailnet-witness.ts';
import { readTailnet, type Tailnet, type TailnetPeer, tailscalePrograms } from '../provision/discovery/tailscale.ts';
import { Inventory } from '../provision/inventory.ts';
import type { Launcher } from '../provision/launcher.ts';
import { Questions } from '../provision/questions.ts';
import { SecretKeeper } from '../provision/secrets/secret-keeper.ts';
import type { Vault } from '../provision/secrets/vault.ts';
import type { SshConfigSource } from '../provision/ssh/ssh-config.ts';
import { SshConnector } from '../provision/ssh/ssh-connector.ts';
import { type DeviceTables, openDevices } from '../store/devices.ts';
import { chosenDoor } from './desk/settings-file.ts';
import type { Programs } from './programs.ts';

export interface DevicesParts {
  home: string;
  environment: NodeJS.ProcessEnv;
  programs: Programs;
  vault: Vault;
  /** Words for the user that belong to no device. */
  onWarning?: (text: string) => void;
}

/** @throws CAD-HOME-READONLY, CAD-STORE-CORRUPT */
export function openDeviceInventory(parts: DevicesParts): Devices {
  return new Devices(parts);
}

export class Devices implements DevicesApi {
  readonly #store: DeviceTables;
  readonly #inventory: Inventory;
  readonly #questions: Questions;
  readonly #secrets: SecretKeeper;
  readonly #connector: SshConnector;
  readonly #fleet: Fleet;
  readonly #sshConfig: SshConfigSource;
  readonly #readTailnet: () => Promise<Tailnet>;
  #whenClosed: Promise<void> | undefined;

  constructor({ home, environment, programs, vault, onWarning }: DevicesParts) {
    this.#store = openDevices(home);
    this.#questions = new Questions(() => this.#inventory.changed());
    this.#inventory = new Inventory({
      store: this.#store,
      questionOf: (device) => this.#questions.of(device),
      now: () => new Date(),
      random: Math.random,
    });
    this.#secrets = new SecretKeeper(vault);
    const file = environment['CADUCEUS_SSH_CONFIG'];
    this.#sshConfig = file === undefined || file === '' ? {} : { file };
    this.#readTailnet = () => readTailnet(tailscalePrograms(environment, process.platform));
    const witness = new TailnetWitness(this.#readTailnet);
    this.#connector = new SshConnector({
      ...{ hostKeys: this.#store, secrets: this.#secrets, environment, sshConfig: this.#sshConfig },
      tailnetKeys: (address) => witness.keysOf(address),
      deviceByName: (name) => this.#inventory.named(name),
      random: Math.random,
      onWarning: onWarning ?? (() => undefined),
    });
    this.#fleet = new Fleet({
      ...{ connector: this.#connector, agent: programs.agent, runtime: { node: programs.node } },
      owner: createHash('sha256').update(`${hostname()}\0${home}`).digest('hex').slice(0, 16),
      device: (id) => this.#fleetDevice(id),
      dialogue: (id) => this.#questions.dialogueFor(id),
      // Unset: the one from which the device sees this machine.
      serverAddresses: () => [chosenDoor(home).host ?? []].flat(),
      onSteps: (id, steps) => this.#inventory.going(id, { steps, activity: 'deploying' }),
      onResult: (id, result) => this.#onResult(id, result),
      onUninstalled: (id) => this.#onUninstalled(id),
    });
  }

  list(): DeviceView[] {
    return this.#inventory.list();
  }

  find(wanted: string): DeviceView {
    return this.#inventory.find(wanted);
  }

  add(inputs: readonly DeviceInput[]): DeviceView[] {
    return this.#inventory.add(inputs);
  }

  importList(text: string): DeviceView[] {
    return this.#inventory.importList(text);
  }

  update(device: string, change: Partial<DeviceInput>): DeviceView {
    return this.#inventory.update(device, change);
  }

  remove(devices: readonly string[]): void {
    this.#inventory.remove(devices);
  }

  restore(devices: readonly string[]): void {
    this.#inventory.restore(devices);
  }

  async discover(source: 'tailnet' | 'ssh-config'): Promise<Discovery> {
    const devices = this.#inventory.list();
    const known: KnownDevice = ({ nodeId, address }) =>
      devices.find((device) => device.address === address || (nodeId !== undefined && device.nodeId === nodeId))?.id ??
      null;
    if (source === 'ssh-config') return devicesOfSshConfig(this.#sshConfig, known);
    const tailnet = await this.#readTailnet();
    for (const peer of tailnet.peers) {
      const [address = ''] = peer.addresses;
      const id = known({ nodeId: peer.nodeId, address });
      const path = pathOf(peer);
      if (id === null) continue;
      this.#followNode(id, peer);
      this.#inventory.found(id, { keyExpiresAt: peer.keyExpiresAt, ...(path !== undefined && { path }) }, false);
    }
    return devicesOfTailnet(tailnet, known, new Date());
  }

  /** A node that has moved on the tailnet is the same node: its identifier stays, and so does its host key. */
  #followNode(id: string, { nodeId, addresses }: TailnetPeer): void {
    const device = this.#inventory.find(id);
    if (device.nodeId !== nodeId || device.source !== 'tailnet' || addresses.includes(device.address)) return;
    const address = addresses.find((candidate) => candidate.includes('.')) ?? addresses[0];
    if (address === undefined || this.#inventory.list().some((other) => other.address === address)) return;
    this.#inventory.update(id, { address });
  }

  deploy({ devices, ...request }: DeployRequest): Promise<DeploySummary> {
    return this.#fleet.deploy(this.#ids(devices), request);
  }

  probe(devices: readonly string[], options: { acceptNew?: boolean } = {}): Promise<DeploySummary> {
    return this.#fleet.deploy(this.#ids(devices), { ...options, probeOnly: true });
  }

  cancel(devices: readonly string[]): Promise<void> {
    return this.#fleet.cancel(this.#ids(devices));
  }

  answer(device: string, answer: DeviceAnswer): void {
    this.#questions.answer(this.#inventory.find(device).id, answer);
  }

  stopAgents(devices: readonly string[]): Promise<DeploySummary> {
    return this.#fleet.stop(this.#ids(devices));
  }

  uninstall(devices: readonly string[]): Promise<DeploySummary> {
    return this.#fleet.uninstall(this.#ids(devices));
  }

  logs(
    device: string,
    options: { lines: number; follow: boolean },
    onLine: (line: string) => void,
  ): { whenDone: Promise<void>; stop(): void } {
    return this.#fleet.logs(this.#inventory.find(device).id, options, onLine);
  }

  /** While the agent that it launches runs, the device is one that trains. */
  launcherFor({ id }: DeviceView): Launcher {
    const launcher = this.#fleet.launcherFor(id);
    return {
      launch: async (spec) => {
        const agent = await launcher.launch(spec);
        this.#inventory.going(id, { activity: 'training', run: spec.ticket.run });
        void agent.exited.then(() => {
          if (this.#whenClosed === undefined) this.#inventory.going(id, { activity: null, run: null });
        });
        return agent;
      },
    };
  }

  onChange(listener: (devices: DeviceView[]) => void): () => void {
    return this.#inventory.onChange(listener);
  }

  /** Called again, waits for the same end. */
  close(): Promise<void> {
    this.#whenClosed ??= this.#close();
    return this.#whenClosed;
  }

  async #close(): Promise<void> {
    this.#questions.close();
    await this.#fleet.close();
    await this.#connector.close();
    this.#secrets.close();
    this.#inventory.close();
    this.#store.close();
  }

  #ids(devices: readonly string[]): string[] {
    const chosen = devices.length === 0 ? this.#inventory.list() : this.#inventory.select(devices);
    return chosen.map(({ id }) => id);
  }

  #fleetDevice(id: string): FleetDevice {
    const { name, deployment, path, error, benchmark } = this.#inventory.find(id);
    return {
      ...{ id, name, settings: this.#inventory.settings(id), installation: deployment, path },
      hasFailed: error !== null,
      isMeasured: benchmark !== null,
    };
  }

  #onResult(id: string, result: DeploymentResult): void {
    this.#inventory.going(id, { activity: null });
    const known = this.#inventory.find(id);
    this.#inventory.found(id, findingsOf(result, known, new Date()), result.facts !== undefined);
  }

  /** Nothing of a deployment is left, its steps and what had gone wrong in it included. */
  #onUninstalled(id: string): void {
    this.#inventory.going(id, { steps: null });
    this.#inventory.found(id, { deployment: undefined, benchmark: undefined, path: undefined, error: undefined });
  }
}
