/**
 * A bed of devices on this host: network namespaces with an SSH server, a user, a CPU share and a link of
 * their own. Tests and benchmarks start one with `startTestbed`; the command line does the same.
 */
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { knowsOverlay } from './absent-programs.ts';
import { accessPaths, writeAccessFiles, handToCaller } from './access-files.ts';
import { type BedState, clientKeyOf, makeDirectory, noBed, readState, slotOf, writeState } from './bed-directory.ts';
import { command } from './command.ts';
import { makeBedGroup } from './cpu-group.ts';
import { type Bed, BedDevice } from './device.ts';
import { makeBridge } from './network.ts';
import { type BedRequest, hostAddressOf, planBed } from './plan.ts';
import { requireTestbedHost } from './requirements.ts';
import { canSlowLinks } from './slow-link.ts';
import { claimedSlots, claimSlot } from './slot.ts';
import { takeDown } from './teardown.ts';

export { BedDevice } from './device.ts';
export { whyNoTestbed } from './requirements.ts';

export interface TestbedOptions extends BedRequest {
  /** Where the bed keeps its state; a new directory under the system's temporary one when left out. */
  directory?: string;
  /** True: devices have the host's Node; otherwise none. */
  withNode?: boolean;
  /** True: connections take the latency of the preset's links; otherwise none. */
  withLatency?: boolean;
}

/** Devices are made side by side, but not all at once. */
const MADE_AT_ONCE = 6;

export class Testbed {
  readonly directory: string;
  readonly state: BedState;
  readonly devices: readonly BedDevice[];
  readonly #bed: Bed;

  constructor(directory: string, state: BedState, bed: Bed, devices: readonly BedDevice[]) {
    this.directory = directory;
    this.state = state;
    this.devices = devices;
    this.#bed = bed;
  }

  /** Where devices reach what listens on this host: on this address, or on all. */
  get hostAddress(): string {
    return hostAddressOf(this.state.slot);
  }

  /** The private key that every device lets in. */
  get keyFile(): string {
    return this.#bed.clientKey;
  }

  get sshConfig(): string {
    return accessPaths(this.directory).sshConfig;
  }

  get knownHosts(): string {
    return accessPaths(this.directory).knownHosts;
  }

  get csv(): string {
    return accessPaths(this.directory).csv;
  }

  /** @throws RangeError: a mistake of the caller's. */
  device(name: string): BedDevice {
    const found = this.devices.find((device) => device.name === name);
    if (!found) throw new RangeError(`the test bed has no device ${name}`);
    return found;
  }

  /** After a change of addresses or keys that clients are to know. */
  rewriteAccess(): void {
    writeAccessFiles(this.directory, this.devices);
    handToCaller(this.directory, clientKeyOf(this.directory), process.env);
  }

  /** Leaves nothing. */
  stop(): Promise<void> {
    return takeDown(this.state.slot, this.directory);
  }
}

/**
 * Builds a bed and turns its devices on. What was made of it is taken away again when it fails.
 * @throws CAD-TESTBED-HOST where this host cannot, CAD-TESTBED-UP where the directory has a bed already.
 */
export async function startTestbed(options: TestbedOptions = {}): Promise<Testbed> {
  requireTestbedHost();
  planBed(options, 1); // what is wrong with the request shows before anything is made
  const directory = makeDirectory(options.directory ?? mkdtempSync(join(tmpdir(), 'caduceus-testbed-')));
  const slot = claimSlot(directory);
  try {
    return await build(directory, slot, options);
  } catch (error) {
    await takeDown(slot, directory);
    throw error;
  }
}

async function build(directory: string, slot: number, options: TestbedOptions): Promise<Testbed> {
  const plan = planBed(options, slot);
  const missing: string[] = [];
  const withNode = options.withNode === true || !(await knowsOverlay());
  if (withNode && options.withNode !== true) missing.push('hiding the host’s Node (no overlayfs): devices have it');
  const withLatency = options.withLatency === true && canSlowLinks();
  if (options.withLatency === true && !withLatency) missing.push('latency (no /proc/net/nf_conntrack)');
  const bed: Bed = { directory, slot, clientKey: clientKeyOf(directory), withNode, withLatency };
  const state: BedState = { slot, withNode, withLatency, plan, missing, isComplete: false };
  writeState(directory, state);
  await command('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'caduceus-testbed', '-f', bed.clientKey]);
  await makeBridge(slot);
  if (!makeBedGroup(slot)) missing.push('CPU quotas (no control group for them): all devices are equally fast');
  const devices: BedDevice[] = [];
  for (let first = 0; first < plan.devices.length; first += MADE_AT_ONCE) {
    const batch = plan.devices.slice(first, first + MADE_AT_ONCE);
    const made = await Promise.allSettled(batch.map((each, index) => BedDevice.make(bed, each, first + index)));
    for (const result of made) {
      if (result.status === 'rejected') throw result.reason;
      devices.push(result.value);
    }
  }
  const testbed = new Testbed(directory, state, bed, devices);
  testbed.rewriteAccess();
  state.isComplete = true;
  writeState(directory, state);
  return testbed;
}

/** The bed that another process started. @throws CAD-TESTBED-DOWN */
export function openTestbed(where: string): Testbed {
  const directory = resolve(where);
  const state = readState(directory);
  const bed: Bed = {
    directory,
    slot: state.slot,
    clientKey: clientKeyOf(directory),
    withNode: state.withNode,
    withLatency: state.withLatency,
  };
  const devices = state.plan.devices.map((plan, index) => BedDevice.attach(bed, plan, index));
  return new Testbed(directory, state, bed, devices);
}

/** Takes down the bed of this directory, complete or not. @throws CAD-TESTBED-DOWN when there is none. */
export async function stopTestbed(where: string): Promise<void> {
  requireTestbedHost();
  const directory = resolve(where);
  const slot = slotOf(directory);
  if (slot !== undefined) return takeDown(slot, directory);
  try {
    rmdirSync(directory); // `up` was killed before it had taken a number
  } catch {
    throw noBed(directory);
  }
}

/** Takes down every bed of this host. @returns The directories that they had. */
export async function stopAllTestbeds(): Promise<string[]> {
  requireTestbedHost();
  const beds = [...claimedSlots()];
  for (const [slot, directory] of beds) await takeDown(slot, directory);
  return beds.map(([, directory]) => directory);
}
