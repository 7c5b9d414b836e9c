/**
 * The control plane: everything that Caduceus does, for whoever shows it — command line, browser host
 * or desktop shell. The only place where the parts of `main` are put together.
 */
import { existsSync } from 'node:fs';
import { arch, availableParallelism, platform, release } from 'node:os';
import type {
  CompareRequest,
  ComparisonHandle,
  ComparisonObserver,
  ControlPlaneApi,
  NewWorker,
  ReplayObserver,
  ReplayResult,
  ReportObserver,
  ReportRequest,
  RunHandle,
  RunObserver,
  RunSummary,
  SimulateRequest,
} from './core/control-plane-api.ts';
import type { Capabilities } from './core/api.ts';
import type { Cluster } from './core/cluster.ts';
import type { ComparisonRow } from './core/comparison.ts';
import { modelOf, parseRunConfig, type RunConfig, type RunConfigInput } from './core/config.ts';
import { CaduceusError } from './core/errors.ts';
import { modelLayout } from './core/model.ts';
import type { ServerSnapshot } from './core/parameter-server.ts';
import { resolveOptions } from './core/policy/options.ts';
import type { RunRecord } from './core/metrics.ts';
import { PLAIN_SAMPLING } from './core/policy/policy.ts';
import { policyNamed } from './core/policy/registry.ts';
import type { RunEnvironment } from './core/run-row.ts';
import { RunTotals } from './core/totals.ts';
import { compare } from './control-plane/comparison.ts';
import { Desk, type DeskHost } from './control-plane/desk/desk.ts';
import { chosenDoor } from './control-plane/desk/settings-file.ts';
import { type Devices, openDeviceInventory } from './control-plane/devices.ts';
import { exportModel } from './control-plane/model-export.ts';
import { openElsewhere } from './control-plane/open-elsewhere.ts';
import { browserPrinter, pdfObstacle, type PdfPrinter } from './control-plane/pdf.ts';
import { crewOf, readCrew } from './control-plane/crew-file.ts';
import { type PreparedRun, prepareRun } from './control-plane/preparation.ts';
import { type Programs, sourcePrograms } from './control-plane/programs.ts';
import { replayRun } from './control-plane/replay-run.ts';
import { writeReports } from './control-plane/report-files.ts';
import { loadSnapshot, refold } from './control-plane/resumption.ts';
import { RunSession } from './control-plane/run-session.ts';
import { deviceWorker, recruitWorker, type RunWorker, workersOf } from './control-plane/run-workers.ts';
import { SimulatedSession } from './control-plane/simulated-session.ts';
import { VERSION } from './control-plane/version.ts';
import { chooseEngine, type EngineChoice } from './learn/choose-engine.ts';
import type { EngineName } from './learn/engine.ts';
import { startEvaluator } from './learn/evaluator.ts';
import { LocalLauncher } from './provision/local.ts';
import { SESSION_ONLY, type Vault } from './provision/secrets/vault.ts';
import { comparisonFormat } from './report/comparison-table.ts';
import { serverCertificate } from './server/certificate.ts';
import { loadCluster } from './sim/cluster-file.ts';
import { clusterFromRun } from './sim/profile.ts';
import { locateHome } from './store/home.ts';
import { openStore, type Store } from './store/runs.ts';

/** @throws CAD-HOME-READONLY, CAD-STORE-CORRUPT */
export function createControlPlane(environment: NodeJS.ProcessEnv, host: Partial<HostServices> = {}): ControlPlaneApi {
  const store = openStore(locateHome({ env: environment }));
  return new ControlPlane(store, servicesFor(environment, host), environment);
}

/** The control plane for windows. @throws CAD-HOME-READONLY, CAD-STORE-CORRUPT */
export function createDesk(
  environment: NodeJS.ProcessEnv,
  shell: Pick<DeskHost, 'host'> & { capabilities: Omit<Capabilities, 'writesPdf' | 'pdfObstacle'> },
  services: Partial<HostServices> = {},
): Desk {
  const store = openStore(locateHome({ env: environment }));
  const host = servicesFor(environment, services);
  const obstacle = services.printPdf === undefined ? pdfObstacle(environment) : null;
  const controlPlane = new ControlPlane(store, host, environment);
  return new Desk({
    ...{ controlPlane, store, devices: controlPlane.devices },
    host: shell.host,
    capabilities: { ...shell.capabilities, writesPdf: obstacle === null, pdfObstacle: obstacle },
    datasetProgram: host.programs.datasets,
  });
}

/** What the program's host can do better than the control plane alone. */
export interface HostServices {
  printPdf: PdfPrinter;
  programs: Programs;
  /** Where passwords and passphrases may be kept for longer than the program runs. */
  vault: Vault;
  /** Words for the user that belong to no run and no device, such as lines of known_hosts that were passed over. */
  warn: (text: string) => void;
}

function servicesFor(environment: NodeJS.ProcessEnv, host: Partial<HostServices>): HostServices {
  const own = { printPdf: browserPrinter(environment), programs: sourcePrograms(), vault: SESSION_ONLY };
  return { ...own, warn: () => undefined, ...host };
}

class ControlPlane implements ControlPlaneApi {
  readonly #store: Store;
  readonly #host: HostServices;
  readonly #environment: NodeJS.ProcessEnv;
  #devices: Devices | undefined;

  constructor(store: Store, host: HostServices, environment: NodeJS.ProcessEnv) {
    this.#store = store;
    this.#host = host;
    this.#environment = environment;
  }

  get devices(): Devices {
    const { programs, vault, warn } = this.#host;
    const parts = { home: this.#store.home, environment: this.#environment, programs, vault, onWarning: warn };
    this.#devices ??= openDeviceInventory(parts);
    return this.#devices;
  }

  async startRun(input: RunConfigInput, observer: RunObserver): Promise<RunHandle> {
    // What a run does not say of its door, its user has said once for all.
    const config = parseRunConfig({ ...input, server: { ...chosenDoor(this.#store.home), ...input.server } });
    const prepared = await this.#prepare(config, observer);
    const { engine } = await this.#engineFor(prepared, observer);
    refuseUnwanted(observer);
    const workers = workersOf(config, engine, new LocalLauncher(this.#host.programs), this.devices);
    const run = this.#store.createRun({
      config,
      options: prepared.plan.options,
      environment: environmentOf(engine),
      ...(config.name !== undefined && { name: config.name }),
    });
    try {
      return await this.#session(
        run,
        prepared,
        { engine, workers },
        observer,
        totalsFor(run, { config: prepared.config, parameters: prepared.layout.size, virtual: false }),
      );
    } catch (error) {
      this.#store.discardRun(run);
      throw error;
    }
  }

  async resumeRun(wanted: string, observer: RunObserver): Promise<RunHandle> {
    const { run, config, status, error: ending } = this.#store.findRun(wanted);
    if (status === 'completed') {
      throw new CaduceusError('CAD-CONFIG', `run ${run} is completed`, 'Start a new run with other settings.');
    }
    if (ending?.code === 'CAD-DIVERGED') {
      throw new CaduceusError(
        'CAD-CONFIG',
        `run ${run} diverged, and would again with the same settings`,
        'Start a new run with a smaller learning rate.',
      );
    }
    // Said before minutes of preparation, and looked at again when it is taken over.
    if (status === 'running' || status === 'paused') throw trainedElsewhere(run);
    const prepared = await this.#prepare(parseRunConfig(config), observer);
    const resumed = await loadSnapshot(this.#store, run, prepared.layout.size);
    const { engine } = await this.#engineFor(prepared, observer);
    refuseUnwanted(observer);
    const workers = this.#crewOf(run, prepared, engine, observer);
    this.#store.reopenRun(run);
    const totals = totalsFor(run, { config: prepared.config, parameters: prepared.layout.size, virtual: false });
    try {
      refold(this.#store, run, resumed.state.elapsedMs, totals);
      return await this.#session(run, prepared, { engine, workers }, observer, totals, resumed);
    } catch (error) {
      this.#store.finish(run, { status: 'interrupted' });
      throw error;
    }
  }

  measuredCluster(wanted: string): Cluster {
    const { run, result, config } = this.#store.findRun(wanted);
    if (result === null) {
      throw new CaduceusError(
        'CAD-RUN-UNFINISHED',
        `run ${run} has no result to measure its devices by`,
        'Choose a completed run.',
      );
    }
    const records = (['iteration', 'push', 'evaluation', 'decision'] as const).flatMap((kind): RunRecord[] => [
      ...this.#store.records(run, kind),
    ]);
    const { name, options, sampling } = policyNamed(config.policy);
    const { probe, probeSize } = sampling?.(resolveOptions(name, options, config.options)) ?? PLAIN_SAMPLING;
    return clusterFromRun({ result, batch: config.batch, records, probeRows: probe === 'fixed' ? probeSize : 0 });
  }

  async simulate({ cluster, config: input, timingOnly }: SimulateRequest, observer: RunObserver): Promise<RunHandle> {
    const config = parseRunConfig(input);
    const devices = typeof cluster === 'string' ? loadCluster(cluster) : cluster;
    const job = { config, cluster: devices, timingOnly };
    const { name, options } = policyNamed(config.policy);
    const run = this.#store.createRun({
      config,
      options: resolveOptions(name, options, config.options),
      environment: environmentOf('wasm'),
      simulation: { cluster: devices, timingOnly },
      ...(config.name !== undefined && { name: config.name }),
    });
    try {
      const totals = totalsFor(run, { config, parameters: modelLayout(modelOf(config)).size, virtual: true });
      const { programs } = this.#host;
      return await SimulatedSession.start({ run, job, store: this.#store, totals, observer, programs });
    } catch (error) {
      this.#store.discardRun(run);
      throw error;
    }
  }

  compare(request: CompareRequest, observer: ComparisonObserver): ComparisonHandle {
    const controller = new AbortController();
    const { processes } = request;
    const means = {
      programs: this.#host.programs,
      signal: controller.signal,
      ...(processes !== undefined && { processes }),
    };
    return {
      whenDone: compare(request, observer, means),
      stop: () => controller.abort(),
    };
  }

  comparisonTable(rows: readonly ComparisonRow[], format: string): string {
    return comparisonFormat(format)(rows);
  }

  listRuns(limit: number): RunSummary[] {
    return this.#store.listRuns({ limit });
  }

  findRun(run: string): RunSummary {
    return this.#store.findRun(run);
  }

  writeReports(request: ReportRequest, observer?: ReportObserver): Promise<string[]> {
    return writeReports(this.#store, request, this.#host, observer);
  }

  exportModel(run: string, path: string): string {
    return exportModel(this.#store, run, path);
  }

  replay(run: string, observer?: ReplayObserver): Promise<ReplayResult> {
    return replayRun(this.#store, run, observer);
  }

  close(): void {
    void this.#devices?.close();
    this.#store.close();
  }

  async #prepare(config: RunConfig, observer: RunObserver): Promise<PreparedRun> {
    observer.onStage?.(`Preparing the rows of ${config.dataset.name}`);
    const prepared = await prepareRun(config, openElsewhere(this.#host.programs.datasets, observer.signal));
    refuseUnwanted(observer);
    return prepared;
  }

  async #engineFor({ model, config }: PreparedRun, observer: RunObserver): Promise<EngineChoice> {
    const { agent: entry, node: execPath } = this.#host.programs;
    if (!existsSync(entry)) {
      throw new CaduceusError('CAD-WORKER-START', `there is no worker agent at ${entry}`, 'Build it: npm run build');
    }
    const { engine: preferred } = config.workers;
    const choice = await chooseEngine({ model, batch: config.batch, entry, execPath, ...(preferred && { preferred }) });
    const passedOver = choice.outcomes
      .filter(({ outcome }) => outcome !== 'ok')
      .map(({ engine, outcome }) => `${engine} ${outcome}`);
    observer.onStage?.(
      `Engine ${choice.engine}: ${Math.round(choice.samplesPerSecond).toLocaleString('en-US')} samples/s of ` +
        `${model.name} on one core${passedOver.length > 0 ? ` (${passedOver.join(', ')})` : ''}`,
    );
    return choice;
  }

  /** Of a run that goes on: whoever it had last, as far as they are still there. */
  #crewOf(run: string, { config }: PreparedRun, engine: EngineName, observer: RunObserver): RunWorker[] {
    const local = new LocalLauncher(this.#host.programs);
    const entries = readCrew(this.#store.runDirectory(run));
    return crewOf(workersOf(config, engine, local, this.devices), entries, ({ name, device: id, speed }) => {
      if (id === undefined) return { name, launcher: local, engine, ...(speed !== undefined && { speed }) };
      const device = this.devices.list().find((each) => each.id === id && each.deployment !== null);
      if (device) return deviceWorker(device, this.devices.launcherFor(device), config.workers.engine);
      observer.onStage?.(`The device ${name} is not there any more: the run goes on without it`);
      return undefined;
    });
  }

  async #session(
    run: string,
    prepared: PreparedRun,
    { engine, workers }: { engine: EngineName; workers: readonly RunWorker[] },
    observer: RunObserver,
    totals: RunTotals,
    resumed?: ServerSnapshot,
  ): Promise<RunHandle> {
    const { model, validation, test } = prepared;
    const evaluator = await startEvaluator({ engine, model, validation, test }, this.#host.programs);
    if (observer.signal?.aborted) await evaluator.close();
    refuseUnwanted(observer);
    const store = this.#store;
    const certificate = () => serverCertificate(store.home, Date.now());
    const recruit = (wanted: NewWorker, taken: ReadonlySet<string>): RunWorker =>
      recruitWorker(wanted, taken, prepared.config, engine, new LocalLauncher(this.#host.programs), this.devices);
    const parts = { run, prepared, workers, store, evaluator, totals, observer, certificate, recruit };
    return RunSession.start({ ...parts, ...(resumed && { resumed }) });
  }
}

function trainedElsewhere(run: string): CaduceusError {
  return new CaduceusError(
    'CAD-RUN-UNFINISHED',
    `run ${run} is being trained by another process`,
    'Stop it there, or wait until it ends.',
  );
}

function refuseUnwanted({ signal }: RunObserver): void {
  if (!signal?.aborted) return;
  throw new CaduceusError('CAD-INTERRUPTED', 'stopped by its user before training began', 'Start it again.');
}

function totalsFor(
  run: string,
  { config, parameters, virtual }: { config: RunConfig; parameters: number; virtual: boolean },
): RunTotals {
  return new RunTotals({
    run,
    policy: config.policy,
    model: config.model,
    dataset: config.dataset.name,
    seed: config.seed,
    virtual,
    parameters,
    targetAccuracy: config.stop.targetAccuracy,
  });
}

function environmentOf(engine: string): RunEnvironment {
  return {
    caduceus: VERSION,
    node: process.versions.node,
    system: `${platform()} ${release()} ${arch()}`,
    cpus: availableParallelism(),
    engine,
  };
}
