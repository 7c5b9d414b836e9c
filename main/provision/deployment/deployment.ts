/**
 * One device, from its address to an agent that is proved, has started there and knows its way to this
 * machine. Every step can be taken again; what is there already is not sent again; what ends early leaves
 * nothing half-done: at once or, when the device is out of reach, at the next deployment.
 */
import type { DeviceBenchmark, DeviceFacts, DevicePath, DeviceSettings, StepProgress } from '../../core/device.ts';
import type { CaduceusError } from '../../core/errors.ts';
import type { SelfCheckFinding, SelfCheckRequest } from '../../core/self-check.ts';
import type { ConnectionLease, Connector, ConnectStage } from '../ssh/connector.ts';
import type { Dialogue } from '../ssh/dialogue.ts';
import type { Remote } from '../ssh/remote.ts';
import { activateVersion, discardVersion } from './activate.ts';
import { installVersion } from './install.ts';
import { installNative, NATIVE_MS, type NativeOutcome } from './native-engine.ts';
import { megabytes, type Plan, planDeployment, planReturn } from './plan.ts';
import { type Ground, PROBE_MS, probeDevice } from './probe.ts';
import { type PathSearch, searchPath } from './reverse-path.ts';
import type { RuntimeSource } from './runtime.ts';
import { selfCheck } from './self-check.ts';
import { Stepper } from './stepper.ts';
import type { Turns } from './turns.ts';

export interface DeploymentParts {
  device: DeviceSettings;
  connector: Connector;
  dialogue: Dialogue;
  acceptNew: boolean;
  /** The bundled agent, a file of this machine. */
  agent: string;
  runtime: RuntimeSource;
  /** Whose turn it is to upload. */
  uploads: Turns;
  /** Addresses of this machine that servers will listen on; none: wherever the device sees it. */
  serverAddresses?: readonly string[];
  /** `when-new`: not again for a version that was measured. */
  benchmark: 'always' | 'when-new' | 'never';
  /** What was installed last time, as far as this machine knows. */
  installation?: Installation;
  /** Only look, change nothing. */
  probeOnly?: boolean;
  /** Have the device install the native engine, where it can. */
  native?: boolean;
  /** Go back to the version before the current one. */
  previous?: boolean;
  signal: AbortSignal;
  onChange(steps: StepProgress[]): void;
}

/** Where and what on the device; enough to start agents. */
export interface Installation {
  directory: string;
  version: string;
  /** As its files were when their sums were proved. */
  seal?: string;
}

export interface DeploymentResult {
  error?: CaduceusError;
  /** Going back failed, and before the switch: the device answered, and has the version that it had. */
  isAsBefore?: boolean;
  facts?: DeviceFacts;
  /** Where the device is, after the ssh configuration; known once it was reached. */
  endpoint?: { host: string; port: number };
  installation?: Installation & { engine?: string };
  benchmark?: DeviceBenchmark;
  path?: DevicePath;
  native?: NativeOutcome;
  uploadedBytes: number;
  tookMs: number;
}

/** What a device is measured with: the default model, and a batch that every engine is at ease with. */
const MEASURED = { model: 'mlp-109k', batch: 32 };
const MEASURE_MS = 1000;

/** Bounds of the steps. Connecting has its own, tighter ones, for each of its parts. */
const CONNECT_STEP_MS: Readonly<Record<ConnectStage, number>> = {
  resolve: 15_000,
  reach: 15_000,
  'host-key': 20_000,
  authenticate: 30_000,
};
const PLAN_MS = 15_000;
/** Waiting for its turn included; a stalled line ends much earlier. */
const UPLOAD_MS = 2 * 3_600_000;
const VERIFY_MS = 180_000;
const START_MS = 30_000;
/** Three engines are tried, each in a process of its own, on the slowest card. */
const HANDSHAKE_MS = 120_000;
const BENCHMARK_MS = 60_000;
const MAX_DETAIL_CHARACTERS = 160;

/** Never throws: a failure is part of the result, and of the step that it happened in. */
export async function deployDevice(parts: DeploymentParts): Promise<DeploymentResult> {
  const deployment = new Deployment(parts);
  return deployment.run();
}

class Deployment {
  readonly #parts: DeploymentParts;
  readonly #stepper: Stepper;
  readonly #result: DeploymentResult = { uploadedBytes: 0, tookMs: 0 };
  #seal: string | undefined;
  #hasBegunSwitch = false;

  constructor(parts: DeploymentParts) {
    this.#parts = parts;
    this.#stepper = new Stepper(parts.signal, () => parts.onChange(this.#stepper.steps));
  }

  async run(): Promise<DeploymentResult> {
    const startedMs = performance.now();
    let lease: ConnectionLease | undefined;
    try {
      this.#stepper.begin('resolve', CONNECT_STEP_MS.resolve);
      lease = await this.#connect();
      if (lease.endpoint) this.#result.endpoint = lease.endpoint;
      const ground = await this.#probe(lease.remote);
      if (!this.#parts.probeOnly) await this.#deploy(lease.remote, ground);
    } catch (thrown) {
      const error = this.#stepper.fail(thrown, this.#parts.signal.aborted);
      const isLost = this.#result.facts === undefined || error.code === 'CAD-SSH-LOST';
      this.#result.error = error;
      if (this.#parts.previous && !isLost && !this.#hasBegunSwitch) this.#result.isAsBefore = true;
    } finally {
      await lease?.release();
      this.#stepper.close();
    }
    this.#result.tookMs = Math.round(performance.now() - startedMs);
    return this.#result;
  }

  #connect(): Promise<ConnectionLease> {
    const { device, connector, dialogue, acceptNew } = this.#parts;
    const stepper = this.#stepper;
    return connector.connect(device, {
      acceptNew,
      // To look at a device is to look at its key.
      isNew: this.#parts.probeOnly === true,
      signal: stepper.signal,
      onStage: (stage, detail) => stepper.begin(stage, CONNECT_STEP_MS[stage], detail),
      dialogue: {
        async ask(question, boundMs, signal) {
          stepper.needsYou(true);
          try {
            return await dialogue.ask(question, boundMs, signal);
          } finally {
            stepper.needsYou(false);
          }
        },
      },
    });
  }

  async #probe(remote: Remote): Promise<Ground> {
    const { workDirectory } = this.#parts.device;
    const stepper = this.#stepper;
    stepper.begin('probe', PROBE_MS);
    const ground = await probeDevice(remote, {
      ...(workDirectory !== undefined && { workDirectory }),
      signal: stepper.signal,
    });
    this.#result.facts = ground.facts;
    for (const [name, value] of Object.entries(ground.facts)) stepper.log(`${name}: ${String(value)}`);
    for (const { directory, why } of ground.tried) stepper.log(`not in ${directory}: ${why}`);
    stepper.done(describe(ground.facts));
    return ground;
  }

  async #deploy(remote: Remote, ground: Ground): Promise<void> {
    const stepper = this.#stepper;
    stepper.begin('plan', PLAN_MS);
    const plan = this.#parts.previous ? planReturn(ground) : await planDeployment(this.#parts.agent, ground);
    if (plan.runtime?.kind === 'own') stepper.log(plan.runtime.why);
    for (const { name, bytes, sha256 } of plan.version.files) stepper.log(`${sha256} ${name} ${megabytes(bytes)}`);
    stepper.done(plan.detail);
    let isHalfDone = false;
    try {
      if (plan.isInstalled) stepper.skip('upload', 'everything is there');
      else {
        isHalfDone = true;
        await this.#upload(remote, plan);
      }
      if (this.#parts.native) await this.#installNative(remote, ground, plan);
      await this.#check(remote, ground, plan);
      isHalfDone = false;
    } catch (error) {
      if (isHalfDone) await discardVersion(remote, plan);
      throw error;
    }
  }

  async #upload(remote: Remote, plan: Plan): Promise<void> {
    const { uploads, runtime } = this.#parts;
    const stepper = this.#stepper;
    stepper.begin('upload', UPLOAD_MS, 'waits for its turn');
    this.#result.uploadedBytes = await uploads.take(async () => {
      stepper.detail('fetches what the device lacks');
      return installVersion(
        remote,
        plan,
        runtime,
        {
          onProgress: (sent, of) => stepper.detail(`${megabytes(sent)} of ${megabytes(of)}`, of === 0 ? 1 : sent / of),
          onReceived: () => {
            stepper.done();
            stepper.begin('verify', VERIFY_MS);
          },
        },
        stepper.signal,
      );
    }, stepper.signal);
  }

  /** A part of the upload: what it brings comes to the device as well, by another way. */
  async #installNative(remote: Remote, { facts }: Ground, { directory }: Plan): Promise<void> {
    const stepper = this.#stepper;
    stepper.begin('upload', NATIVE_MS, 'the device installs the native engine with its npm');
    const native = facts.hasNpm
      ? await installNative(remote, directory, stepper.signal)
      : { isInstalled: false, reason: 'the device has no npm to install it with' };
    this.#result.native = native;
    const detail = native.isInstalled ? 'native engine installed' : `without the native engine: ${native.reason ?? ''}`;
    stepper.log(detail);
    stepper.done(detail.slice(0, MAX_DETAIL_CHARACTERS));
  }

  async #check(remote: Remote, ground: Ground, plan: Plan): Promise<void> {
    const stepper = this.#stepper;
    const { benchmark, serverAddresses = [] } = this.#parts;
    const measures = benchmark === 'always' || (benchmark === 'when-new' && !plan.isUnchanged);
    const kept = plan.isUnchanged ? engineOf(ground.installed.checked.get(plan.version.id)) : undefined;
    const asksForEngine = measures || kept === undefined || this.#result.native?.isInstalled === true;
    stepper.begin('verify', VERIFY_MS);
    const search = await searchPath(ground, serverAddresses);
    try {
      const findings = await this.#selfCheck(remote, plan, {
        reach: search.reach,
        ...(asksForEngine && { engine: MEASURED }),
        ...(measures && { benchmark: { milliseconds: MEASURE_MS } }),
      });
      const engine = findings.find((finding) => finding.type === 'engine')?.engine ?? kept;
      // A benchmark may be the step under way; the way to this machine belongs to the handshake all the same.
      this.#result.path = await this.#path(remote, plan, search, findings);
      this.#hasBegunSwitch = true;
      if (asksForEngine) await activateVersion(remote, plan, engine, stepper.signal);
      this.#result.installation = { ...this.#installed(plan), ...(engine && { engine }) };
      this.#finish(findings, engine, measures);
    } finally {
      search.close();
    }
  }

  #selfCheck(remote: Remote, plan: Plan, request: SelfCheckRequest): Promise<SelfCheckFinding[]> {
    const stepper = this.#stepper;
    return selfCheck(remote, this.#installed(plan), request, {
      timeoutMs: VERIFY_MS + START_MS + HANDSHAKE_MS + BENCHMARK_MS,
      signal: stepper.signal,
      onVerified: ({ by, seal }) => {
        this.#seal = seal;
        const how = by === 'seal' ? ', untouched since they were proved' : '';
        stepper.done(`every file of version ${plan.version.id.slice(0, 12)}${how}`);
        stepper.begin('start', START_MS);
      },
      onFinding: (finding) => {
        if (finding.type === 'started') {
          stepper.done(`Node ${finding.node} on ${finding.architecture}`);
          stepper.begin('handshake', HANDSHAKE_MS);
        }
        if (finding.type === 'engine') {
          for (const refused of finding.refused) stepper.log(refused);
          stepper.detail(`engine ${finding.engine}`);
          if (request.benchmark) stepper.begin('benchmark', BENCHMARK_MS);
        }
      },
    });
  }

  #installed(plan: Plan): Installation {
    const [directory, version] = [plan.directory, plan.version.id];
    const known = this.#parts.installation;
    const wasProved = plan.isUnchanged && known?.directory === directory && known.version === version;
    const seal = this.#seal ?? (wasProved ? known.seal : undefined);
    return { directory, version, ...(seal && { seal }) };
  }

  async #path(
    remote: Remote,
    plan: Plan,
    search: PathSearch,
    findings: readonly SelfCheckFinding[],
  ): Promise<DevicePath> {
    const stepper = this.#stepper;
    try {
      return await search.conclude(findings, remote, (reach) =>
        selfCheck(remote, this.#installed(plan), { reach }, { timeoutMs: START_MS, signal: stepper.signal }),
      );
    } catch (error) {
      stepper.backTo('handshake');
      throw error;
    }
  }

  #finish(findings: readonly SelfCheckFinding[], engine: string | undefined, measures: boolean): void {
    const stepper = this.#stepper;
    const { path } = this.#result;
    const way = path === undefined ? '' : `, ${path.kind}${path.reason === undefined ? '' : `: ${path.reason}`}`;
    stepper.amend('handshake', `engine ${engine ?? 'unknown'}${way}`);
    const measured = findings.find((finding) => finding.type === 'benchmark');
    if (measured) {
      const { engine: name, model, batch, samplesPerSecond } = measured;
      this.#result.benchmark = { engine: name, model, batch, samplesPerSecond, measuredAt: new Date().toISOString() };
      stepper.done(`${Math.round(samplesPerSecond).toLocaleString('en-US')} samples/s of ${model}, ${name}`);
    } else stepper.skip('benchmark', measures ? 'the agent gave no figure' : 'not asked for, or measured before');
  }
}

/** What a check keeps beside its version. */
function engineOf(checked: string | undefined): string | undefined {
  return /^engine=([a-z-]{1,20})$/.exec(checked ?? '')?.[1];
}

function describe({ architecture, system, libc, cores, memoryBytes, model }: DeviceFacts): string {
  const size = [
    cores === undefined ? undefined : `${cores} cores`,
    memoryBytes === undefined ? undefined : `${(memoryBytes / 2 ** 30).toFixed(1)} GiB`,
  ];
  return [model, architecture, system.split(' ')[0], libc, ...size].filter((part) => part !== undefined).join(', ');
}
