/**
 * Many devices at once: so many under way and no more, each with a result of its own, none in the way of another.
 * What is kept of a device, and who answers its questions, is the business of whoever owns the inventory.
 */
import type { DevicePath, DeviceSettings, DeploySummary, StepProgress } from '../../core/device.ts';
import { CaduceusError, reportError } from '../../core/errors.ts';
import type { Launcher } from '../launcher.ts';
import type { ConnectionLease, Connector } from '../ssh/connector.ts';
import { type Dialogue, NOBODY } from '../ssh/dialogue.ts';
import { SshLauncher } from '../ssh-launcher.ts';
import { deployDevice, type DeploymentParts, type DeploymentResult, type Installation } from './deployment.ts';
import { followLog, stopAgents, uninstall } from './remote-agent.ts';
import type { RuntimeSource } from './runtime.ts';
import { Turns } from './turns.ts';

/** A device as the inventory knows it. */
export interface FleetDevice {
  id: string;
  name: string;
  settings: DeviceSettings;
  installation: Installation | null;
  path: DevicePath | null;
  /** Its last deployment failed. */
  hasFailed: boolean;
  isMeasured: boolean;
}

export interface FleetParts {
  connector: Connector;
  /** The bundled agent, a file of this machine. */
  agent: string;
  runtime: RuntimeSource;
  /** Tells this controller from others that use the same devices. */
  owner: string;
  /** @throws CAD-DEVICE-UNKNOWN */
  device(id: string): FleetDevice;
  dialogue(id: string): Dialogue;
  /** Addresses of this machine that servers will listen on; none: wherever a device sees it. */
  serverAddresses(): readonly string[];
  onSteps(id: string, steps: StepProgress[]): void;
  /** A deployment or a probe has ended, well or not. */
  onResult(id: string, result: DeploymentResult): void;
  onUninstalled(id: string): void;
}

export interface FleetRequest {
  failedOnly?: boolean;
  acceptNew?: boolean;
  /** False: never measure. True: measure again. Absent: what has not been measured in this version. */
  benchmark?: boolean;
  probeOnly?: boolean;
  native?: boolean;
  previous?: boolean;
  /** Devices of this request at the same time. */
  atOnce?: number;
}

const DEVICES_AT_ONCE = 16;
/** Of all requests together. */
const MAX_DEVICES_AT_ONCE = 64;
/** Streams share this machine's line. */
const MAX_UPLOADS_AT_ONCE = 4;

type Entry = DeploySummary['devices'][number];

export class Fleet {
  readonly #parts: FleetParts;
  readonly #devices = new Turns(MAX_DEVICES_AT_ONCE);
  readonly #uploads = new Turns(MAX_UPLOADS_AT_ONCE);
  readonly #underWay = new Map<string, { controller: AbortController; whenDone: Promise<unknown> }>();

  constructor(parts: FleetParts) {
    this.#parts = parts;
  }

  /** Failures are in the summary, never thrown. */
  deploy(ids: readonly string[], request: FleetRequest = {}): Promise<DeploySummary> {
    const chosen = request.failedOnly ? ids.filter((id) => this.#parts.device(id).hasFailed) : ids;
    const turns = new Turns(request.atOnce ?? DEVICES_AT_ONCE);
    return summary(chosen, (id) =>
      this.#alone(id, (device, signal) => turns.take(() => this.#deploy(device, request, signal), signal)),
    );
  }

  /** Resolves when nothing is under way on these devices any more. */
  async cancel(ids: readonly string[]): Promise<void> {
    const work = ids.flatMap((id) => this.#underWay.get(id) ?? []);
    for (const { controller } of work) controller.abort();
    await Promise.allSettled(work.map(({ whenDone }) => whenDone));
  }

  isBusy(id: string): boolean {
    return this.#underWay.has(id);
  }

  stop(ids: readonly string[]): Promise<DeploySummary> {
    return this.#each(ids, async ({ remote }, { directory }) => {
      await stopAgents(remote, directory);
    });
  }

  uninstall(ids: readonly string[]): Promise<DeploySummary> {
    return this.#each(ids, async ({ remote }, { directory }, id) => {
      const left = await uninstall(remote, directory);
      this.#parts.onUninstalled(id);
      if (left > 0) {
        throw new CaduceusError(
          'CAD-DEVICE-COMMAND',
          `everything of Caduceus is gone, but ${directory} has ${left - 1} files of others and stays`,
          'Remove them yourself if you do not want them.',
        );
      }
    });
  }

  logs(
    id: string,
    options: { lines: number; follow: boolean },
    onLine: (line: string) => void,
  ): { whenDone: Promise<void>; stop(): void } {
    const controller = new AbortController();
    const whenDone = this.#connected(this.#parts.device(id), controller.signal, ({ remote }, { directory }) =>
      followLog(remote, directory, options, onLine, controller.signal),
    ).catch((error: unknown) => {
      if (!controller.signal.aborted) throw error;
    });
    return { whenDone, stop: () => controller.abort() };
  }

  /** @throws CAD-WORKER-START from its `launch` when nothing is installed */
  launcherFor(id: string): Launcher {
    const { connector, owner } = this.#parts;
    return {
      launch: (spec) => {
        const device = this.#parts.device(id);
        const { settings, path } = device;
        const parts = { device: settings, installation: installed(device), connector, owner };
        return new SshLauncher({ ...parts, ...(path && { path }) }).launch(spec);
      },
    };
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    await this.cancel([...this.#underWay.keys()]);
  }

  async #deploy(device: FleetDevice, request: FleetRequest, signal: AbortSignal): Promise<Entry> {
    const { id, name, settings } = device;
    const { connector, agent, runtime } = this.#parts;
    const again: DeploymentParts['benchmark'] = device.isMeasured ? 'when-new' : 'always';
    const result = await deployDevice({
      ...{ device: settings, connector, agent, runtime, signal, uploads: this.#uploads },
      dialogue: this.#parts.dialogue(id),
      acceptNew: request.acceptNew === true,
      serverAddresses: this.#parts.serverAddresses(),
      benchmark: request.benchmark === false ? 'never' : request.benchmark === true ? 'always' : again,
      ...{
        probeOnly: request.probeOnly === true,
        native: request.native === true,
        previous: request.previous === true,
      },
      ...(device.installation && { installation: device.installation }),
      onChange: (steps) => this.#parts.onSteps(id, steps),
    });
    this.#parts.onResult(id, result);
    const { error, uploadedBytes, tookMs, native } = result;
    const more = { ...(native && { native }), ...(error && { error: reportError(error) }) };
    return { id, name, ok: !error, uploadedBytes, tookMs, ...more };
  }

  #each(
    ids: readonly string[],
    work: (lease: ConnectionLease, installation: Installation, id: string) => Promise<void>,
  ): Promise<DeploySummary> {
    return summary(ids, (id) =>
      this.#alone(id, async (device, signal) => {
        const startedMs = performance.now();
        await this.#connected(device, signal, (lease, installation) => work(lease, installation, id));
        const tookMs = Math.round(performance.now() - startedMs);
        return { id, name: device.name, ok: true, uploadedBytes: 0, tookMs };
      }),
    );
  }

  async #connected<T>(
    device: FleetDevice,
    signal: AbortSignal,
    work: (lease: ConnectionLease, installation: Installation) => Promise<T>,
  ): Promise<T> {
    const installation = installed(device);
    const dialogue = this.#parts.dialogue(device.id) ?? NOBODY;
    const lease = await this.#parts.connector.connect(device.settings, { dialogue, signal });
    try {
      return await work(lease, installation);
    } finally {
      await lease.release();
    }
  }

  /** One thing at a time on a device; a failure becomes an entry. */
  async #alone(id: string, work: (device: FleetDevice, signal: AbortSignal) => Promise<Entry>): Promise<Entry> {
    const device = this.#parts.device(id);
    const failed = (thrown: unknown): Entry => {
      const error = reportError(thrown);
      return { id, name: device.name, ok: false, uploadedBytes: 0, tookMs: 0, error };
    };
    if (this.#underWay.has(id)) return failed(busy(device.name));
    const controller = new AbortController();
    const whenDone = this.#devices.take(() => work(device, controller.signal), controller.signal).catch(failed);
    this.#underWay.set(id, { controller, whenDone });
    try {
      return await whenDone;
    } finally {
      this.#underWay.delete(id);
    }
  }
}

async function summary(ids: readonly string[], work: (id: string) => Promise<Entry>): Promise<DeploySummary> {
  const startedMs = performance.now();
  const devices = await Promise.all([...new Set(ids)].map(work));
  return { devices, tookMs: Math.round(performance.now() - startedMs) };
}

function installed({ name, installation }: FleetDevice): Installation {
  if (installation) return installation;
  throw new CaduceusError(
    'CAD-WORKER-START',
    `nothing is installed on ${name}`,
    `Deploy to it first: caduceus deploy ${name}`,
  );
}

function busy(name: string): CaduceusError {
  return new CaduceusError(
    'CAD-DEVICE-BUSY',
    `something is under way on ${name} already`,
    'Wait until it has ended, or cancel it.',
  );
}
