/** One device of a bed: what it takes to reach it, and the hands that faults work with. */
import { readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { attempt } from './command.ts';
import { NODE_PROGRAMS, setAbsent } from './absent-programs.ts';
import { deviceGroup, readCpuShare, setCpuShare } from './cpu-group.ts';
import { deviceFiles, fingerprintOf, writeDeviceFiles } from './device-files.ts';
import { capLink, connectDevice, counterOf, type Ends, hostEndOf } from './network.ts';
import type { DevicePlan, LinkPlan } from './plan.ts';
import { rootInside, startSandbox } from './sandbox.ts';
import { slowLink } from './slow-link.ts';
import { overrideSshd, reloadSshd, startSshd, stopSshd } from './secure-shell-daemon.ts';

const END_MS = 5000;
const END_EVERY_MS = 10;

export interface Bed {
  directory: string;
  slot: number;
  clientKey: string;
  /** Devices have the host's Node, instead of none. */
  withNode: boolean;
  /** Links take the time that their plan says. */
  withLatency: boolean;
}

export class BedDevice {
  readonly plan: DevicePlan;
  readonly files: ReturnType<typeof deviceFiles>;
  /** For OpenSSH's `-i`. */
  readonly keyFile: string;
  readonly #bed: Bed;
  readonly #ends: Ends;
  /** Of its first process, on the host; 0 while it is off. */
  #pid = 0;
  #address: string;

  private constructor(bed: Bed, plan: DevicePlan, index: number) {
    this.#bed = bed;
    this.plan = plan;
    this.#address = plan.address;
    this.keyFile = bed.clientKey;
    this.files = deviceFiles(bed.directory, plan.name);
    this.#ends = { slot: bed.slot, index, namespace: plan.namespace };
  }

  /** Builds the device and turns it on. */
  static async make(bed: Bed, plan: DevicePlan, index: number): Promise<BedDevice> {
    const device = new BedDevice(bed, plan, index);
    await writeDeviceFiles(bed.directory, plan, bed.clientKey);
    await connectDevice(device.#ends, plan.address, plan.link);
    if (bed.withLatency) await slowLink(plan, device.files.root);
    await device.turnOn();
    return device;
  }

  /** A device that another process made. */
  static attach(bed: Bed, plan: DevicePlan, index: number): BedDevice {
    const device = new BedDevice(bed, plan, index);
    device.#pid = device.#pidOnRecord();
    return device;
  }

  get name(): string {
    return this.plan.name;
  }

  get address(): string {
    return this.#address;
  }

  get port(): number {
    return this.plan.port;
  }

  get user(): string {
    return this.plan.user;
  }

  get home(): string {
    return this.plan.home;
  }

  /** Of the host key that a client should see, as OpenSSH prints it. */
  get fingerprint(): string {
    return fingerprintOf(`${this.files.hostKey}.pub`);
  }

  /** Type and body of the host key, as in known_hosts. */
  get hostKey(): string {
    return readFileSync(`${this.files.hostKey}.pub`, 'utf8').trim().split(' ').slice(0, 2).join(' ');
  }

  get isOn(): boolean {
    return this.#pid !== 0;
  }

  /** Cores, as the kernel has it; undefined without a quota. */
  get cpuShare(): number | undefined {
    return readCpuShare(this.#bed.slot, this.#ends.index);
  }

  /** Also while it works. */
  setCpuShare(share: number): void {
    setCpuShare(this.#bed.slot, this.#ends.index, share);
  }

  setLink(link: LinkPlan): Promise<void> {
    return capLink(this.#ends, link);
  }

  /** A program as the device's root, outside its CPU quota. @throws CAD-TESTBED-COMMAND when it fails */
  root(line: readonly string[], input?: string): Promise<string> {
    return rootInside(this.#pid, line, input);
  }

  /** A program as its user, the way a service would start it: no shell, no start-up files. */
  asUser(line: readonly string[]): Promise<string> {
    const { uid, user, home } = this.plan;
    const environment = [`HOME=${home}`, `USER=${user}`, 'PATH=/usr/local/bin:/usr/bin:/bin'];
    const identity = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--no-new-privs'];
    return this.root(['setpriv', ...identity, 'env', '-i', ...environment, ...line]);
  }

  /** Hides programs that the host has, or shows them again. */
  setAbsent(programs: readonly string[], isAbsent: boolean): Promise<void> {
    return setAbsent(this.files.root, this.#pid, programs, isAbsent);
  }

  /** Everything that sshd has said since the device was made. */
  get sshdLog(): string {
    return readFileSync(this.files.sshdLog, 'utf8');
  }

  overrideSshd(name: string, lines?: readonly string[]): Promise<void> {
    return overrideSshd(this.files, this.#pid, name, lines);
  }

  reloadSshd(): Promise<void> {
    return reloadSshd(this.files, this.#pid);
  }

  startSshd(): Promise<void> {
    return startSshd(this.files, this.#pid, this.#group);
  }

  stopSshd(): Promise<void> {
    return stopSshd(this.files, this.#pid);
  }

  async turnOn(): Promise<void> {
    this.setCpuShare(this.plan.cpuShare);
    this.#pid = await startSandbox(this.#bed.directory, this.plan, this.#group);
    if (!this.#bed.withNode) await this.setAbsent(NODE_PROGRAMS, true);
    await this.startSshd();
  }

  /** Pulls the plug: every process is gone at once; HOME stays. */
  async turnOff(): Promise<void> {
    if (this.#pid === 0) return;
    const pid = this.#pid;
    this.#pid = 0;
    process.kill(pid, 'SIGKILL');
    for (let waitedMs = 0; waitedMs < END_MS; waitedMs += END_EVERY_MS) {
      if ((await this.processes()).length === 0) return;
      await sleep(END_EVERY_MS);
    }
  }

  /** Numbers on the host of everything that runs in it; what the bed itself runs in its network does not count. */
  async processes(): Promise<number[]> {
    const answer = (await attempt('ip', ['netns', 'pids', this.plan.namespace])) ?? '';
    const host = numberSpaceOf('self');
    const pids = answer.split('\n').filter(Boolean).map(Number);
    return pids.filter((pid) => ![host, undefined].includes(numberSpaceOf(pid)));
  }

  /** What its link has carried, headers included, as the kernel counts. */
  get carried(): { upBytes: number; downBytes: number } {
    const end = hostEndOf(this.#bed.slot, this.#ends.index);
    return { upBytes: counterOf(end, 'rx_bytes'), downBytes: counterOf(end, 'tx_bytes') };
  }

  /** For faults that change what a client must connect to. */
  moved(address: string): void {
    this.#address = address;
  }

  get slot(): number {
    return this.#bed.slot;
  }

  get #group(): string | undefined {
    return deviceGroup(this.#bed.slot, this.#ends.index);
  }

  #pidOnRecord(): number {
    try {
      const pid = /^ready (\d+)$/m.exec(readFileSync(this.files.initLog, 'utf8'))?.[1] ?? '0';
      // A number that another process has got in the meantime is in another directory of users.
      const users = readFileSync(`/proc/${pid}/root/etc/passwd`, 'utf8');
      return users.includes(`${this.plan.user}:x:${this.plan.uid}:`) ? Number(pid) : 0;
    } catch {
      return 0;
    }
  }
}

/** The process number space that a process is in; undefined when it has ended. */
function numberSpaceOf(pid: number | 'self'): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}
